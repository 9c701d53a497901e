"""An accident of a store: the store as it was, the one that was restored from a backup of it, the journal of what was seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.envelope import NO_DIGEST, digest
from services._runtime.handling import TimerChanges
from services._runtime.ids import derived_id, new_id
from services._runtime.messaging.journal import Ingestion
from services._runtime.messaging.restoring import Past, compare
from services._runtime.store.port import Append, StreamAppend, Timer
from tests.runtime.messaging.worlds import SOURCE, readmitted, record_of
from tests.support.recorded import new_events
from tests.support.store_worlds import MemoryWorld, PostgresWorld

if TYPE_CHECKING:
    from uuid import UUID

    from contracts.envelope import Envelope, FeedEvent, RecordedEvent
    from contracts.event import Event
    from services._runtime.messaging.journal_memory import MemoryJournal
    from services._runtime.store.port import EventStore, NewEvent

_EVERYTHING = (
    "select * from store.events order by position",
    "select * from store.outbox order by position",
    "select * from store.feed order by generation, feed_position",
    "select * from store.generation order by generation",
    "select * from store.adopted order by position",
    "select * from store.inbox order by consumer, event_id",
    "select * from store.timer order by timer_id",
)
Worlds = tuple[MemoryWorld | PostgresWorld, ...]


@dataclass
class Restore:
    """The store as it was until the accident, the one that was restored from a backup of it, and the journal."""

    lost: MemoryWorld
    restored: PostgresWorld
    journal: MemoryJournal

    @property
    def both(self) -> Worlds:
        """Return both stores: what is written to them was there before the backup."""
        return self.lost, self.restored

    async def past(self) -> Past:
        """Compare."""
        return await compare(self.restored.store, self.journal, SOURCE, {})

    async def journalled(self) -> None:
        """Bring what the lost store has fed into the journal."""
        for generation in await self.lost.store.feed_ends():
            have = (await self.journal.feed_ends(SOURCE)).get(generation, 0)
            events = await self.lost.store.feed(after=have, limit=1000, generation=generation)
            await self.journal.write(Ingestion([(record_of(event), event) for event in events]))

    async def everything(self) -> list[list[tuple[object, ...]]]:
        """Return all that the restored store holds."""
        return [[tuple(row) for row in await self.restored.pool.fetch(table)] for table in _EVERYTHING]


async def happens(
    worlds: Worlds, stream: str, count: int = 1, *, sealed: int = 0, causation: UUID | None = None, sequenced: bool = True
) -> None:
    """Append the same events to each of the stores."""
    stored = await worlds[0].store.load(stream)
    events = new_events(stream, count, after=stored[-1].recorded if stored else None, sealed=sealed)
    told: list[NewEvent] = []
    for event in events:
        told.append(_real(event, told[-1].recorded if told else stored[-1].recorded if stored else None, causation))
    for world in worlds:
        await world.store.append(Append((StreamAppend(stream, len(stored), tuple(told)),)))
        if sequenced:
            await (await world.sequencer()).sequence()


def _real(event: NewEvent, before: RecordedEvent | None, causation: UUID | None) -> NewEvent:
    """Return the event with data that its contract reads, under the actor of reactions, linked to the one before it."""
    told = readmitted(new_id())
    envelope = replace(
        event.recorded.envelope,
        type=told.type_name,
        schema_version=told.schema_version,
        actor="ancora.intake",
        causation=causation,
        previous_digest=before.digest if before else NO_DIGEST,
    )
    data = told.model_dump_json().encode()
    own = digest(envelope, data, event.recorded.commitment)
    return replace(event, recorded=replace(event.recorded, envelope=envelope, data=data, digest=own))


def timetable(_event: Event, envelope: Envelope) -> TimerChanges:
    """Set a timer with each event, and settle that of the version before."""
    ids = [derived_id("timer", envelope.stream_id, envelope.stream_version - back) for back in (0, 1)]
    due = envelope.recorded_at + timedelta(days=1)
    return TimerChanges(set=(Timer(ids[0], "test", envelope.stream_id, due, envelope.clock),), settle=(ids[1],))


async def whole_feed(store: EventStore) -> list[FeedEvent]:
    """Return the feed of every generation, one after the other."""
    return [event for generation in await store.feed_ends() for event in await store.feed(after=0, limit=1000, generation=generation)]
