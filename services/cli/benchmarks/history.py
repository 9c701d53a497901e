"""A long history, written as store, sequencer, relay and ingester would have left it, but by COPY: a million events in a minute.

Every digest, link and chain is right, so that it verifies. No event has a personal field: with those, the measures would be of keys.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg

from contracts.cloudevents import to_headers
from contracts.envelope import NO_DIGEST, ClockKind, Envelope, FeedEvent, Precision, RecordedEvent, chain, digest
from contracts.intake import EligibilityAssessed, NoticeGiven, ProgrammeAdmitted, ProgrammeLeft, ReceptionExitRecorded
from contracts.intake_codes import AgeBand, EligibilityOutcome, LeaveReason, NoticeChannel, Sex
from contracts.topics import PARTITIONS, topic_of
from services._runtime.ids import new_event_id, new_id
from services._runtime.messaging.journal_postgres import JOURNAL_COLUMNS, journal_row
from services._runtime.messaging.partitioning import partition_of
from services._runtime.messaging.records import Record
from services._runtime.store.port import NewEvent
from services._runtime.store.postgres_codec import EVENT_COLUMNS, event_row
from services._runtime.store.sealing import clear_data

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = "intake"

_BATCH = 5_000
_NOBODY = UUID(int=0)
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
_PROVINCES = ("PR", "PC", "BO", "RE", "MO")
STORY = (
    NoticeGiven(beneficiary_id=_NOBODY, organisation="ciac", notice_version="1.0", how=NoticeChannel.IN_WRITING, mediator=True),
    ReceptionExitRecorded(beneficiary_id=_NOBODY, exited_on=date(2026, 1, 1)),
    EligibilityAssessed(
        beneficiary_id=_NOBODY,
        programme="ancora",
        policy_version="1.0",
        reference_date=date(2026, 1, 1),
        outcome=EligibilityOutcome.ELIGIBLE,
    ),
    ProgrammeAdmitted(
        beneficiary_id=_NOBODY,
        programme="ancora",
        policy_version="1.0",
        reference_date=date(2026, 1, 1),
        outcome=EligibilityOutcome.ELIGIBLE,
        sex=Sex.FEMALE,
        age_band=AgeBand.FROM_18_TO_60,
        international_protection=True,
    ),
    ProgrammeLeft(beneficiary_id=_NOBODY, programme="ancora", reason=LeaveReason.PROGRAMME_ENDED),
)
_TOLD = tuple((event.type_name, clear_data(event)) for event in STORY)


async def write(superuser_dsn: str, events: int) -> None:
    """Write a history of so many events of one service into an empty database: its store, its feed, and the journal."""
    connection = await asyncpg.connect(superuser_dsn)
    try:
        waiting = feed()
        for first in range(0, events, _BATCH):
            batch = list(islice(waiting, min(_BATCH, events - first)))
            recorded = [event_row(NewEvent(event.recorded)) for event in batch]
            await connection.copy_records_to_table("events", schema_name="store", columns=EVENT_COLUMNS, records=recorded)
            links = [(event.generation, event.feed_position, event.feed_position, event.chain) for event in batch]
            await connection.copy_records_to_table("feed", schema_name="store", records=links)
            lines = [journal_row(event.feed_position, record_of(event), event) for event in batch]
            await connection.copy_records_to_table("journal", schema_name="messaging", columns=JOURNAL_COLUMNS, records=lines)
        await connection.execute("analyze store.events, store.feed, messaging.journal")
    finally:
        await connection.close()


def feed() -> Iterator[FeedEvent]:
    """Yield a feed without end: five events for each of ever more persons."""
    link, position = NO_DIGEST, 0
    while True:
        person, previous = new_id(), NO_DIGEST
        for version, (type_name, data) in enumerate(_TOLD, 1):
            position += 1
            recorded = _recorded(person, version, type_name, data, previous, position)
            previous = recorded.digest
            link = chain(link, 1, position, previous)
            yield FeedEvent(recorded=recorded, source=SOURCE, generation=1, feed_position=position, chain=link)


def record_of(event: FeedEvent) -> Record:
    """Return the record that carries an event; its offset is its feed position, as if the partition had no other."""
    key = event.recorded.envelope.partition_key.encode()
    partition = partition_of(key, PARTITIONS)
    return Record(topic_of(event.source), partition, event.feed_position, key, tuple(to_headers(event)), event.recorded.data)


def _recorded(person: UUID, version: int, type_name: str, data: bytes, previous: bytes, position: int) -> RecordedEvent:
    name = str(person)
    envelope = Envelope(
        event_id=new_event_id(),
        type=type_name,
        schema_version=1,
        stream_id=f"person-{name}",
        stream_version=version,
        programme=None,
        actor="case-worker.ciac",
        actor_organisation="ciac",
        responsible_organisation="ciac",
        territory=_PROVINCES[person.int % len(_PROVINCES)],
        municipality=None,
        purpose="integration",
        correlation=new_id(),
        causation=None,
        occurred_on=date(2026, 1, 1),
        precision=Precision.DAY,
        recorded_at=_BEGINNING + timedelta(milliseconds=position),
        clock=ClockKind.SYSTEM,
        partition_key=name,
        previous_digest=previous,
    )
    told = data.replace(str(_NOBODY).encode(), name.encode())
    return RecordedEvent(envelope=envelope, data=told, commitment=b"", digest=digest(envelope, told, b""))
