"""Rebuild of a read model from a million events, against the same reads, pydantic, and COPY of the resulting rows; and its peak memory.

The model is a person's timeline, which decodes every event and has a row for each. Ours runs in a process of its own, so that its peak
of memory is its own: that of a million events is compared with that of a tenth. The floor reads the journal in as large batches, makes
pydantic models of the events' data, and copies the rows that ours brought about, ready in memory.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop

from services._runtime.hosting.garbage import look_seldom
from services._runtime.messaging.journal_postgres import READ, PostgresJournal
from services._runtime.projecting.journal_source import JournalSource
from services._runtime.projecting.model import columns
from services._runtime.projecting.postgres import PostgresRows
from services._runtime.projecting.rebuild import BATCH, rebuild
from services._runtime.store.connecting import open_pool
from services._runtime.store.waking import MemoryWakes
from services.cli.benchmarks.history import STORY
from services.cli.benchmarks.measuring import Bar, Result, Run, compared, paired
from services.cli.benchmarks.projecting_live import empty
from services.reporting.projections.person_timeline import PERSON_TIMELINE as MODEL

if TYPE_CHECKING:
    from asyncpg import Pool

    from services.cli.benchmarks.counts import Counts
    from services.cli.benchmarks.ground import Database, Ground

BAR = Bar(at_least=0.5)
MEMORY_BAR = Bar(at_most=1.2)

_NAMES = tuple(column.name for column in columns(MODEL.row))
_ROWS = f"select {', '.join(_NAMES)} from read_model.{MODEL.name} where build = $1 order by recorded_at"  # noqa: S608
_CLASSES = [type(event) for event in STORY]
_ANOTHER = 30_000
"""A number that no build of ours has, for the floor's rows."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """What a process that rebuilt tells of itself."""

    build: int
    events: int
    seconds: float
    peak_mib: float


async def measure(ground: Ground, counts: Counts) -> list[Result]:
    """Measure both."""
    few, many = await ground.history(counts.short_history), await ground.history(counts.long_history)
    pairs, peaks = [], []
    async with await open_pool(many.dsn, size=2) as pool:
        for _ in range(counts.long_repeats):
            small, large = await _rebuilt(few), await _rebuilt(many)
            pairs.append(paired(Run.timed(large.events, large.seconds), await _copied(pool, large.build)))
            peaks.append((large.peak_mib, small.peak_mib))
    await empty(few)
    await empty(many)
    return [compared("rebuilding", "events/s", BAR, pairs), compared("rebuilding_memory", "MiB", MEMORY_BAR, peaks)]


async def _rebuilt(database: Database) -> Rebuild:
    """Rebuild in a process of its own, from no row at all."""
    await empty(database)
    words = [sys.executable, "-m", "services.cli.benchmarks.rebuilding"]
    process = await asyncio.create_subprocess_exec(*words, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate(database.dsn.encode())
    if process.returncode != 0:
        raise RuntimeError(f"rebuilding ended with {process.returncode}")
    return Rebuild(**json.loads(told))


async def _rebuild(dsn: str) -> Rebuild:
    look_seldom()
    async with await open_pool(dsn, size=2) as pool:
        began = time.perf_counter()
        done = await rebuild(MODEL, JournalSource(PostgresJournal(pool, MemoryWakes())), PostgresRows(pool))
        seconds = time.perf_counter() - began
    return Rebuild(done.build, done.position, seconds, _peak_mib())


def _peak_mib() -> float:
    """Return the most memory that this program had: `ru_maxrss` would tell that of the process it was forked from, if that had more."""
    (line,) = (line for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


async def _copied(pool: Pool, build: int) -> Run:
    """Do the floor's work; only that is timed, not the reading of the rows of `build`, which it writes again."""
    position, seconds = 0, 0.0
    async with pool.acquire() as connection, connection.transaction():
        waiting = await connection.cursor(_ROWS, build)
        while rows := await waiting.fetch(BATCH):
            lines = [(_ANOTHER, *row) for row in rows]
            began = time.perf_counter()
            for at, _headers, value in await pool.fetch(READ, position, BATCH):
                _CLASSES[(at - 1) % len(_CLASSES)].model_validate_json(value)
            await pool.copy_records_to_table(MODEL.name, schema_name="read_model", columns=["build", *_NAMES], records=lines)
            seconds += time.perf_counter() - began
            position += len(rows)
    return Run.timed(position, seconds)


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(_rebuild(sys.stdin.read())))))
