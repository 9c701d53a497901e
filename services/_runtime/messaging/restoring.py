"""After a restore: how a store compares with what the world has seen of it, and what of that comes back into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.envelope import digest
from contracts.upcasters import decode
from services._runtime.store.port import InboxEntry
from services._runtime.store.reopening import DoesNotFollow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from uuid import UUID

    from contracts.envelope import FeedEvent
    from services._runtime.handling import TimerChanges, Timetable
    from services._runtime.messaging.journal import Journal
    from services._runtime.store.port import EventStore
    from services._runtime.store.reopening import Reopening

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Past:
    """A store beside what the journal has of it, from the store's present generation on.

    Up to feed position `agreed` both are the same; the store's feed goes on to `held`. `seen` says how far the journal has each
    generation from that one on.
    """

    source: str
    generation: int
    agreed: int
    held: int
    seen: Mapping[int, int]

    @property
    def lost(self) -> int:
        """Return how many events the world has seen that the store's feed does not hold."""
        return sum(self.seen.values()) - min(self.agreed, self.seen[self.generation])

    @property
    def diverged(self) -> bool:
        """Tell whether the store has fed other events, after its restore, where the world has seen those."""
        return bool(self.lost) and self.held > self.agreed


@dataclass(frozen=True, slots=True)
class Seen:
    """An event that the world has seen, for a person to look up: no value of its data. `sealed`: it had personal fields."""

    generation: int
    feed_position: int
    event_id: UUID
    type: str
    stream_id: str
    stream_version: int
    sealed: bool


def seen(event: FeedEvent) -> Seen:
    """Return what may be told of an event."""
    envelope = event.recorded.envelope
    return Seen(
        generation=event.generation,
        feed_position=event.feed_position,
        event_id=envelope.event_id,
        type=envelope.type,
        stream_id=envelope.stream_id,
        stream_version=envelope.stream_version,
        sealed=bool(event.recorded.commitment),
    )


async def compare(store: EventStore, journal: Journal, source: str, ended: Mapping[int, int]) -> Past:
    """Compare a store with the journal; `ended` says up to where earlier generations count, of those that have ended."""
    generation, held, _ = await store.feed_head()
    ends = await journal.feed_ends(source)
    present = {generation: ends.get(generation, 0)}
    reached = present | {later: min(end, ended.get(later, end)) for later, end in ends.items() if later >= generation}
    agreed = await _agreed(store, journal, source, generation, min(held, reached[generation]))
    return Past(source, generation, agreed, held, reached)


async def _agreed(store: EventStore, journal: Journal, source: str, generation: int, common: int) -> int:
    """Return the last position up to which both chains are the same: where they are, everything before is too."""

    async def same(position: int) -> bool:
        (ours,) = await store.feed(after=position - 1, limit=1, generation=generation)
        (theirs,) = await journal.feed(source, generation=generation, after=position - 1, limit=1)
        return ours.chain == theirs.chain

    lowest, highest = 0, common
    while lowest < highest:
        # The first guess is the whole: a restored store most often knows less, and nothing else.
        middle = highest if highest == common and lowest == 0 else (lowest + highest + 1) // 2
        if await same(middle):
            lowest = middle
        else:
            highest = middle - 1
    return lowest


async def lost_events(journal: Journal, past: Past) -> AsyncIterator[list[FeedEvent]]:
    """Yield what the world has seen and the store's feed does not hold, in order; each batch is of one generation."""
    for generation, end in past.seen.items():
        after = past.agreed if generation == past.generation else 0
        while after < end:
            batch = await journal.feed(past.source, generation=generation, after=after, limit=min(BATCH, end - after))
            yield batch
            after += len(batch)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to: the new generation; which events came back, and with them how many inbox rows and timers.

    `given_up` are those that the world has seen and the store will never hold again.
    """

    source: str
    generation: int
    adopted: tuple[Seen, ...] = ()
    given_up: tuple[Seen, ...] = ()
    handled: int = 0
    timers: int = 0


async def take_back(past: Past, journal: Journal, store: Reopening, *, consumer: str | None, timetable: Timetable) -> Restored:
    """Take back all that the world has seen, then open a new generation.

    `consumer` is the service's process manager, `timetable` its own: what they had noted is derived from the events that come back.
    Raises `DoesNotFollow`; what was done then must not be committed.
    """
    if past.diverged:
        raise DoesNotFollow(f"the feeds differ from position {past.agreed + 1} on")
    adopted: list[Seen] = []
    handled = timers = 0
    present, ends = past.generation, dict(past.seen) | {past.generation: max(past.held, past.seen[past.generation])}
    async for events in lost_events(journal, past):
        _vouch(events)
        while present < events[0].generation:
            present = await store.open(f"restored: generation {present} ended at {ends[present]}", ends[present])
        missing = await store.adopt(present, events)
        for event in events:
            if event.recorded.envelope.event_id in missing:
                adopted.append(seen(event))
                entry = _handled_for(event, consumer)
                handled += entry is not None and await store.handled(entry)
                timers += await store.change_timers(_timers_of(event, timetable))
    while present <= max(past.seen):
        present = await store.open(f"restored: {len(adopted)} events came back from the journal", ends[present])
    return Restored(past.source, present, tuple(adopted), handled=handled, timers=timers)


async def give_up(past: Past, journal: Journal, store: Reopening) -> Restored:
    """Take nothing back: open a new generation that goes on with what the store holds, from where both agree."""
    given_up = [seen(event) async for events in lost_events(journal, past) for event in events]
    present, ends = past.generation, past.agreed
    while present <= max(past.seen):
        present, ends = await store.open(f"restored: {len(given_up)} events that were seen are given up", ends), 0
    return Restored(past.source, present, given_up=tuple(given_up))


def _vouch(events: Sequence[FeedEvent]) -> None:
    """Raise `DoesNotFollow` where the journal's copy of an event is not what its digest says."""
    for event in events:
        recorded = event.recorded
        if digest(recorded.envelope, recorded.data, recorded.commitment) != recorded.digest:
            where = f"generation {event.generation} position {event.feed_position}"
            raise DoesNotFollow(f"the digest of {where} in the journal is not that of its bytes")


def _handled_for(event: FeedEvent, consumer: str | None) -> InboxEntry | None:
    """Return the delivery that an event shows to have been handled, by the service's process manager: its cause."""
    envelope = event.recorded.envelope
    if consumer is None or envelope.causation is None or envelope.actor != f"ancora.{event.source}":
        return None
    return InboxEntry(consumer, envelope.causation)


def _timers_of(event: FeedEvent, timetable: Timetable) -> TimerChanges:
    """Return the timers that an event set and settled when it was appended."""
    envelope = event.recorded.envelope
    return timetable(decode(envelope.type, envelope.schema_version, event.recorded.data), envelope)
