"""I12: a wiped broker is refilled from the stores, a wiped read model from the journal, and the result is the same."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING

from contracts.topics import FEEDS, TOPICS
from services._runtime.messaging.topics import ensure_topics
from tests.faults.oracle import Oracle
from tests.faults.quiet import quiet
from tests.faults.under_load import lived

if TYPE_CHECKING:
    from tests.faults.world import World

_JOURNAL = "select md5(string_agg(concat_ws(' ', position, event_id, encode(digest, 'hex')), ',' order by position)) from messaging.journal"
_TIMELINE = """
select md5(string_agg((to_jsonb(t) - 'build')::text, ',' order by person_id, recorded_at, event_id)) from read_model.person_timeline t
where build = (select active_build from projecting.model where name = 'person_timeline')
"""


async def test_a_wiped_broker_and_a_wiped_read_model_are_refilled_with_the_same_result(world: World) -> None:
    """I12, and I4: consumers read everything again, from its beginning, and nothing has a second effect."""
    before = await lived(world)
    journal, timeline = await _hash(world, _JOURNAL), await _hash(world, _TIMELINE)
    stored = await asyncio.to_thread(world.ancora.events)

    await world.kill_broker()
    shutil.rmtree(world.home.kafka / "data")
    await world.revive()
    await ensure_topics(world.direct.kafka, TOPICS)
    await _wipe_timeline(world)
    for feed in FEEDS:
        done = await asyncio.to_thread(world.ancora.run, "republish", feed)
        assert done.returncode == 0, done.stdout + done.stderr
    done = await asyncio.to_thread(world.ancora.run, "rebuild", "person_timeline")
    assert done.returncode == 0, done.stdout + done.stderr

    await quiet(world)
    assert await asyncio.to_thread(world.ancora.events) == stored
    assert (await _hash(world, _JOURNAL), await _hash(world, _TIMELINE)) == (journal, timeline)
    assert await Oracle(world).check(before) == []


async def test_after_the_wipe_everything_goes_on(world: World) -> None:
    """What is new arrives as it did before."""
    record = await lived(world)
    assert await Oracle(world).check(record) == []
    assert await world.verified() == (0, [])


async def _hash(world: World, query: str) -> str:
    connection = await world.superuser("reporting")
    try:
        return str(await connection.fetchval(query))
    finally:
        connection.terminate()


async def _wipe_timeline(world: World) -> None:
    connection = await world.superuser("reporting")
    try:
        await connection.execute("delete from read_model.person_timeline")
    finally:
        connection.terminate()
