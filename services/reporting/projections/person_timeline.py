"""Everything that happened in a person's care, in the order in which it was recorded, with its cause. No personal value."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

from contracts.envelope import Precision
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query, Read, Reader


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event of a person, whichever service recorded it. `actor` is a pseudonym, `digest` proves the event."""

    person_id: UUID
    recorded_at: datetime
    event_id: UUID
    type: str
    occurred_on: date
    precision: Precision
    stream: str
    territory: str | None
    organisation: str | None
    actor: str
    causation: UUID | None
    digest: bytes
    municipality: str | None = None


def keys_of(fact: Fact) -> list[Key]:
    """Touch one row where the event's stream belongs to a person: the partition key is then that person's id."""
    try:
        person = UUID(fact.envelope.partition_key)
    except ValueError:
        return []
    return [(person, fact.envelope.recorded_at, fact.envelope.event_id)]


def evolve(_row: TimelineEntry | None, fact: Fact, key: Key) -> TimelineEntry:
    """Write the event's entry: an event happens once and never changes."""
    envelope = fact.envelope
    return TimelineEntry(
        person_id=cast("UUID", key[0]),
        recorded_at=envelope.recorded_at,
        event_id=envelope.event_id,
        type=envelope.type,
        occurred_on=envelope.occurred_on,
        precision=envelope.precision,
        stream=envelope.stream_id.partition("-")[0],
        territory=envelope.territory,
        organisation=envelope.responsible_organisation,
        actor=envelope.actor,
        causation=envelope.causation,
        digest=fact.digest,
        municipality=envelope.municipality,
    )


PERSON_TIMELINE = ReadModel(
    name="person_timeline",
    version=2,
    row=TimelineEntry,
    key=("person_id", "recorded_at", "event_id"),
    reads=None,
    keys_of=keys_of,
    evolve=evolve,
)


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page of a person's entries, and those of their causes that are the person's own, by event id."""

    entries: tuple[TimelineEntry, ...]
    causes: dict[UUID, TimelineEntry]


async def newest_of(reader: Reader, person: UUID) -> TimelineEntry | None:
    """Return the newest entry of a person's own record, which says who is responsible for them and where they are; None without any."""
    newest = Query(where={"person_id": person, "stream": "person"}, order=("recorded_at",), descending=True, limit=1)
    found = await reader.rows(PERSON_TIMELINE, newest)
    return found.value[0] if found.value else None


async def timeline_of(
    reader: Reader, person: UUID, *, after: tuple[datetime, UUID] | None, limit: int, types: Collection[str] | None = None
) -> Read[Timeline]:
    """Return at most `limit` entries recorded after the given one, of one moment and of these types; None means of all."""
    where: dict[str, object] = {"person_id": person} if types is None else {"person_id": person, "type": frozenset(types)}
    async with reader.snapshot() as moment:
        page = Query(where=where, after=None if after is None else (person, *after), limit=limit)
        found = await moment.rows(PERSON_TIMELINE, page)
        wanted = {entry.causation for entry in found.value if entry.causation is not None}
        causes = await moment.rows(PERSON_TIMELINE, Query(where=where | {"event_id": wanted}))
    return Read(found.position, Timeline(found.value, {entry.event_id: entry for entry in causes.value}))
