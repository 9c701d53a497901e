"""Between values of the store's port and rows: which columns, in which order, and what `store.append` is called with."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, cast

from contracts.envelope import CLOCKS, PRECISIONS, Envelope, FeedEvent, RecordedEvent
from services._runtime.store import rules
from services._runtime.store.port import KnownRequest, StreamEvent, Timer
from services._runtime.store.sealing import commitments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncpg import Record

    from services._runtime.store.port import Append, NewEvent, Request

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

RECORDED = ", ".join(f"e.{name}" for name in (*_ENVELOPE, "data", "commitment", "digest"))
"""The columns of a recorded event, of `store.events e`; in a select they come first."""

_WHOLE = f"""
select {RECORDED}, e.position,
    case when e.commitment = '' then '{{}}' else array(select key_id from store.sealed where event_id = e.event_id order by key_id) end,
    case when e.commitment = '' then '{{}}' else array(select ciphertext from store.sealed where event_id = e.event_id order by key_id) end
from store.events e
"""  # noqa: S608 - constant column names

LOAD = f"{_WHOLE} where e.stream_id = $1 and e.stream_version > $2 order by e.stream_version"
"""The events of stream $1 above version $2, with their positions and sealed parts."""

EVENTS = f"{_WHOLE} where e.event_id = any($1::uuid[])"
"""The events with ids $1, with their positions and sealed parts."""

EVENT_COLUMNS = (*_ENVELOPE, "data", "commitments", "commitment", "digest")
"""The columns of a row of `store.events` that its writer gives, in the order of `store.new_event`."""

APPEND = "select store.append($1, $2, $3, $4, $5, $6, $7, $8, $9)"


def append_arguments(appends: Sequence[Append]) -> tuple[object, ...]:
    """Return the arguments of `store.append`: everything by its key, so that no two calls lock crosswise. No two want the same row."""
    streams = rules.in_order([stream for append in appends for stream in append.streams])
    events = [event for stream in streams for event in stream.events]
    return (
        [stream.stream_id for stream in streams],
        [stream.expected_version for stream in streams],
        [event_row(event) for event in events] or None,
        [(event.recorded.envelope.event_id, part.key_id, part.ciphertext) for event in events for part in event.sealed] or None,
        sorted(_request(append) for append in appends if append.request) or None,
        sorted((i.consumer, i.event_id, i.refused) for append in appends if (i := append.inbox)) or None,
        sorted((t.timer_id, t.kind, t.stream_id, t.due_at, t.clock) for append in appends for t in append.timers) or None,
        sorted(timer_id for append in appends for timer_id in append.settled_timers) or None,
        [(r.kind, r.value, r.stream_id) for append in appends for r in append.reservations] or None,
    )


def _request(append: Append) -> tuple[str, str, bytes, list[str], list[int], list[int]]:
    request = cast("Request", append.request)
    streams, after, up_to = zip(*rules.outcomes(append), strict=True)
    return request.client, request.key, request.body_hmac, list(streams), list(after), list(up_to)


def event_row(event: NewEvent) -> tuple[object, ...]:
    """Return the values of `EVENT_COLUMNS`."""
    recorded = event.recorded
    return (*_envelope_values(recorded.envelope), recorded.data, commitments(event.sealed), recorded.commitment, recorded.digest)


def adopted_event(recorded: RecordedEvent) -> tuple[object, ...]:
    """Return an event that comes back from outside: its commitments never left the store, so that they do not come back."""
    return (*_envelope_values(recorded.envelope), recorded.data, b"", recorded.commitment, recorded.digest)


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
            precision=PRECISIONS[row[15]],
            recorded_at=row[16],
            clock=CLOCKS[row[17]],
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
    return Timer(row[0], row[1], row[2], row[3], CLOCKS[row[4]])
