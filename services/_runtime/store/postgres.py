"""The event store on PostgreSQL, through asyncpg: one SQL function stores, plain queries read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import asyncpg
import structlog

from services._runtime.clock import Clock, SystemClock
from services._runtime.errors import Retryable
from services._runtime.store import rules
from services._runtime.store.connecting import retryable
from services._runtime.store.keyring import SubjectErased
from services._runtime.store.port import (
    AlreadyHandled,
    Append,
    ClockSkew,
    ConcurrencyError,
    InboxEntry,
    KnownRequest,
    RequestRepeated,
    StreamEvent,
    Timer,
    ValueTaken,
)
from services._runtime.store.postgres_codec import (
    APPEND,
    EVENTS,
    LOAD,
    RECORDED,
    append_arguments,
    feed_event,
    known_request,
    stream_event,
    timer,
)
from services._runtime.store.together import Together

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from asyncpg import Pool, Record

    from contracts.envelope import FeedEvent
    from services._runtime.store.waking import Wakes

log = structlog.get_logger(__name__)

_REPEATED, _HANDLED, _STALE, _RULE, _TAKEN, _ERASED = "AN001", "AN002", "AN003", "AN004", "AN005", "AN006"

_SKEWED = "recorded_at differs from the database's clock"
"""How the one broken rule begins that is not the caller's bug: its text tells it from the others of its code."""

_FEED = f"""
select {RECORDED}, f.generation, f.feed_position, f.chain
from store.feed f join store.events e using (position)
where f.generation = coalesce($3, (select max(generation) from store.generation)) and f.feed_position > $1
  and f.feed_position <= coalesce((select last_position from store.generation where generation = $3), 9223372036854775807)
order by f.feed_position limit $2
"""  # noqa: S608 - constant column names
_FEED_ENDS = """
select g.generation, coalesce(g.last_position, (select max(f.feed_position) from store.feed f where f.generation = g.generation), 0)
from store.generation g order by g.generation
"""
_FEED_HEAD = """
select g.generation, coalesce(f.feed_position, 0), coalesce(f.chain, decode(repeat('00', 32), 'hex'))
from (select max(generation) as generation from store.generation) g
left join lateral (
    select feed_position, chain from store.feed where generation = g.generation order by feed_position desc limit 1
) f on true
"""
_SEALED = """
select event_id, array_agg(key_id order by key_id), array_agg(ciphertext order by key_id)
from store.sealed where event_id = any($1) group by event_id
"""
# Two scans of one partial index, each of which stops at the limit: an OR over both clocks would read every waiting timer.
_DUE = """
(select timer_id, kind, stream_id, due_at, clock from store.timer
 where settled_at is null and clock = 'system' and due_at <= $1 order by due_at, timer_id limit $2)
union all
(select timer_id, kind, stream_id, due_at, clock from store.timer
 where settled_at is null and clock = 'demonstration'
   and due_at <= (select max(recorded_at) from store.events where clock = 'demonstration') order by due_at, timer_id limit $2)
order by due_at, timer_id limit $2
"""


