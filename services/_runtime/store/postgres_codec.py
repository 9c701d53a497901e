"""Between values of the store's port and rows: which columns, in which order, and what `store.append` is called with."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from contracts.envelope import ClockKind, Envelope, FeedEvent, Precision, RecordedEvent
from services._runtime.store import rules
from services._runtime.store.port import KnownRequest, StreamEvent, Timer
from services._runtime.store.sealing import commitments

if TYPE_CHECKING:
    from asyncpg import Record

    from services._runtime.store.port import Append, NewEvent

_ENVELOPE = (
    "event_id",
    "type",
    "schema_version",
    "stream_id",
    "stream_version",
    "programme",
    "actor",
    "actor_organisation",
    "responsible_organisation",
    "territory",
    "municipality",
    "purpose",
    "correlation",
    "causation",
    "occurred_on",
    "precision",
    "recorded_at",
    "clock",
    "partition_key",
    "previous_digest",
)
_envelope_values = attrgetter(*_ENVELOPE)
_timer_id = attrgetter("timer_id")

RECORDED = ", ".join(f"e.{name}" for name in (*_ENVELOPE, "data", "commitment", "digest"))
"""The columns of a recorded event, of `store.events e`; in a select they come first."""

APPEND = "select store.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"


def append_arguments(append: Append) -> tuple[object, ...]:
    """Return the arguments of `store.append`: streams and timers by their ids, so that no two appends lock crosswise."""
    streams = rules.in_order(append.streams)
    events = [event for stream in streams for event in stream.events]
    request, inbox = append.request, append.inbox
    return (
        [stream.stream_id for stream in streams],
        [stream.expected_version for stream in streams],
        [stream.expected_version + len(stream.events) for stream in streams],
        [_new_event(event) for event in events],
        [(event.recorded.envelope.event_id, part.key_id, part.ciphertext) for event in events for part in event.sealed],
        *((request.client, request.key, request.body_hmac) if request else (None, None, None)),
        *((inbox.consumer, inbox.event_id, inbox.refused) if inbox else (None, None, None)),
        [(timer.timer_id, timer.kind, timer.stream_id, timer.due_at, timer.clock) for timer in sorted(append.timers, key=_timer_id)],
        sorted(append.settled_timers),
    )


def _new_event(event: NewEvent) -> tuple[object, ...]:
    recorded = event.recorded
    return (*_envelope_values(recorded.envelope), recorded.data, commitments(event.sealed), recorded.commitment, recorded.digest)


def recorded_event(row: Record) -> RecordedEvent:
    """Return the recorded event of a row that begins with `RECORDED`."""
    return RecordedEvent(
        envelope=Envelope(
            event_id=row[0],
            type=row[1],
            schema_version=row[2],
            stream_id=row[3],
            stream_version=row[4],
            programme=row[5],
            actor=row[6],
            actor_organisation=row[7],
            responsible_organisation=row[8],
            territory=row[9],
            municipality=row[10],
            purpose=row[11],
            correlation=row[12],
            causation=row[13],
            occurred_on=row[14],
            precision=Precision(row[15]),
            recorded_at=row[16],
            clock=ClockKind(row[17]),
            partition_key=row[18],
            previous_digest=row[19],
        ),
        data=row[20],
        commitment=row[21],
        digest=row[22],
    )


def stream_event(row: Record) -> StreamEvent:
    """Return the stream event of a row: `RECORDED`, position, key ids, ciphertexts."""
    return StreamEvent(row[23], recorded_event(row), tuple(zip(row[24], row[25], strict=True)))


def feed_event(row: Record, source: str) -> FeedEvent:
    """Return the feed event of a row: `RECORDED`, generation, feed position, chain."""
    return FeedEvent(recorded=recorded_event(row), source=source, generation=row[23], feed_position=row[24], chain=row[25])


def known_request(row: Record) -> KnownRequest:
    """Return the request of a row: body's HMAC, streams, after, up to."""
    return KnownRequest(row[0], tuple(zip(row[1], row[2], row[3], strict=True)))


def timer(row: Record) -> Timer:
    """Return the timer of a row: id, kind, stream, due, clock."""
    return Timer(row[0], row[1], row[2], row[3], ClockKind(row[4]))
