"""What the log says of an append that came too late: whether its machine's clock is wrong, or there is only too much to do."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from services._runtime.clock import SimulatedClock, SystemClock
from services._runtime.store.port import Append, ClockSkew, StreamAppend
from services._runtime.store.postgres import PostgresEventStore
from tests.support.recorded import new_events, new_stream
from tests.support.store_worlds import SERVICE, PostgresWorld

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services._runtime.clock import Clock
    from tests.support.database import Cluster

AGO = timedelta(seconds=7)


@pytest.fixture
async def world(cluster: Cluster) -> AsyncIterator[PostgresWorld]:
    """Give an empty store."""
    async with AsyncExitStack() as stack:
        yield await PostgresWorld.opened(cluster, stack)


async def test_a_moment_that_grew_old_on_a_right_clock_is_told_as_too_late(world: PostgresWorld) -> None:
    """The machine has too much to do, or was paused."""
    assert await _told(world, SystemClock()) == {"event": "store.too-late", "log_level": "warning", "at_most_s": 5.0}


async def test_a_clock_that_is_wrong_is_told_as_that_and_by_how_much(world: PostgresWorld) -> None:
    """Nothing will be stored on this machine until somebody sets it right."""
    told = await _told(world, SimulatedClock(SystemClock().now() - AGO))
    assert (told["event"], told["log_level"]) == ("store.clock-skew", "error")
    assert -60 < told["ahead_s"] <= -AGO.total_seconds()


async def _told(world: PostgresWorld, clock: Clock) -> dict[str, Any]:
    stream, store = new_stream(), PostgresEventStore(world.pool, SERVICE, world.wakes, clock=clock)
    with structlog.testing.capture_logs() as logs, pytest.raises(ClockSkew):
        await store.append(Append((StreamAppend(stream, 0, new_events(stream, at=SystemClock().now() - AGO)),)))
    (told,) = logs
    return dict(told)
