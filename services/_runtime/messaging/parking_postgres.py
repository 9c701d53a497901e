"""Parked records in the service's own database: the table `messaging.parked`."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from services._runtime.messaging.parking import WAITS, BeingTended, Kept, Line, Parked, ParkedEvent, Standing
from services._runtime.messaging.records import Record, pack_headers, unpack_headers
from services._runtime.store.connecting import retryable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    import asyncpg
    from asyncpg import Connection, Pool

_COLUMNS = (
    "consumer",
    "waiting_key",
    "reason",
    "event_id",
    "type",
    "source",
    "generation",
    "feed_position",
    "topic",
    "partition",
    "kafka_offset",
    "key",
    "headers",
    "value",
    "content",
)
_PARK = f"""
insert into messaging.parked ({", ".join(_COLUMNS)}) values ({", ".join(f"${n}" for n in range(1, len(_COLUMNS) + 1))})
on conflict do nothing
"""  # noqa: S608 - constant column names
_WAITS = "select exists (select from messaging.parked where consumer = $1 and source = $2 and waiting_key = $3)"
_STANDING = """
select consumer, count(*), count(distinct (source, waiting_key)) filter (where waiting_key is not null),
    extract(epoch from clock_timestamp() - min(parked_at))::double precision
from messaging.parked group by consumer order by consumer
"""
_KEPT = """
select p.parked_id, p.consumer, p.reason, p.parked_at, p.topic, p.partition, p.kafka_offset, p.content,
    p.event_id, p.type, p.source, p.generation, p.feed_position, p.waiting_key,
    coalesce(line.front, p.parked_id), coalesce(line.behind, 0)
from messaging.parked p, lateral (
    select min(other.parked_id) as front, count(*) filter (where other.parked_id > p.parked_id) as behind
    from messaging.parked other
    where other.consumer = p.consumer and other.source = p.source and other.waiting_key = p.waiting_key
) line
"""
_RECORD = "select topic, partition, kafka_offset, key, headers, value from messaging.parked where parked_id = $1"
# A transaction's second statement sees what was committed while its first one waited for the lock.
_ALONE = "select pg_advisory_xact_lock(hashtextextended($1, 0))"
_ALONE_OR_NOT = "select pg_try_advisory_xact_lock(hashtextextended($1, 0))"


class PostgresParking:
    """What a service's consumers have parked. What may succeed when tried again raises `Retryable`."""

    def __init__(self, pool: Pool) -> None:
        """Use the pool of the service's database."""
        self._pool = pool
        # Whoever tends holds one connection all the while and uses others: two at a time could use up the pool.
        self._tending = asyncio.Lock()

    async def park(self, parked: Parked) -> None:
        """See `Parking.park`."""
        with retryable():
            await self._pool.execute(_PARK, *_row(parked))

    async def waits(self, line: Line) -> bool:
        """See `Parking.waits`."""
        with retryable():
            return bool(await self._pool.fetchval(_WAITS, line.consumer, line.source, line.key))

    async def park_behind(self, parked: Parked) -> bool:
        """See `Parking.park_behind`."""
        line = parked.line
        if line is None:
            return False
        with retryable():
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(_ALONE, _name_of(line, "rows"))
                behind: bool = await connection.fetchval(_WAITS, line.consumer, line.source, line.key)
                if behind:
                    await connection.execute(_PARK, *_row(parked))
                return behind

    async def count(self, consumer: str) -> int:
        """See `Parking.count`."""
        with retryable():
            return int(await self._pool.fetchval("select count(*) from messaging.parked where consumer = $1", consumer))

    async def standing(self) -> list[Standing]:
        """See `Parking.standing`."""
        with retryable():
            return [Standing(*row) for row in await self._pool.fetch(_STANDING)]

    async def page(self, *, after: int, limit: int) -> list[Kept]:
        """See `Parking.page`."""
        return await self._kept("where p.parked_id > $1 order by p.parked_id limit $2", after, limit)

    async def find(self, parked_id: int) -> Kept | None:
        """See `Parking.find`."""
        return next(iter(await self._kept("where p.parked_id = $1", parked_id)), None)

    async def record(self, parked_id: int) -> Record | None:
        """See `Parking.record`."""
        with retryable():
            row = await self._pool.fetchrow(_RECORD, parked_id)
        return None if row is None else Record(row[0], row[1], row[2], row[3], unpack_headers(row[4]), row[5])

    async def front(self, line: Line) -> Kept | None:
        """See `Parking.front`."""
        of_line = "where p.consumer = $1 and p.source = $2 and p.waiting_key = $3 order by p.parked_id limit 1"
        return next(iter(await self._kept(of_line, line.consumer, line.source, line.key)), None)

    async def released(self) -> list[Kept]:
        """See `Parking.released`."""
        return await self._kept("where p.reason = $1 and line.front = p.parked_id order by p.parked_id", WAITS)

    async def keep(self, parked_id: int, reason: str) -> None:
        """See `Parking.keep`."""
        with retryable():
            await self._pool.execute("update messaging.parked set reason = $2 where parked_id = $1", parked_id, reason)

    async def release(self, kept: Kept) -> None:
        """See `Parking.release`."""
        with retryable():
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute(_ALONE, _name_of(kept.line or kept.parked_id, "rows"))
                await connection.execute("delete from messaging.parked where parked_id = $1", kept.parked_id)

    @asynccontextmanager
    async def tended(self, kept: Kept) -> AsyncIterator[None]:
        """See `Parking.tended`. Ends with the process that tends, however that ends."""
        with retryable():
            async with self._tending, self._pool.acquire() as connection, connection.transaction():
                if not await connection.fetchval(_ALONE_OR_NOT, _name_of(kept.line or kept.parked_id, "tending")):
                    raise BeingTended("somebody is at work on this record's line: try again in a moment")
                yield

    async def _kept(self, which: str, *arguments: object) -> list[Kept]:
        with retryable():
            return [_kept_of(row) for row in await self._pool.fetch(f"{_KEPT} {which}", *arguments)]


async def park_all(connection: Connection, parked: Iterable[Parked]) -> None:
    """Park within a transaction of the caller's: that which moves the position past the records."""
    rows = [_row(each) for each in parked]
    if rows:
        await connection.executemany(_PARK, rows)


def _row(parked: Parked) -> tuple[object, ...]:
    """Return the values of `_COLUMNS`."""
    record, event, line = parked.record, parked.event, parked.line
    envelope = None if event is None else event.recorded.envelope
    return (
        parked.consumer,
        None if line is None else line.key,
        parked.reason,
        None if envelope is None else envelope.event_id,
        None if envelope is None else envelope.type,
        None if event is None else event.source,
        None if event is None else event.generation,
        None if event is None else event.feed_position,
        record.topic,
        record.partition,
        record.offset,
        record.key,
        pack_headers(record.headers),
        record.value,
        parked.content(),
    )


def _kept_of(row: asyncpg.Record) -> Kept:
    event = None if row[8] is None else ParkedEvent(row[8], row[9], row[10], row[11], row[12], row[13])
    return Kept(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], event, front=row[14], behind=row[15])


def _name_of(what: Line | int, purpose: str) -> str:
    """Return the name of a lock. Two names with one hash only make one wait for the other."""
    parts = (what.consumer, what.source, what.key) if isinstance(what, Line) else (str(what),)
    return "\x1f".join(("parked", purpose, *parts))
