"""The event store in memory: the same promises as on PostgreSQL, for tests and for trying a decider out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from contracts.envelope import NO_DIGEST, ClockKind, FeedEvent, chain
from services._runtime.clock import Clock, SystemClock
from services._runtime.store import rules
from services._runtime.store.keyring import SubjectErased
from services._runtime.store.port import (
    AlreadyHandled,
    Append,
    ClockSkew,
    ConcurrencyError,
    InboxEntry,
    KnownRequest,
    NotLeader,
    RequestRepeated,
    Reservation,
    StreamAppend,
    StreamEvent,
    Timer,
    ValueTaken,
)
from services._runtime.store.waking import MemoryWakes, Wakes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from contracts.envelope import Envelope


class MemoryEventStore:
    """One service's events in this process. Nothing awaits between a check and a write, so that an append is atomic."""

    def __init__(self, service: str, *, clock: Clock | None = None, demonstration: bool = False, wakes: Wakes | None = None) -> None:
        """Start empty. `clock` stands for the database's; `demonstration` allows events on the simulated clock."""
        self.service = service
        self._clock = clock or SystemClock()
        self._demonstration = demonstration
        self._wakes = wakes or MemoryWakes()
        self._grown = MemoryWakes()
        self._events: list[StreamEvent] = []
        self._by_id: dict[UUID, StreamEvent] = {}
        self._streams: defaultdict[str, list[StreamEvent]] = defaultdict(list)
        self._outbox: list[int] = []
        self._feeds: list[list[FeedEvent]] = [[]]
        self._requests: dict[tuple[str, str], KnownRequest] = {}
        self._inbox: dict[tuple[str, UUID], InboxEntry] = {}
        self._timers: dict[UUID, Timer] = {}
        self._settled: set[UUID] = set()
        self._erased: set[UUID] = set()
        self._reserved: dict[tuple[str, bytes], str] = {}
        self._epoch = 0

    async def load(self, stream_id: str, *, after: int = 0) -> list[StreamEvent]:
        """Return the stream's events with a version above `after`, in order."""
        return self._streams.get(stream_id, [])[after:]

    async def append(self, append: Append) -> None:
        """Store everything or nothing."""
        rules.check(append)
        if append.request and (known := self._requests.get((append.request.client, append.request.key))):
            raise RequestRepeated(known)
        if append.inbox and (append.inbox.consumer, append.inbox.event_id) in self._inbox:
            raise AlreadyHandled(append.inbox.consumer)
        for stream in rules.in_order(append.streams):
            self._check_against_head(stream)
        if any(part.key_id in self._erased for stream in append.streams for event in stream.events for part in event.sealed):
            raise SubjectErased
        for one in append.reservations:
            if one.value is not None and self._holder(one.kind, one.value, append) not in (None, one.stream_id):
                raise ValueTaken(one.kind)
        self._store(append)
        self._wakes.ring()

    async def release(self, stream_id: str) -> int:
        """Give back every value that a stream has reserved; return how many."""
        held = [value for value, holder in self._reserved.items() if holder == stream_id]
        for value in held:
            del self._reserved[value]
        return len(held)

    async def known_request(self, client: str, key: str) -> KnownRequest | None:
        """Return what this client's idempotency key led to, or None."""
        return self._requests.get((client, key))

    async def handled(self, consumer: str, event_id: UUID) -> bool:
        """Tell whether this consumer's inbox holds the event."""
        return (consumer, event_id) in self._inbox

    async def record_outcome(self, entry: InboxEntry) -> None:
        """Write an inbox row; repeats are ignored."""
        self._inbox.setdefault((entry.consumer, entry.event_id), entry)

    async def feed(self, *, after: int, limit: int, generation: int | None = None) -> list[FeedEvent]:
        """Return the feed of one generation above position `after`, in order."""
        found = self._feeds[-1] if generation is None else self._feeds[generation - 1]
        return found[after : after + limit]

    async def feed_ends(self) -> dict[int, int]:
        """Return where the feed of each generation ends, oldest first."""
        return {generation: len(feed) for generation, feed in enumerate(self._feeds, start=1)}

    async def feed_head(self) -> tuple[int, int, bytes]:
        """Return (present generation, its last feed position or 0, its last chain or 32 zero bytes)."""
        present = self._feeds[-1]
        return len(self._feeds), len(present), present[-1].chain if present else NO_DIGEST

    async def sealed_parts(self, event_ids: Sequence[UUID]) -> dict[UUID, tuple[tuple[UUID, bytes], ...]]:
        """Return the sealed parts of these events; events without any are absent."""
        found = ((event_id, self._by_id.get(event_id)) for event_id in event_ids)
        return {event_id: event.sealed for event_id, event in found if event is not None and event.sealed}

    async def events(self, event_ids: Sequence[UUID]) -> dict[UUID, StreamEvent]:
        """Return these events; those that there are not are absent."""
        found = ((event_id, self._by_id.get(event_id)) for event_id in event_ids)
        return {event_id: event for event_id, event in found if event is not None}

    async def streams(self, category: str) -> list[str]:
        """Return the ids of all streams of a category."""
        return [stream for stream, events in self._streams.items() if events and stream.startswith(f"{category}-")]

    async def erase(self, key_ids: Collection[UUID]) -> None:
        """Delete everything that these keys sealed, and refuse whatever else they seal."""
        self._erased |= set(key_ids)
        for at, event in enumerate(self._events):
            if any(key_id in self._erased for key_id, _ in event.sealed):
                kept = replace(event, sealed=tuple(part for part in event.sealed if part[0] not in self._erased))
                envelope = event.recorded.envelope
                self._events[at] = self._by_id[envelope.event_id] = kept
                self._streams[envelope.stream_id][envelope.stream_version - 1] = kept

    async def due_timers(self, now: datetime, *, limit: int = 100) -> list[Timer]:
        """Return unsettled timers that are due, earliest first."""
        simulated = max(
            (event.recorded.envelope.recorded_at for event in self._events if event.recorded.envelope.clock is ClockKind.DEMONSTRATION),
            default=None,
        )
        moments = {ClockKind.SYSTEM: now, ClockKind.DEMONSTRATION: simulated}
        waiting = (timer for timer in self._timers.values() if timer.timer_id not in self._settled)
        due = [timer for timer in waiting if (moment := moments[timer.clock]) is not None and timer.due_at <= moment]
        return sorted(due, key=lambda timer: (timer.due_at, timer.timer_id))[:limit]

    async def settle_timer(self, timer_id: UUID) -> None:
        """Mark a timer as served; repeats, and ids of no timer, are ignored."""
        self._settle(timer_id)

    def wakes(self) -> AsyncIterator[None]:
        """Yield after commits, and at least once a second."""
        return self._wakes.listen()

    def feed_wakes(self) -> AsyncIterator[None]:
        """Yield after the feed has grown, and at least once a second."""
        return self._grown.listen()

    def lead(self) -> int:
        """Begin a new epoch of the sequencer and return it; whoever led before is stale from now on."""
        self._epoch += 1
        return self._epoch

    def open_generation(self) -> None:
        """End the present generation's feed: what is sequenced from now on is position 1, 2, 3 … of a new one."""
        self._feeds.append([])

    def sequence(self, epoch: int, limit: int) -> int:
        """Move up to `limit` events into the feed; raises `NotLeader` when `epoch` is past."""
        if epoch != self._epoch:
            msg = f"epoch {epoch} is past: {self._epoch} leads"
            raise NotLeader(msg)
        taken, self._outbox = self._outbox[:limit], self._outbox[limit:]
        generation, feed = len(self._feeds), self._feeds[-1]
        for position in taken:
            recorded = self._events[position - 1].recorded
            place, link = len(feed) + 1, feed[-1].chain if feed else NO_DIGEST
            link = chain(link, generation, place, recorded.digest)
            feed.append(FeedEvent(recorded=recorded, source=self.service, generation=generation, feed_position=place, chain=link))
        if taken:
            self._grown.ring()
        return len(taken)

    def _holder(self, kind: str, value: bytes, append: Append) -> str | None:
        """Return the stream that would still hold the value once the append's streams have given back what they hold."""
        holder = self._reserved.get((kind, value))
        return None if any((one.kind, one.stream_id) == (kind, holder) for one in append.reservations) else holder

    def _check_against_head(self, stream: StreamAppend) -> None:
        history = self._streams.get(stream.stream_id, [])
        if len(history) != stream.expected_version:
            unseen = history[stream.expected_version :]
            raise ConcurrencyError(stream.stream_id, stream.expected_version, len(history), unseen)
        head = history[-1].recorded if history else None
        if not rules.follows_head(stream, head.digest if head else None):
            msg = f"the first new event of {stream.stream_id} is not chained to its last"
            raise ValueError(msg)
        for event in stream.events:
            self._check_clock(event.recorded.envelope)
            if head and event.recorded.envelope.recorded_at <= head.envelope.recorded_at:
                msg = f"recorded_at is not later than the last of {stream.stream_id}"
                raise ValueError(msg)

    def _check_clock(self, envelope: Envelope) -> None:
        if envelope.clock is ClockKind.DEMONSTRATION:
            if not self._demonstration:
                msg = "the demonstration clock is not allowed here"
                raise ValueError(msg)
        elif abs(envelope.recorded_at - self._clock.now()) > rules.SKEW:
            msg = "recorded_at differs from the store's clock by more than 5 s"
            raise ClockSkew(msg)

    def _store(self, append: Append) -> None:
        if any(event.recorded.envelope.event_id in self._by_id for stream in append.streams for event in stream.events):
            msg = "an event of this id is stored already"
            raise ValueError(msg)
        for stream in rules.in_order(append.streams):
            for event in stream.events:
                sealed = tuple(sorted((part.key_id, part.ciphertext) for part in event.sealed))
                stored = StreamEvent(len(self._events) + 1, event.recorded, sealed)
                self._events.append(stored)
                self._by_id[event.recorded.envelope.event_id] = stored
                self._streams[stream.stream_id].append(stored)
                self._outbox.append(stored.position)
        if append.request:
            known = KnownRequest(append.request.body_hmac, rules.outcomes(append))
            self._requests[append.request.client, append.request.key] = known
        if append.inbox:
            self._inbox[append.inbox.consumer, append.inbox.event_id] = append.inbox
        for timer in append.timers:
            self._timers.setdefault(timer.timer_id, timer)
        for timer_id in append.settled_timers:
            self._settle(timer_id)
        if append.reservations:
            self._reserve(append.reservations)

    def _reserve(self, wanted: Sequence[Reservation]) -> None:
        given_back = {(one.kind, one.stream_id) for one in wanted}
        self._reserved = {key: holder for key, holder in self._reserved.items() if (key[0], holder) not in given_back}
        self._reserved |= {(one.kind, one.value): one.stream_id for one in wanted if one.value is not None}

    def _settle(self, timer_id: UUID) -> None:
        if timer_id in self._timers:
            self._settled.add(timer_id)


class MemorySequencer:
    """Leads the feed of a store in memory from the moment it is made: the newest sequencer leads."""

    def __init__(self, store: MemoryEventStore) -> None:
        """Take the lead."""
        self._store = store
        self._epoch = store.lead()

    async def sequence(self, *, limit: int = 1000) -> int:
        """Move up to `limit` committed events into the feed; raises `NotLeader` once another sequencer was made."""
        return self._store.sequence(self._epoch, limit)
