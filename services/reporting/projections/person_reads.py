"""Who saw a person's file: one entry for each answer of any service that told of them, and each that was refused to whoever asked."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast, get_args
from uuid import UUID

from contracts.access import AnyAccessRecorded
from contracts.access_codes import ReadOutcome
from contracts.personal import DataClass
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query, Read, Reader

RECORDS_OF_READS = tuple(event.type_name for event in get_args(AnyAccessRecorded))
"""The types of the events that record reads: what somebody saw is not what happened in anybody's care."""


@dataclass(frozen=True, slots=True)
class PersonRead:
    """One answer. `reader` is a pseudonym; `classes` are those of all whom the answer told of, this person among them."""

    person_id: UUID
    recorded_at: datetime
    event_id: UUID
    reader: str
    organisation: str
    role: str
    purpose: str
    action: str
    classes: tuple[DataClass, ...]
    outcome: ReadOutcome


def keys_of(fact: Fact) -> list[Key]:
    """Touch a row for each person of whom the answer told."""
    if not isinstance(fact.event, get_args(AnyAccessRecorded)):
        return []
    told = cast("AnyAccessRecorded", fact.event)
    return [(person, fact.envelope.recorded_at, fact.envelope.event_id) for person in told.subjects]


def evolve(_row: PersonRead | None, fact: Fact, key: Key) -> PersonRead:
    """Write the answer's entry: a read happens once and never changes."""
    envelope, told = fact.envelope, cast("AnyAccessRecorded", fact.event)
    return PersonRead(
        person_id=cast("UUID", key[0]),
        recorded_at=envelope.recorded_at,
        event_id=envelope.event_id,
        reader=envelope.actor,
        organisation=envelope.actor_organisation,
        role=told.role,
        purpose=envelope.purpose,
        action=told.action,
        classes=tuple(DataClass(code) for code in told.classes),
        outcome=told.outcome,
    )


PERSON_READS = ReadModel(
    name="person_reads",
    version=1,
    row=PersonRead,
    key=("person_id", "recorded_at", "event_id"),
    reads=get_args(AnyAccessRecorded),
    keys_of=keys_of,
    evolve=evolve,
)


async def reads_of(reader: Reader, person: UUID, *, after: tuple[datetime, UUID] | None, limit: int) -> Read[tuple[PersonRead, ...]]:
    """Return at most `limit` entries before the given one, the newest first."""
    page = Query(where={"person_id": person}, after=None if after is None else (person, *after), descending=True, limit=limit)
    return await reader.rows(PERSON_READS, page)
