"""One fault of a test's own while a few persons are served, and what the oracle says once all is at rest."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

from tests.faults.lives import live_until
from tests.faults.quiet import quiet
from tests.faults.told import Record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.faults.oracle import Oracle
    from tests.faults.world import World


async def findings_after(fault: Callable[[Record], Awaitable[None]], world: World, oracle: Oracle, *, at_once: int = 3) -> list[str]:
    """Have so many persons live while `fault` runs, which sees what is told; heal, wait for rest, return what is found."""
    record, ended = Record(), asyncio.Event()
    living = asyncio.create_task(live_until(world.ancora, record, ended, Random(0), at_once=at_once))
    try:
        await fault(record)
    finally:
        ended.set()
        await world.revive()
    await living
    await quiet(world)
    return await oracle.check(record)


async def lived(world: World) -> Record:
    """Let a few persons live once, and everything come to rest."""
    record, ended = Record(), asyncio.Event()
    ended.set()
    assert await live_until(world.ancora, record, ended, Random(1), at_once=2) > 0
    await quiet(world)
    return record
