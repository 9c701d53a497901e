"""Journal → read model, live: the runner against the same reads and the same upsert without anything in between.

The model is a person's timeline, which has a row for every event: no other writes as much. Both go from the journal's beginning to its end
in batches of the runner's size, and commit each. The floor's rows are those that ours brought about, ready in memory.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from services._runtime.messaging.journal_postgres import READ, PostgresJournal
from services._runtime.projecting import statements
from services._runtime.projecting.journal_source import JournalSource
from services._runtime.projecting.model import columns, key_columns
from services._runtime.projecting.postgres import PostgresRows
from services._runtime.projecting.runner import BATCH, Runner
from services._runtime.store.connecting import open_pool
from services._runtime.store.waking import MemoryWakes
from services.cli.benchmarks.measuring import Bar, Result, Run, compared, in_turn
from services.reporting.projections.person_timeline import PERSON_TIMELINE as MODEL

if TYPE_CHECKING:
    from asyncpg import Pool

    from services.cli.benchmarks.counts import Counts
    from services.cli.benchmarks.ground import Database, Ground

BAR = Bar(at_least=0.6)

_BUILD = 1
_EMPTY = f"truncate read_model.{MODEL.name}, projecting.build, projecting.model"
_COUNT = f"select count(*) from read_model.{MODEL.name}"  # noqa: S608 - a constant name


async def measure(ground: Ground, counts: Counts) -> list[Result]:
    """Measure it."""
    database = await ground.history(counts.records)
    async with await open_pool(database.dsn, size=4) as pool:
        await empty(database)
        await _followed(pool)
        batches = await _arrays(pool)

        async def ours() -> Run:
            await empty(database)
            seconds = await _followed(pool)
            return Run.timed(int(await pool.fetchval(_COUNT)), seconds)

        async def floor() -> Run:
            await empty(database)
            seconds = await _upserted(pool, batches)
            return Run.timed(int(await pool.fetchval(_COUNT)), seconds)

        pairs = await in_turn(ours, floor, repeats=counts.repeats)
    return [compared("projecting_live", "events/s", BAR, pairs)]


async def empty(database: Database) -> None:
    """Remove all rows and positions of read models."""
    await database.administer(_EMPTY)


async def _followed(pool: Pool) -> float:
    """Let the runner follow the journal from its beginning to its end; return the seconds."""
    runner = Runner([MODEL], JournalSource(PostgresJournal(pool, MemoryWakes())), PostgresRows(pool))
    began = time.perf_counter()
    await runner.catch_up()
    return time.perf_counter() - began


async def _arrays(pool: Pool) -> list[list[list[object]]]:
    """Return the rows as they are now, a list for each column, batch by batch in the order in which they were recorded."""
    names = ", ".join(column.quoted for column in columns(MODEL.row))
    rows = await pool.fetch(f"select {names} from read_model.{MODEL.name} order by recorded_at")  # noqa: S608 - constant names
    return [statements.transposed(len(rows[0]), map(tuple, rows[first : first + BATCH])) for first in range(0, len(rows), BATCH)]


async def _upserted(pool: Pool, batches: list[list[list[object]]]) -> float:
    """Read the journal and the rows that are there already, and upsert: the runner's statements, on the same batches."""
    keys = [[column.name for column in columns(MODEL.row)].index(column.name) for column in key_columns(MODEL)]
    load, upsert = statements.load(MODEL), statements.upsert(MODEL)
    began = time.perf_counter()
    for number, arrays in enumerate(batches):
        await pool.fetch(READ, number * BATCH, BATCH)
        await pool.fetch(load, _BUILD, *(arrays[key] for key in keys))
        await pool.execute(upsert, _BUILD, *arrays)
    return time.perf_counter() - began
