"""`store.append`, many writers at once, against a raw INSERT of the same row on the same connections."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from services._runtime.store.connecting import open_pool
from services._runtime.store.postgres import PostgresEventStore
from services._runtime.store.postgres_codec import EVENT_COLUMNS, event_row
from services._runtime.store.postgres_waking import PostgresWakes
from services.cli.benchmarks.making import enrolments, recorded_now
from services.cli.benchmarks.measuring import Bar, Result, Run, compared, in_turn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from asyncpg import Pool

    from services._runtime.store.port import Append
    from services.cli.benchmarks.counts import Counts
    from services.cli.benchmarks.ground import Database, Ground

BAR = Bar(at_least=0.7)

_SLICE = 1000
"""Appends that are given the present moment together: the database refuses what was decided more than 5 s ago."""

_FLOOR = """
create schema floor;
create table floor.events (like store.events including all);
grant usage on schema floor to public;
grant insert on floor.events to public;
"""
_PLACES = ", ".join(f"${number}" for number in range(1, len(EVENT_COLUMNS) + 1))
_INSERT = f"insert into floor.events ({', '.join(EVENT_COLUMNS)}) values ({_PLACES})"  # noqa: S608 - constant column names


async def measure(ground: Ground, counts: Counts) -> list[Result]:
    """Measure it. Events are made beforehand; the check of each append, the encoding and the wake are ours and included."""
    async with ground.database("intake") as database:
        await prepare_floor(database)
        async with await open_pool(database.dsn, size=counts.writers) as pool, PostgresWakes(database.dsn) as wakes:
            store = PostgresEventStore(pool, "intake", wakes)

            async def ours() -> Run:
                return await stored(await enrolments(counts.appends), store.append, counts.writers)

            async def floor() -> Run:
                return await stored(await enrolments(counts.appends), inserting(pool), counts.writers, made=row_of)

            pairs = await in_turn(ours, floor, repeats=counts.repeats)
    return [compared("store_append", "events/s", BAR, pairs)]


async def prepare_floor(database: Database) -> None:
    """Make the floor's table: the columns, constraints and indexes of `store.events`."""
    await database.administer(_FLOOR)


def _itself(append: Append) -> Append:
    return append


async def stored(
    appends: Sequence[Append], store: Callable[[Any], Awaitable[object]], writers: int, *, made: Callable[[Append], object] = _itself
) -> Run:
    """Store what `made` makes of the appends, so many writers at once, each waiting for its own; only the storing is timed."""
    seconds = 0.0
    for first in range(0, len(appends), _SLICE):
        waiting = iter([made(append) for append in recorded_now(appends[first : first + _SLICE])])
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(writers):
                group.create_task(_write(store, waiting))
        seconds += time.perf_counter() - began
    return Run.timed(len(appends), seconds)


async def _write(store: Callable[[Any], Awaitable[object]], waiting: Iterator[object]) -> None:
    for one in waiting:
        await store(one)


def row_of(append: Append) -> tuple[object, ...]:
    """Return the row of an append's one event."""
    ((event,),) = (stream.events for stream in append.streams)
    return event_row(event)


def inserting(pool: Pool) -> Callable[[tuple[object, ...]], Awaitable[object]]:
    """Return what inserts a row into the floor's table."""

    async def insert(row: tuple[object, ...]) -> None:
        await pool.execute(_INSERT, *row)

    return insert
