"""Processes killed at the worst moments there are: held by a lock that somebody took of what their next statement needs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.faults.steps import STEPS, held, killed_there
from tests.faults.under_load import findings_after
from tests.faults.waiting import until

if TYPE_CHECKING:
    from tests.faults.oracle import Oracle
    from tests.faults.told import Record
    from tests.faults.world import World

# The seeds kill at every step; these four need more than one fault, or leave a trace that shows that they came about.
_ENOUGH = 2
_LONG_S = 20.0


async def killed_at(world: World, name: str) -> None:
    """Kill a process at a step, which it must reach."""
    await killed_there(world, STEPS[name], within_s=_LONG_S)


@pytest.mark.parametrize("name", ["the intake sequencer inside its transaction", "the ingester between its positions and its rows"])
async def test_what_was_killed_inside_its_transaction_has_done_nothing_and_is_done_by_the_next(
    world: World, oracle: Oracle, name: str
) -> None:
    """I2, I3: neither is an event left out of the feed or the journal, nor does one enter twice."""

    async def fault(_record: Record) -> None:
        for _ in range(_ENOUGH):
            await killed_at(world, name)

    assert await findings_after(fault, world, oracle) == []


async def test_a_relay_killed_between_acknowledgement_and_cursor_sends_again_and_nothing_is_reordered(world: World, oracle: Oracle) -> None:
    """I2, I3: repeats there are, and the first occurrences are in feed order; consumers drop the repeats (I4)."""
    before = oracle.repeats

    async def fault(_record: Record) -> None:
        await killed_at(world, "the relay between the acknowledgements and its cursor")

    assert await findings_after(fault, world, oracle) == []
    assert oracle.repeats > before


async def test_a_relay_killed_while_kafka_is_silent_loses_nothing(world: World, oracle: Oracle) -> None:
    """I2: what was fetched and not acknowledged is fetched again, by another process."""

    async def fault(_record: Record) -> None:
        world.kafka.stall()
        await _behind(world, "intake")
        await world.kill("intake-sequence")

    assert await findings_after(fault, world, oracle) == []


async def test_a_process_manager_killed_between_its_append_and_kafkas_offset_has_its_effect_once(world: World, oracle: Oracle) -> None:
    """I4: the delivery comes again, and is found in the inbox."""
    step = STEPS["a process manager inside its append"]

    async def fault(_record: Record) -> None:
        async with held(world, step, within_s=_LONG_S):
            world.kafka.stall()
            handled = await _handled(world)

        async def carried_out() -> bool:
            return await _handled(world) > handled

        await until(carried_out)
        await world.kill(step.process)

    assert await findings_after(fault, world, oracle) == []


async def test_a_client_whose_service_died_inside_the_append_gets_the_same_answer_later(world: World, oracle: Oracle) -> None:
    """I1: stored wholly and once, whether the append was carried out behind the dead process's back or never."""

    async def fault(record: Record) -> None:
        await killed_at(world, "an API inside its append")

        async def unanswered() -> bool:
            return any(told.statuses[:1] == [0] for told in record.commands)

        await until(unanswered)

    assert await findings_after(fault, world, oracle) == []


async def _behind(world: World, service: str) -> None:
    """Wait until the relay of a service has something to send."""
    watcher = await world.superuser(service)
    query = "select (select max(feed_position) from store.feed) > (select cursor from store.relay)"

    async def has() -> bool:
        return bool(await watcher.fetchval(query))

    await until(has)
    # A moment, in which it fetches and sends what is never acknowledged.
    await asyncio.sleep(0.2)
    await watcher.close()


async def _handled(world: World) -> int:
    connection = await world.superuser("pathways")
    try:
        return int(await connection.fetchval("select count(*) from store.inbox"))
    finally:
        connection.terminate()
