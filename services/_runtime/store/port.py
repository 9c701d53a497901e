"""The event store as a port: what every implementation promises. PostgreSQL and memory pass one behavioural suite."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from services._runtime.errors import Retryable, RuntimeFault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from contracts.envelope import ClockKind, FeedEvent, RecordedEvent


@dataclass(frozen=True, slots=True)
class SealedPart:
    """The personal fields of one event under one key: ciphertext (replaced by rotation, deleted by erasure) and commitment.

    `commitment` is the 32-byte HMAC of the plaintext; it stays when the ciphertext is erased, so that the digest still proves.
    """

    key_id: UUID
    ciphertext: bytes
    commitment: bytes


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event ready to be stored: its final bytes and digest, and its sealed parts in the order of the commitment."""

    recorded: RecordedEvent
    sealed: tuple[SealedPart, ...] = ()


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """An event as read back from its stream, with what is left of its sealed parts (ciphertexts only, by key)."""

    position: int
    recorded: RecordedEvent
    sealed: tuple[tuple[UUID, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class StreamAppend:
    """New events for one stream, decided on `expected_version` (0 = the stream does not exist yet). May hold no events."""

    stream_id: str
    expected_version: int
    events: tuple[NewEvent, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """An idempotency key of a client, and the HMAC of the body it came with."""

    client: str
    key: str
    body_hmac: bytes


@dataclass(frozen=True, slots=True)
class KnownRequest:
    """A request that was answered before: its body's HMAC, and per stream, by stream id, the versions (after, up to) it led to."""

    body_hmac: bytes
    outcomes: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One delivery as one consumer handled it. `refused` holds the refusal's code where the decider refused: an outcome, not poison."""

    consumer: str
    event_id: UUID
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """Wake `kind` for `stream_id` when `clock` reaches `due_at`. The id is derived, so that setting it twice sets it once."""

    timer_id: UUID
    kind: str
    stream_id: str
    due_at: datetime
    clock: ClockKind


@dataclass(frozen=True, slots=True)
class Reservation:
    """The one value of a kind that a stream holds from now on; no other stream of the service may hold it meanwhile.

    `value` is an HMAC of 32 bytes whose key lies outside the database; None gives back what the stream held.
    """

    kind: str
    value: bytes | None
    stream_id: str


@dataclass(frozen=True, slots=True)
class Append:
    """Everything one command stores, in one transaction: all or nothing.

    `settled_timers` are ids of timers that this command makes pointless or has served. `reservations` holds one at most for each
    of its streams and kinds.
    """

    streams: tuple[StreamAppend, ...]
    request: Request | None = None
    inbox: InboxEntry | None = None
    timers: tuple[Timer, ...] = ()
    settled_timers: tuple[UUID, ...] = ()
    reservations: tuple[Reservation, ...] = ()


class ConcurrencyError(RuntimeFault):
    """A stream is not at the expected version; `unseen` are the events the caller has not seen."""

    def __init__(self, stream_id: str, expected: int, actual: int, unseen: Sequence[StreamEvent]) -> None:
        """Keep what changed since."""
        super().__init__(f"{stream_id} is at version {actual}, expected {expected}")
        self.stream_id = stream_id
        self.expected = expected
        self.actual = actual
        self.unseen = tuple(unseen)


class RequestRepeated(RuntimeFault):
    """This client already used this idempotency key: `known` says with what outcome."""

    def __init__(self, known: KnownRequest) -> None:
        """Keep the earlier outcome, from which the answer is rebuilt."""
        super().__init__("the idempotency key was used before")
        self.known = known


class ValueTaken(RuntimeFault):
    """Another stream holds a value that this append wanted to reserve. It is not said which stream."""

    def __init__(self, kind: str) -> None:
        """Keep what kind of value it was."""
        super().__init__(f"another stream holds this {kind}")
        self.kind = kind


class AlreadyHandled(RuntimeFault):
    """This consumer already handled this event."""


class ClockSkew(Retryable):
    """`recorded_at` is further than 5 s from the database's clock: it waited too long, or this machine's clock is wrong.

    Nothing was stored. The same succeeds with a fresh moment, once there is no queue or the clock is right.
    """


class EventStore(Protocol):
    """One service's events. All reads see only what is committed."""

    async def load(self, stream_id: str, *, after: int = 0) -> list[StreamEvent]:
        """Return the stream's events with a version above `after`, in order; empty for an unknown stream."""
        ...

    async def append(self, append: Append) -> None:
        """Store everything or nothing, in one round trip.

        Raises `RequestRepeated`, `AlreadyHandled` (checked before versions, in this order), `ConcurrencyError`, `ValueTaken` and
        `SubjectErased` (checked after versions), `ClockSkew` where recorded_at on the system clock is further than 5 s from the store's,
        `EventTooLarge`;
        `ValueError` where it breaks another rule (demonstration clock not allowed, not later than the stream's last).
        """
        ...

    async def release(self, stream_id: str) -> int:
        """Give back every value that a stream has reserved, without an event; return how many: for its person's erasure."""
        ...

    async def known_request(self, client: str, key: str) -> KnownRequest | None:
        """Return what this client's idempotency key led to, or None."""
        ...

    async def handled(self, consumer: str, event_id: UUID) -> bool:
        """Tell whether this consumer's inbox holds the event."""
        ...

    async def record_outcome(self, entry: InboxEntry) -> None:
        """Write an inbox row that no append goes with (a refusal, or nothing to do). Repeats are ignored."""
        ...

    async def feed(self, *, after: int, limit: int, generation: int | None = None) -> list[FeedEvent]:
        """Return the feed of one generation (None: the present one) above position `after`, in order, at most `limit` events.

        An older generation ends where `feed_ends` says: what a store fed beyond that after a restore is fed again in the next one.
        """
        ...

    async def feed_ends(self) -> dict[int, int]:
        """Return where the feed of each generation ends (0: it holds nothing), oldest first; only the last one still grows."""
        ...

    async def feed_head(self) -> tuple[int, int, bytes]:
        """Return (present generation, its last feed position or 0, its last chain or 32 zero bytes)."""
        ...

    async def sealed_parts(self, event_ids: Sequence[UUID]) -> dict[UUID, tuple[tuple[UUID, bytes], ...]]:
        """Return the sealed parts (key id, ciphertext) of these events; events without any are absent."""
        ...

    async def events(self, event_ids: Sequence[UUID]) -> dict[UUID, StreamEvent]:
        """Return these events, with their sealed parts, at once; those that there are not are absent."""
        ...

    async def streams(self, category: str) -> list[str]:
        """Return the ids of all streams of a category, in no order: for what is few, such as erasures."""
        ...

    async def erase(self, key_ids: Collection[UUID]) -> None:
        """Delete everything that these keys sealed, and refuse with `SubjectErased` whatever else they seal, also if it is on its way.

        Their keys are destroyed before. Digests, commitments and all else stay as they are. The same when repeated.
        """
        ...

    async def due_timers(self, now: datetime, *, limit: int = 100) -> list[Timer]:
        """Return unsettled timers that are due, earliest first.

        Those on the demonstration clock are due by the latest `recorded_at` of the store's demonstration events; others by `now`.
        """
        ...

    async def settle_timer(self, timer_id: UUID) -> None:
        """Mark a timer as served although no append went with it. Repeats are ignored."""
        ...

    def wakes(self) -> AsyncIterator[None]:
        """Yield after commits (coalesced, at most one per 5 ms), and at least once a second all the same."""
        ...

    def feed_wakes(self) -> AsyncIterator[None]:
        """Yield after the feed has grown (coalesced as above), and at least once a second all the same."""
        ...


class Sequencer(Protocol):
    """Gives committed events their dense feed positions. One leader at a time; a stale leader changes nothing."""

    async def sequence(self, *, limit: int = 1000) -> int:
        """Move up to `limit` outbox rows into the feed, in position order, chained; return how many. Raises `NotLeader`."""
        ...


class NotLeader(RuntimeFault):
    """Another process leads this work now; stop doing it and try to lead later."""
