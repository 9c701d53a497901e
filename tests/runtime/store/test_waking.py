"""What every store promises about wakes: one suite, run on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import pytest

from services._runtime.store.waking import PAUSE, MemoryWakes
from tests.support.recorded import new_stream, opening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.runtime.store.conftest import World


@pytest.fixture
def world(shared_world: World) -> World:
    """Share one database: each test has its own streams."""
    return shared_world


async def test_a_listener_is_woken_at_once_to_see_what_is_there_already(world: World) -> None:
    """Nothing is missed between a look and the first wait."""
    async with asyncio.timeout(0.5):
        await anext(world.store.wakes())


async def test_an_append_wakes_long_before_the_poll(world: World) -> None:
    """A commit is told within milliseconds."""
    listening = world.store.wakes()
    await _quiet(listening)
    await world.store.append(opening(new_stream()))
    async with asyncio.timeout(0.5):
        await anext(listening)


async def test_a_grown_feed_wakes_those_who_follow_it_and_nobody_else(world: World) -> None:
    """The relay waits for the sequencer as the sequencer waits for appends; neither looks in vain."""
    sequencer = await world.sequencer()
    commits, feed = world.store.wakes(), world.store.feed_wakes()
    await _quiet(feed)
    await world.store.append(opening(new_stream()))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await anext(feed)
    feed = world.store.feed_wakes()
    await _quiet(feed)
    await _quiet(commits)
    assert await sequencer.sequence() > 0
    async with asyncio.timeout(0.5):
        await anext(feed)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await anext(commits)


async def test_a_listener_is_woken_although_nobody_rings(world: World) -> None:
    """A lost wake costs a second, never an event."""
    listening = world.store.wakes()
    await _quiet(listening)
    async with asyncio.timeout(1.5):
        await anext(listening)


async def test_many_commits_are_few_wakes(world: World) -> None:
    """Wakes are coalesced: at most one per 5 ms."""
    listening = world.store.wakes()
    await _quiet(listening)
    began = time.monotonic()
    woken = asyncio.create_task(_count(listening))
    await asyncio.gather(*(world.store.append(opening(new_stream())) for _ in range(100)))
    await asyncio.sleep(0.05)
    took = time.monotonic() - began
    woken.cancel()
    assert 1 <= await woken <= took / 0.005 + 1


async def test_whoever_waited_for_long_is_woken_without_the_pause_between_two_wakes() -> None:
    """The pause is there to gather what comes together, not to make a single change wait."""
    bells = MemoryWakes(poll=30)
    listening = bells.listen()
    await anext(listening)
    await asyncio.sleep(2 * PAUSE)
    woken = asyncio.create_task(anext(listening))
    await asyncio.sleep(0)
    bells.ring()
    turns = 0
    while not woken.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns < 50, "a few turns of the loop, no timer"
    await woken


async def _quiet(listening: AsyncIterator[None]) -> None:
    """Take the wakes of what went before, until 200 ms passed without one."""
    while True:
        began = time.monotonic()
        await anext(listening)
        if time.monotonic() - began > 0.2:
            return


async def _count(listening: AsyncIterator[None]) -> int:
    count = 0
    try:
        async for _ in listening:
            count += 1
    except asyncio.CancelledError:
        return count
    return count
