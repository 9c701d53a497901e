"""Carries out a schedule on a running Ancora, and heals everything at its end."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from typing import TYPE_CHECKING

import asyncpg
import psutil

from services._runtime.store.connecting import LOST
from tests.faults.steps import STEPS, NeverThere, killed_there
from tests.faults.world import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.faults.proxy import Proxy
    from tests.faults.schedule import Planned
    from tests.faults.world import World

_LATENCY_S = 0.15
_AWAY_S = 0.5


class Inflictor:
    """Inflicts faults on one world; `done` counts them by kind and target, `missed` those that found nothing to hit."""

    def __init__(self, world: World) -> None:
        """Inflict on `world`."""
        self._world = world
        # One fault of the real parts at a time: starting what another fault is just ending would be a race of the tests' own.
        self._parts = asyncio.Lock()
        self.done: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()

    async def inflict(self, plan: Sequence[Planned]) -> None:
        """Begin each fault at its moment; return when all are over and healed."""
        try:
            async with asyncio.TaskGroup() as group:
                for planned in plan:
                    group.create_task(self._at_its_moment(planned), name=str(planned))
        finally:
            await self._world.revive()

    async def _at_its_moment(self, planned: Planned) -> None:
        await asyncio.sleep(planned.at_s)
        name = f"{planned.fault} {planned.target}"
        try:
            hit = await self._one(planned)
        except (NeverThere, TimeoutError, psutil.NoSuchProcess, asyncpg.PostgresError, *LOST):
            # What was to be hit was dead at that moment, of another fault.
            hit = False
        (self.done if hit else self.missed)[name] += 1

    async def _one(self, planned: Planned) -> bool:
        if planned.target in STEPS:
            await killed_there(self._world, STEPS[planned.target])
            return True
        if planned.target in ("kafka", "postgres"):
            async with self._parts:
                await self._on_part(planned)
            return True
        if planned.fault == "freeze":
            with frozen(self._world.process(planned.target)):
                await asyncio.sleep(planned.for_s)
            return True
        return await self._world.kill(planned.target)

    async def _on_part(self, planned: Planned) -> None:
        world = self._world
        match planned.fault, planned.target:
            case "kill", "kafka":
                await world.kill_broker()
            case "kill", "postgres":
                await world.kill_server(signal.SIGKILL)
            case "power-cut", _:
                await world.kill_server(signal.SIGQUIT)
            case "freeze", _:
                with frozen(world.broker.pid_file.process()):
                    await asyncio.sleep(planned.for_s)
            case _:
                await self._on_network(planned, world.kafka if planned.target == "kafka" else world.postgres)
        if planned.fault in ("kill", "power-cut"):
            await asyncio.sleep(_AWAY_S)
        await world.revive()

    async def _on_network(self, planned: Planned, proxy: Proxy) -> None:
        match planned.fault:
            case "cut":
                await proxy.cut()
            case "stall":
                proxy.stall()
            case _:
                proxy.delay(_LATENCY_S)
        await asyncio.sleep(planned.for_s)
