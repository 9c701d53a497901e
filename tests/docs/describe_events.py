"""Describes what travels: one table per service, from the contracts themselves."""

from __future__ import annotations

import inspect
from itertools import groupby
from typing import TYPE_CHECKING

import contracts.intake
import contracts.pathways
import contracts.tutors  # noqa: F401 - importing publishes
from contracts.event import published_events
from contracts.topics import topic_of
from tests.docs.tables import code, row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.event import Event

_HEAD = """# Events

Every event that a service publishes. *Clear* fields travel, in the record's body; *sealed* fields never leave the service's store:
each is encrypted under the key of the person it is about and of its data class, and the body has no trace of it. The envelope (who,
when, where, why, digests) travels as CloudEvents attributes: [Envelope and digest](../explanation/envelope-and-digest.md). The
schemas and an AsyncAPI document are in `contracts/schemas/`.
"""


def events_page() -> str:
    """Return the page."""
    events = [event for event in published_events() if event.__module__.startswith("contracts.")]
    return "\n".join((_HEAD, *_services(events)))


def _services(events: list[type[Event]]) -> Iterator[str]:
    for service, emitted in groupby(events, key=lambda event: event.type_name.partition(".")[0]):
        yield f"## {service.capitalize()}: topic `{topic_of(service)}`\n"
        yield row("Event", "Version", "What it says", "Clear", "Sealed")
        yield row(*["---"] * 5)
        for event in emitted:
            clear = [code(name) for name in event.model_fields if name not in event.personal_fields]
            yield row(code(event.type_name), str(event.schema_version), _first_line(event), " ".join(clear), _sealed(event))
        yield ""


def _first_line(event: type[Event]) -> str:
    return inspect.cleandoc(event.__doc__ or "").partition("\n")[0]


def _sealed(event: type[Event]) -> str:
    by_class: dict[str, list[str]] = {}
    for name, mark in event.personal_fields.items():
        by_class.setdefault(mark.data_class.value, []).append(code(name))
    return "; ".join(f"{data_class}: {' '.join(names)}" for data_class, names in by_class.items())
