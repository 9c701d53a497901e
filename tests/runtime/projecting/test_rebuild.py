"""Rebuild and swap under what really happens: live events, several at once, a process that dies, a version that never came."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from services._runtime.projecting.hashing import compare, row_hash
from services._runtime.projecting.memory import MemoryRows
from services._runtime.projecting.port import Advance, Moved
from services._runtime.projecting.postgres import PostgresRows
from services._runtime.projecting.rebuild import Rebuilt, rebuild
from services._runtime.projecting.runner import Runner
from services._runtime.store.connecting import open_pool
from tests.runtime.projecting.models import COUNTS, PEOPLE, CountRow, enrolled
from tests.runtime.projecting.rebuilt_elsewhere import BATCH, numbered
from tests.support.read_models import ListSource, feed_of, happened
from tests.support.whole import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services._runtime.projecting.port import Reader
    from tests.support.database import Database

Rows = MemoryRows | PostgresRows


async def until_level(runner: Runner) -> None:
    while await runner.step():
        pass


@asynccontextmanager
async def following(runner: Runner) -> AsyncIterator[None]:
    """Keep a runner at work, as its process does."""

    async def work() -> None:
        while True:
            await until_level(runner)
            await asyncio.sleep(0)

    working = asyncio.create_task(work())
    try:
        yield
    finally:
        working.cancel()
        await asyncio.wait([working])


@asynccontextmanager
async def growing(source: ListSource, total: int) -> AsyncIterator[None]:
    """Let events come in all the time, up to a number of them."""
    every = numbered(total)

    async def grow() -> None:
        while len(source.events) < total:
            source.events.append(every[len(source.events)])
            await asyncio.sleep(0)

    coming = asyncio.create_task(grow())
    try:
        yield
    finally:
        await coming


async def damaged(rows: Rows, position: int) -> str:
    """Change a row of the active build where it stands; return the hash that readers see from then on."""
    wrong = CountRow("T1", "intake.household_formed", 10_000)
    active = next(build for build in await rows.builds() if build.active and build.model == COUNTS.name)
    await rows.advance([Advance(model=COUNTS, build=active.build, expected=position, position=position, replaced=[wrong])])
    return await seen(rows)


async def seen(reader: Reader) -> str:
    return row_hash(COUNTS, (await reader.rows(COUNTS)).value)


async def test_readers_see_wholly_the_old_rows_and_then_wholly_the_new_ones(rows: Rows) -> None:
    """I5 and I12: two hashes and no third, and the position that an answer is as of never goes back."""
    source = ListSource(numbered(400))
    await until_level(Runner([COUNTS], source, rows))
    right = await seen(rows)
    wrong = await damaged(rows, 400)
    found: list[tuple[int, str]] = []

    async def look() -> None:
        while not found or found[-1][1] != right:
            answer = await rows.rows(COUNTS)
            found.append((answer.position, row_hash(COUNTS, answer.value)))
            await asyncio.sleep(0)

    looking = [asyncio.create_task(look()) for _ in range(2)]
    await rebuild(COUNTS, source, rows, batch=20)
    await asyncio.gather(*looking)
    assert {hashed for _, hashed in found} == {wrong, right}
    assert {position for position, _ in found} == {400}


async def test_a_rebuild_catches_up_with_events_that_keep_coming_and_no_answer_goes_back(rows: Rows) -> None:
    """The live runner goes on with the new build at once."""
    source = ListSource(numbered(300))
    runner = Runner([COUNTS], source, rows, batch=5)
    await until_level(runner)
    positions: list[int] = []

    async def look() -> None:
        while True:
            positions.append((await rows.rows(COUNTS)).position)
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    async with following(runner), growing(source, 900):
        rebuilt = await rebuild(COUNTS, source, rows, batch=50)
    await until_level(runner)
    looking.cancel()
    await asyncio.wait([looking])
    assert rebuilt.build == 2
    assert positions == sorted(positions)
    assert (await rows.rows(COUNTS)).position == 900
    assert (await compare(COUNTS, source, rows)).equal


async def test_several_models_are_rebuilt_beside_each_other(rows: Rows) -> None:
    people = [happened(enrolled(event.recorded.envelope.event_id)) for event in numbered(200)]
    source = ListSource(feed_of("intake", people))
    runner = Runner([COUNTS, PEOPLE], source, rows)
    await until_level(runner)
    async with following(runner):
        rebuilt = await asyncio.gather(*(rebuild(model, source, rows, batch=20) for model in (COUNTS, PEOPLE)))
    assert [(one.model, one.build, one.position) for one in rebuilt] == [("counts", 2, 200), ("people", 2, 200)]
    for model in (COUNTS, PEOPLE):
        assert (await compare(model, source, rows)).equal


async def test_of_two_that_rebuild_the_same_model_one_goes_on_and_the_other_learns_it(rows: Rows) -> None:
    """I5: each step is a compare-and-set; nothing is counted twice, and nothing of either is left over."""
    source = ListSource(numbered(300))
    await until_level(Runner([COUNTS], source, rows))
    await damaged(rows, 300)
    told = await asyncio.gather(*(rebuild(COUNTS, source, rows, batch=10) for _ in range(2)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in told) == [Moved.__name__, Rebuilt.__name__]
    assert (await compare(COUNTS, source, rows)).equal
    assert [(build.build, build.active) for build in await rows.builds()] == [(2, True)]


async def test_what_a_version_that_never_came_left_behind_goes_with_the_next_swap(tables: Database, postgres_rows: PostgresRows) -> None:
    """Half a build of version 2 is of no use to version 3, and no row of it stays."""
    source = ListSource(numbered(100))
    await until_level(Runner([COUNTS], source, postgres_rows))
    await Runner([replace(COUNTS, version=2)], source, postgres_rows, batch=30).step()
    newest = Runner([replace(COUNTS, version=3)], source, postgres_rows, batch=30)
    await newest.step()
    assert [(one.version, one.position, one.building) for one in await newest.status()] == [(1, 100, 30)]
    await until_level(newest)
    assert [(build.build, build.version, build.active) for build in await postgres_rows.builds()] == [(3, 3, True)]
    assert await _builds_with_rows(tables) == [3]


@pytest.mark.parametrize("steps", [1, 4])
async def test_a_rebuild_whose_process_is_killed_resumes_where_it_was(tables: Database, postgres_rows: PostgresRows, steps: int) -> None:
    """Its rows and its position are written together, so that nothing before is folded again and nothing after is missing."""
    total = 200
    source = ListSource(numbered(total))
    await until_level(Runner([COUNTS], source, postgres_rows))
    wrong = await damaged(postgres_rows, total)
    await asyncio.to_thread(_killed_after, tables.dsn, total, steps)
    assert await seen(postgres_rows) == wrong, "readers see the old rows"

    rebuilt = await rebuild(COUNTS, source, postgres_rows, batch=BATCH)

    assert rebuilt.resumed_at in {steps * BATCH, (steps + 1) * BATCH}
    assert (await compare(COUNTS, source, postgres_rows)).equal
    assert await _builds_with_rows(tables) == [2]


def _killed_after(dsn: str, events: int, steps: int) -> None:
    """Let another process rebuild, and kill it while it is at the step after these."""
    words = [sys.executable, "-m", "tests.runtime.projecting.rebuilt_elsewhere", dsn, str(events)]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for step in range(1, steps + 1):
            assert process.stdout.readline() == f"{step * BATCH}\n"
            process.stdin.write("go on\n")
            process.stdin.flush()
        process.kill()


async def _builds_with_rows(database: Database) -> list[int]:
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(await open_pool(database.dsn, size=1))
        return [row[0] for row in await pool.fetch("select distinct build from read_model.counts order by build")]
