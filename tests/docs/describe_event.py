"""Describes one event on a page of its own: what it says, its fields, who reads it, how it changed, and an invented example."""

from __future__ import annotations

import inspect
import json
from itertools import pairwise
from typing import TYPE_CHECKING

from contracts.describing import DATA_CLASS, SEALED, SUBJECT, Json, name_of, wire_schema
from contracts.gate.version import breaks
from contracts.topics import topic_of
from contracts.upcasters import UPCASTERS
from tests.contracts.publishing import EXAMPLES, SEALED_EXAMPLES
from tests.docs.kinds import kind_of
from tests.docs.readers_of import first_line, readers
from tests.docs.streams import streams
from tests.docs.suites_of import suites_of
from tests.docs.tables import code, row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contracts.event import Event

_INVENTED = """The body is what travels. What is sealed never does: it lies in the service's store, encrypted, and is shown here only
because this person is invented."""


def event_page(versions: Sequence[type[Event]]) -> str:
    """Return the page of an event, from all its versions, oldest first; fields and example are the newest's."""
    newest = versions[-1]
    parts = (_head(newest), _fields(newest), _readers(newest), _tests(newest), history(versions), _example(newest))
    return "\n".join(line for part in parts for line in part)


def _head(event: type[Event]) -> Iterator[str]:
    emitter = event.type_name.partition(".")[0]
    yield f"# `{event.type_name}`\n"
    yield inspect.cleandoc(event.__doc__ or "") + "\n"
    yield row("", "")
    yield row(*["---"] * 2)
    yield row("Emitted by", f"{emitter}, on topic {code(topic_of(emitter))}")
    if stream := streams().get(event.type_name):
        yield row("Stream", code(stream.name))
        yield row("Key", f"{code(stream.key)}: a person's events keep their order" if stream.key else "the stream's own name")
    yield row("CloudEvents type", code(f"ancora.{name_of(event)}"))
    yield row("Schema", f"[{name_of(event)}.json](../../../contracts/schemas/{name_of(event)}.json)")
    yield ""


def _fields(event: type[Event]) -> Iterator[str]:
    schema = wire_schema(event)
    sealed = schema.get(SEALED, {"properties": {}, "$defs": {}})
    definitions = sealed["$defs"] | schema["$defs"]
    yield "## Fields\n"
    yield row("Field", "Type", "Meaning", "Kept")
    yield row(*["---"] * 4)
    for name in event.model_fields:
        field = schema["properties"].get(name) or sealed["properties"][name]
        yield row(code(name), kind_of(field, definitions) + _absent(schema, name, field), field.get("description", ""), _kept(field))
    yield ""
    for name, one in definitions.items():
        if "properties" in one:
            yield from _value(name, one, definitions)


def _value(name: str, one: Json, definitions: Json) -> Iterator[str]:
    yield f"### `{name}`\n"
    yield f"{one.get('description', '')}\n"
    yield row("Field", "Type", "Meaning")
    yield row(*["---"] * 3)
    for inner, field in one["properties"].items():
        yield row(code(inner), kind_of(field, definitions) + _absent(one, inner, field), field.get("description", ""))
    yield ""


def _absent(schema: Json, name: str, field: Json) -> str:
    """Say what stands for a field that is absent, where it may be and that is not simply nothing."""
    if name in schema.get("required", ()) or field.get("default") is None:
        return ""
    return f"; {code(json.dumps(field['default']))} where absent"


def _kept(field: Json) -> str:
    return f"sealed: {field[DATA_CLASS]}, key of {code(field[SUBJECT])}" if DATA_CLASS in field else "clear"


def _readers(event: type[Event]) -> Iterator[str]:
    yield "## Read by\n"
    found = [reader for reader in readers() if reader.takes(event)]
    yield row("Service", "Reader", "What for")
    yield row(*["---"] * 3)
    for reader in found:
        every = " (every event)" if reader.reads is None else ""
        yield row(reader.service, f"{reader.kind} {code(reader.name)}{every}", reader.does)
    yield ""


def _tests(event: type[Event]) -> Iterator[str]:
    if found := suites_of(event):
        yield "## Tested by\n"
        yield row("Tests", "What they show")
        yield row(*["---"] * 2)
        for suite in found:
            yield row(f"[{code(suite.path)}](../../../{suite.path})", suite.does)
        yield ""


def history(versions: Sequence[type[Event]]) -> Iterator[str]:
    """Give the table of an event's versions: what each changed, and the upcaster that leads older events to it."""
    yield "## History\n"
    yield row("Version", "What changed", "How older events are read")
    yield row(*["---"] * 3)
    yield row(_schema_link(versions[0]), "first published", "" if len(versions) > 1 else "as they stand")
    for before, after in pairwise(versions):
        changes = [reason.partition(": ")[0] for reason in breaks(wire_schema(before), wire_schema(after))]
        upcaster = UPCASTERS[before.type_name, before.schema_version]
        yield row(_schema_link(after), "; ".join(changes), f"{code(upcaster.__name__)}: {first_line(upcaster)}")
    yield ""


def _schema_link(event: type[Event]) -> str:
    return f"[{event.schema_version}](../../../contracts/schemas/{name_of(event)}.json)"


def _example(event: type[Event]) -> Iterator[str]:
    yield "## Example\n"
    yield f"{_INVENTED}\n" if event.personal_fields else "The body as it travels, of an invented case.\n"
    yield from _json((EXAMPLES / f"{name_of(event)}.json").read_text())
    if event.personal_fields:
        yield "Sealed beside it:\n"
        yield from _json((SEALED_EXAMPLES / f"{name_of(event)}.json").read_text())


def _json(text: str) -> Iterator[str]:
    yield f"```json\n{json.dumps(json.loads(text), indent=2, ensure_ascii=False)}\n```\n"
