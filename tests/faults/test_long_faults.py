"""Faults that take their time: a broker that is away for a minute, a full disk, a leader that comes back after its successor."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from tests.faults.disk import NotPermitted, small_disk
from tests.faults.steps import STEPS, held
from tests.faults.told import UNSURE
from tests.faults.under_load import findings_after
from tests.faults.waiting import until
from tests.faults.world import PROCESSES, frozen

if TYPE_CHECKING:
    from tests.faults.oracle import Oracle
    from tests.faults.told import Record
    from tests.faults.world import World

_AWAY_S = 60.0
_FULL_S = 3.0
_TAKEN_OVER_S = 60.0
_LED = (("intake", "sequence"), ("intake", "relay"), ("reporting", "ingest"))
_SOME = 10


async def test_while_the_broker_is_away_for_a_minute_commands_are_carried_out_and_their_effects_follow(
    world: World, oracle: Oracle
) -> None:
    """I1, I2: the backlog waits in PostgreSQL."""

    async def fault(record: Record) -> None:
        await world.kill_broker()
        before = record.figures()["acknowledged"]
        await asyncio.sleep(_AWAY_S)
        assert record.figures()["acknowledged"] > before

    assert await findings_after(fault, world, oracle) == []


async def test_a_leader_that_comes_back_after_its_successor_changes_nothing(world: World, oracle: Oracle) -> None:
    """I3: stopped inside its transaction, replaced after ten seconds of silence, and let go on as if nothing had been."""

    async def fault(record: Record) -> None:
        async with AsyncExitStack() as seconds:
            for name in ("intake-sequence", "reporting-ingest"):
                await seconds.enter_async_context(world.beside(name))
            leading = [(service, kind, await _leader(world, service, kind)) for service, kind in _LED]
            with frozen(world.process("intake-sequence")), frozen(world.process("reporting-ingest")):
                await asyncio.gather(*(_succeeded(world, *led) for led in leading))
                await _some_more(record)
            # Both run, and the stale ones find out by themselves.
            await _some_more(record)

    assert await findings_after(fault, world, oracle) == []


async def test_a_leader_stopped_inside_its_transaction_is_ended_there(world: World, oracle: Oracle) -> None:
    """I3: what it had begun is undone, the successor does it."""
    step = STEPS["the intake sequencer inside its transaction"]

    async def fault(_record: Record) -> None:
        async with world.beside(step.process):
            epoch = await _leader(world, "intake", "sequence")
            async with held(world, step, within_s=_TAKEN_OVER_S):
                with frozen(world.process(step.process)):
                    await _succeeded(world, "intake", "sequence", epoch)

    assert await findings_after(fault, world, oracle) == []


async def test_a_full_disk_under_the_stores_refuses_and_loses_nothing(world: World, oracle: Oracle) -> None:
    """I1: nothing that was acknowledged is missing, and all goes on once there is room again."""

    async def fault(record: Record) -> None:
        try:
            async with small_disk(world) as disk:
                await _some_more(record)
                alive = {name: world.process(name) for name in PROCESSES}
                before = _unsure(record)
                disk.fill()

                async def unsure() -> bool:
                    # Commands that were on their way; whoever reads first is not answered either, and sends none.
                    return _unsure(record) > before

                await until(unsure)
                await asyncio.sleep(_FULL_S)
                disk.clear()
                assert {name: world.process(name) for name in PROCESSES} == alive
                await world.revive()
        except NotPermitted as reason:
            pytest.skip(str(reason))

    assert await findings_after(fault, world, oracle) == []


def _unsure(record: Record) -> int:
    """Return how many answers left a client unsure."""
    return sum(status in UNSURE for told in record.commands for status in told.statuses)


async def _leader(world: World, service: str, kind: str) -> int:
    """Return the epoch of who leads."""
    connection = await world.superuser(service)
    try:
        return int(await connection.fetchval("select epoch from store.leader where kind = $1", kind))
    finally:
        connection.terminate()


async def _succeeded(world: World, service: str, kind: str, epoch: int) -> None:
    """Wait until another leads."""

    async def another() -> bool:
        return await _leader(world, service, kind) != epoch

    await until(another)


async def _some_more(record: Record) -> None:
    """Wait until some more commands were acknowledged."""
    before = record.figures()["acknowledged"]

    async def some() -> bool:
        return record.figures()["acknowledged"] >= before + _SOME

    await until(some)
