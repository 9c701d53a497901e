"""Makes stored events without a decider: envelopes, digests and sealed parts as the recorder would, for tests of the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from contracts.envelope import NO_DIGEST, ClockKind, Envelope, Precision, RecordedEvent, digest
from services._runtime.clock import SystemClock
from services._runtime.ids import new_event_id, new_id
from services._runtime.store.port import Append, NewEvent, SealedPart, StreamAppend
from services._runtime.store.sealing import commitment, commitments

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from services._runtime.store.port import EventStore, StreamEvent

INSTANT = timedelta(microseconds=1)
SIMULATED = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)


def new_stream() -> str:
    """Return the id of a stream that nobody has."""
    return f"person-{new_id()}"


def new_events(
    stream_id: str,
    count: int = 1,
    *,
    after: RecordedEvent | None = None,
    at: datetime | None = None,
    clock: ClockKind = ClockKind.SYSTEM,
    sealed: int = 0,
    data: bytes = b'{"sex":"f"}',
) -> tuple[NewEvent, ...]:
    """Return `count` events that follow `after`, recorded at `at` (now) or just later, each with `sealed` sealed parts."""
    moment = at or SystemClock().now()
    made: list[NewEvent] = []
    for _ in range(count):
        if after is not None:
            moment = max(moment, after.envelope.recorded_at + INSTANT)
        made.append(_new_event(stream_id, after, moment, clock, tuple(_part() for _ in range(sealed)), data))
        after = made[-1].recorded
    return tuple(made)


async def following(store: EventStore, stream_id: str, count: int = 1) -> StreamAppend:
    """Return an append of `count` events to where the stream is now."""
    stored = await store.load(stream_id)
    return following_loaded(stream_id, stored, count)


def following_loaded(stream_id: str, stored: Sequence[StreamEvent], count: int = 1) -> StreamAppend:
    """Return an append of `count` events to a stream of which `stored` is known."""
    return StreamAppend(stream_id, len(stored), new_events(stream_id, count, after=stored[-1].recorded if stored else None))


def opening(stream_id: str, count: int = 1) -> Append:
    """Return an append that opens a stream with `count` events."""
    return Append((StreamAppend(stream_id, 0, new_events(stream_id, count)),))


def altered(event: NewEvent, *, event_id: UUID | None = None, recorded_at: datetime | None = None) -> NewEvent:
    """Return the event with other envelope fields and the digest that belongs to them."""
    before = event.recorded.envelope
    envelope = replace(before, event_id=event_id or before.event_id, recorded_at=recorded_at or before.recorded_at)
    linked = digest(envelope, event.recorded.data, event.recorded.commitment)
    return replace(event, recorded=replace(event.recorded, envelope=envelope, digest=linked))


def recorded(events: Sequence[NewEvent] | Sequence[StreamEvent]) -> list[RecordedEvent]:
    """Return what is recorded in each."""
    return [event.recorded for event in events]


def _new_event(
    stream_id: str, after: RecordedEvent | None, moment: datetime, clock: ClockKind, parts: tuple[SealedPart, ...], data: bytes
) -> NewEvent:
    envelope = Envelope(
        event_id=new_event_id(),
        type="intake.beneficiary_enrolled",
        schema_version=1,
        stream_id=stream_id,
        stream_version=after.envelope.stream_version + 1 if after else 1,
        programme=None,
        actor="worker-7",
        actor_organisation="ciac",
        responsible_organisation="ciac",
        territory="PR",
        municipality=None,
        purpose="integration",
        correlation=new_id(),
        causation=after.envelope.event_id if after else None,
        occurred_on=date(2026, 2, 28),
        precision=Precision.MONTH,
        recorded_at=moment,
        clock=clock,
        partition_key=stream_id,
        previous_digest=after.digest if after else NO_DIGEST,
    )
    kept = commitment(commitments(parts))
    return NewEvent(RecordedEvent(envelope=envelope, data=data, commitment=kept, digest=digest(envelope, data, kept)), parts)


def _part() -> SealedPart:
    key_id = new_id()
    return SealedPart(key_id, b"ciphertext under " + key_id.bytes, sha256(key_id.bytes).digest())
