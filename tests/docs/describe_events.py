"""Describes what travels: an index of the events by emitter and by reader, and a page for each, from the contracts themselves."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from contracts.topics import topic_of
from tests.contracts.publishing import EVENTS
from tests.docs.describe_event import event_page
from tests.docs.readers_of import first_line, readers
from tests.docs.tables import code, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.event import Event
    from tests.docs.readers_of import Reader

_HEAD = """# Events

Every event that a service publishes, each with a page: fields, who reads it, history, example. *Clear* fields travel, in the
record's body; *sealed* fields never leave the service's store: each is encrypted under the key of the person it is about and of its
data class, and the body has no trace of it. The envelope (who, when, where, why, digests) travels as CloudEvents attributes:
[Envelope and digest](../../explanation/envelope-and-digest.md). A published version never changes: [Change a
contract](../../how-to/change-a-contract.md). A *code* is a word of small letters, digits, dots and dashes, of a list that reference data
or the methodology keep. All schemas, and an AsyncAPI document that refers to them, are in
[`contracts/schemas/`](../../../contracts/schemas/asyncapi.json).
"""


def events_by_type() -> dict[str, list[type[Event]]]:
    """Return the versions of each event, oldest first, by its type."""
    return {name: list(versions) for name, versions in groupby(EVENTS, key=lambda event: event.type_name)}


def event_pages() -> dict[str, list[type[Event]]]:
    """Return the name of each event's page, with the versions that it describes."""
    return {f"{name}.md": versions for name, versions in events_by_type().items()}


def page_of(name: str) -> str:
    """Return one event's page."""
    return event_page(event_pages()[name])


def events_index() -> str:
    """Return the index."""
    return "\n".join((_HEAD, *_by_emitter(), *_by_reader()))


def _by_emitter() -> Iterator[str]:
    newest = [versions[-1] for versions in events_by_type().values()]
    yield "## By emitter\n"
    for service, emitted in groupby(newest, key=lambda event: event.type_name.partition(".")[0]):
        yield f"### {service.capitalize()}: topic `{topic_of(service)}`\n"
        yield row("Event", "Version", "What it says", "Sealed")
        yield row(*["---"] * 4)
        for event in emitted:
            sealed = sorted({mark.data_class.value for mark in event.personal_fields.values()})
            yield row(_link(event.type_name), str(event.schema_version), first_line(event), ", ".join(sealed))
        yield ""


def _by_reader() -> Iterator[str]:
    yield "## By reader\n"
    yield "A process manager answers an event with a command; a read model folds it into rows that are shown.\n"
    for service, of_service in groupby(readers(), key=lambda reader: reader.service):
        yield f"### {service.capitalize()}\n"
        yield row("Reader", "What for", "Reads")
        yield row(*["---"] * 3)
        for reader in of_service:
            yield row(f"{reader.kind} {code(reader.name)}", reader.does, _reads(reader))
        yield ""


def _reads(reader: Reader) -> str:
    if reader.reads is None:
        return "every event of every service" if reader.everywhere else "every event of the service"
    return " ".join(_link(name) for name in sorted(reader.reads))


def _link(type_name: str) -> str:
    return f"[{code(type_name)}]({type_name}.md)"