class PostgresEventStore:
    """One service's events in its own database.

    What may succeed when tried again raises `Retryable`; an append may then be stored or not, which its request or inbox row tells.
    """

    def __init__(self, pool: Pool, service: str, wakes: Wakes, *, grown: Wakes | None = None, clock: Clock | None = None) -> None:
        """Use `pool` (see `connecting.open_pool`) as the application's role; `wakes` is rung after commits.

        `grown` is what the sequencer rings (`wakes` by default). `clock` is what tells moments in this process (the machine's by default).
        """
        self.service = service
        self._pool = pool
        self._wakes = wakes
        self._grown = grown or wakes
        self._clock = clock or SystemClock()
        self._together = Together(self._store)

    async def load(self, stream_id: str, *, after: int = 0) -> list[StreamEvent]:
        """Return the stream's events with a version above `after`, in order."""
        return [stream_event(row) for row in await self._fetch(LOAD, stream_id, after)]

    async def append(self, append: Append) -> None:
        """Store everything or nothing, in one round trip, which others that come at the same time share."""
        rules.check(append)
        await self._together.append(append)

    async def release(self, stream_id: str) -> int:
        """Give back every value that a stream has reserved; return how many."""
        return int((await self._fetch("select store.release_reservations($1)", stream_id))[0][0])

    async def known_request(self, client: str, key: str) -> KnownRequest | None:
        """Return what this client's idempotency key led to, or None."""
        query = "select body_hmac, streams, after, up_to from store.request where client = $1 and key = $2"
        rows = await self._fetch(query, client, key)
        return known_request(rows[0]) if rows else None

    async def handled(self, consumer: str, event_id: UUID) -> bool:
        """Tell whether this consumer's inbox holds the event."""
        query = "select exists (select from store.inbox where consumer = $1 and event_id = $2)"
        return bool((await self._fetch(query, consumer, event_id))[0][0])

    async def record_outcome(self, entry: InboxEntry) -> None:
        """Write an inbox row; repeats are ignored."""
        query = "insert into store.inbox (consumer, event_id, refused) values ($1, $2, $3) on conflict do nothing"
        await self._fetch(query, entry.consumer, entry.event_id, entry.refused)

    async def feed(self, *, after: int, limit: int, generation: int | None = None) -> list[FeedEvent]:
        """Return the feed of one generation above position `after`, in order."""
        return [feed_event(row, self.service) for row in await self._fetch(_FEED, after, limit, generation)]

    async def feed_ends(self) -> dict[int, int]:
        """Return where the feed of each generation ends, oldest first."""
        return {row[0]: row[1] for row in await self._fetch(_FEED_ENDS)}

    async def feed_head(self) -> tuple[int, int, bytes]:
        """Return (present generation, its last feed position or 0, its last chain or 32 zero bytes)."""
        ((generation, position, chain),) = await self._fetch(_FEED_HEAD)
        return generation, position, chain

    async def sealed_parts(self, event_ids: Sequence[UUID]) -> dict[UUID, tuple[tuple[UUID, bytes], ...]]:
        """Return the sealed parts of these events; events without any are absent."""
        rows = await self._fetch(_SEALED, list(event_ids))
        return {row[0]: tuple(zip(row[1], row[2], strict=True)) for row in rows}

    async def events(self, event_ids: Sequence[UUID]) -> dict[UUID, StreamEvent]:
        """Return these events; those that there are not are absent."""
        events = [stream_event(row) for row in await self._fetch(EVENTS, list(event_ids))]
        return {event.recorded.envelope.event_id: event for event in events}

    async def streams(self, category: str) -> list[str]:
        """Return the ids of all streams of a category."""
        # Ids in the order of their bytes: the index of streams finds them, and "." comes right after "-".
        query = "select stream_id from store.events where stream_id > $1 || '-' and stream_id < $1 || '.' and stream_version = 1"
        return [row[0] for row in await self._fetch(query, category)]

    async def erase(self, key_ids: Collection[UUID]) -> None:
        """Delete everything that these keys sealed, and refuse whatever else they seal."""
        await self._fetch("select store.erase($1)", list(key_ids))

    async def due_timers(self, now: datetime, *, limit: int = 100) -> list[Timer]:
        """Return unsettled timers that are due, earliest first."""
        return [timer(row) for row in await self._fetch(_DUE, now, limit)]

    async def settle_timer(self, timer_id: UUID) -> None:
        """Mark a timer as served; repeats, and ids of no timer, are ignored."""
        query = "update store.timer set settled_at = clock_timestamp() where timer_id = $1 and settled_at is null"
        await self._fetch(query, timer_id)

    def wakes(self) -> AsyncIterator[None]:
        """Yield after commits, and at least once a second."""
        return self._wakes.listen()

    def feed_wakes(self) -> AsyncIterator[None]:
        """Yield after the feed has grown, and at least once a second."""
        return self._grown.listen()

    async def _fetch(self, query: str, *arguments: object) -> list[Record]:
        with retryable():
            return await self._pool.fetch(query, *arguments)

    async def _store(self, appends: Sequence[Append]) -> None:
        arguments = append_arguments(appends)
        with retryable():
            try:
                await self._pool.fetchval(APPEND, *arguments)
            except asyncpg.PostgresError as error:
                if len(appends) > 1:
                    raise
                await self._explain(appends[0], error)
        self._wakes.ring()

    async def _explain(self, append: Append, error: asyncpg.PostgresError) -> NoReturn:
        """Raise the port's error for what the database said."""
        if error.sqlstate == _REPEATED and append.request is not None:
            known = await self.known_request(append.request.client, append.request.key)
            if known is not None:
                raise RequestRepeated(known) from None
        if error.sqlstate == _HANDLED and append.inbox is not None:
            raise AlreadyHandled(append.inbox.consumer) from None
        if error.sqlstate == _STALE or _constraint(error) == "events_stream_version":
            await self._raise_conflict(append)
        if error.sqlstate == _TAKEN:
            raise ValueTaken(error.detail or "") from None
        if error.sqlstate == _RULE and str(error).startswith(_SKEWED):
            await self._tell_skew()
            raise ClockSkew(str(error)) from None
        if error.sqlstate == _ERASED:
            raise SubjectErased from None
        if error.sqlstate == _RULE:
            raise ValueError(str(error)) from None
        if _constraint(error) == "events_id":
            msg = "an event of this id is stored already"
            raise ValueError(msg) from None
        raise error

    async def _raise_conflict(self, append: Append) -> NoReturn:
        """Find the stream that others were first in, and raise with what they stored."""
        for stream in rules.in_order(append.streams):
            unseen = await self.load(stream.stream_id, after=stream.expected_version)
            head = unseen[-1].recorded.envelope.stream_version if unseen else await self._version(stream.stream_id)
            if head != stream.expected_version:
                raise ConcurrencyError(stream.stream_id, stream.expected_version, head, unseen)
        msg = "a stream was at another version, and no longer is"
        raise Retryable(msg)

    async def _tell_skew(self) -> None:
        """Log whether this process's clock is wrong, or right and the append only waited too long."""
        database: datetime = (await self._fetch("select clock_timestamp()"))[0][0]
        ahead = self._clock.now() - database
        if abs(ahead) > rules.SKEW:
            log.error("store.clock-skew", ahead_s=round(ahead.total_seconds(), 1))
        else:
            log.warning("store.too-late", at_most_s=rules.SKEW.total_seconds())

    async def _version(self, stream_id: str) -> int:
        query = "select coalesce(max(stream_version), 0) from store.events where stream_id = $1"
        return int((await self._fetch(query, stream_id))[0][0])


def _constraint(error: asyncpg.PostgresError) -> str | None:
    return error.constraint_name if isinstance(error, asyncpg.UniqueViolationError) else None
