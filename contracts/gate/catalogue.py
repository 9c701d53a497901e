"""Everything that is published, as committed and as the code has it: event versions, headers of the envelope, topics."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.describing import Json, asyncapi, name_of, wire_schema
from contracts.gate.shape import fingerprint
from contracts.gate.version import breaks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from contracts.event import Event

ASYNCAPI = "asyncapi.json"
_WAY_OUT = "Restore {name}, and publish the change as version {next} with an upcaster in contracts/upcasters.py."


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What is published at one moment: `events` by their published names; `headers` and `topics` as the AsyncAPI document has them."""

    events: Mapping[str, Json]
    headers: Json
    topics: Mapping[str, Json]

    @property
    def parts(self) -> dict[str, str]:
        """Return the fingerprint of everything that may never change, by the name under which the lock keeps it."""
        required = self.headers.get("required", ())
        headers = {f"header:{name}": {**one, "required": [name] * (name in required)} for name, one in self.headers["properties"].items()}
        topics = {f"topic:{topic['address']}": topic for topic in self.topics.values()}
        return {name: fingerprint(one) for name, one in (*self.events.items(), *headers.items(), *topics.items())}

    def within(self, names: Collection[str]) -> Catalogue:
        """Return of it what is named as in `parts`."""
        headers = [header for header in self.headers["properties"] if f"header:{header}" in names]
        return Catalogue(
            events={name: schema for name, schema in self.events.items() if name in names},
            headers={
                "properties": {name: self.headers["properties"][name] for name in headers},
                "required": [name for name in self.headers.get("required", ()) if name in headers],
            },
            topics={emitter: topic for emitter, topic in self.topics.items() if f"topic:{topic['address']}" in names},
        )


def of_code(events: Iterable[type[Event]]) -> Catalogue:
    """Return what the code publishes."""
    every = tuple(events)
    return _catalogue({name_of(event): wire_schema(event) for event in every}, asyncapi(every))


def committed(folder: Path) -> Catalogue:
    """Return what a folder of schemas publishes."""
    schemas = {file.stem: json.loads(file.read_text()) for file in sorted(folder.glob("*.v*.json"))}
    return _catalogue(schemas, json.loads((folder / ASYNCAPI).read_text()))


def _catalogue(schemas: Mapping[str, Json], document: Json) -> Catalogue:
    topics = {name: {"address": one["address"], **one["bindings"]["kafka"]} for name, one in document["channels"].items()}
    return Catalogue(schemas, document["components"]["messageTraits"]["envelope"]["headers"], topics)


def catalogue_breaks(was: Catalogue, now: Catalogue, upcasters: Collection[tuple[str, int]]) -> list[str]:
    """Return every reason why the code `now` would not read or be read by what `was` published; empty where all survives."""
    return [*_events(was, now), *_chains(now, upcasters), *_headers(was.headers, now.headers), *_topics(was, now)]


def event_breaks(name: str, was: Json, now: Json) -> list[str]:
    """Return why a version may not change as it did, each with the way out."""
    _, version = _split(name)
    way_out = _WAY_OUT.format(name=name, next=version + 1)
    return [f"{name}: {reason}. {way_out}" for reason in breaks(was, now)]


def _events(was: Catalogue, now: Catalogue) -> Iterator[str]:
    new = {name: schema for name, schema in now.events.items() if name not in was.events}
    for name, schema in was.events.items():
        if name in now.events:
            yield from event_breaks(name, schema, now.events[name])
        else:
            yield _vanished(name, schema, new)


def _vanished(name: str, schema: Json, new: Mapping[str, Json]) -> str:
    emitter, _, event = name.partition(".")
    for other in new:
        elsewhere, _, same = other.partition(".")
        if same == event:
            return (
                f"{name}: {elsewhere} emits it now, but its stored events have the old name, and its readers wait at ancora.{emitter}. "
                f"Restore it; {other} may be published beside it."
            )
    for other, shape in new.items():
        if fingerprint(shape) == fingerprint(schema):
            return f"{name}: it was renamed to {other}: stored events have the old name, and readers wait for it. Restore the name."
    return f"{name}: it is published no longer: nobody could read its stored events. Restore its class; a version is never withdrawn."


def _chains(now: Catalogue, upcasters: Collection[tuple[str, int]]) -> Iterator[str]:
    versions: dict[str, set[int]] = {}
    for name in now.events:
        type_name, version = _split(name)
        versions.setdefault(type_name, set()).add(version)
    for type_name, known in versions.items():
        for version in range(1, max(known) + 1):
            if version not in known:
                yield f"{type_name}: version {max(known)} is published without version {version}: versions rise by one."
            elif version < max(known) and (type_name, version) not in upcasters:
                yield f'{type_name}: nothing leads from version {version} to {version + 1}. Add ("{type_name}", {version}) to UPCASTERS.'
    for type_name, version in upcasters:
        if {version, version + 1} - versions.get(type_name, set()):
            yield f"{type_name}: an upcaster leads from version {version} to {version + 1}, and one of them is not published."


def _headers(was: Json, now: Json) -> Iterator[str]:
    required_before, required = was.get("required", ()), now.get("required", ())
    for name, shape in was["properties"].items():
        if name not in now["properties"]:
            yield f"header {name}: it was removed, and readers of before look for it. Restore it."
            continue
        if name in required_before and name not in required:
            yield f"header {name}: it may be absent now, and a reader of before takes a record without it for nobody's. Restore it."
        if name in required and name not in required_before:
            yield f"header {name}: it is required now, and records that lie in Kafka and in the journal may lack it. Keep it optional."
        yield from (f"header {name}: {reason}. Restore it." for reason in breaks(shape, now["properties"][name], name))
    for name in now["properties"]:
        if name not in was["properties"] and name in required:
            yield f"header {name}: it is new and required, and records that lie in Kafka and in the journal lack it. Make it optional."


def _topics(was: Catalogue, now: Catalogue) -> Iterator[str]:
    for emitter, topic in was.topics.items():
        changed = now.topics.get(emitter)
        if changed != topic:
            yield (
                f"topic {topic['address']}: it was {_said(topic)} and is {_said(changed)}: readers would wait elsewhere, "
                f"or keys lie on other partitions, out of order. A topic is never changed in place."
            )


def _said(topic: Any) -> str:  # noqa: ANN401 - JSON
    return "gone" if topic is None else ", ".join(f"{name} {value}" for name, value in sorted(topic.items()))


def _split(name: str) -> tuple[str, int]:
    type_name, _, version = name.rpartition(".v")
    return type_name, int(version)
