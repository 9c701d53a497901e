"""Holding a process between two of its steps, without a hook in it: somebody locks what its next statement needs; there it is killed."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.faults.world import World

_LOOK_S = 0.02

_HELD = """
select count(*) from pg_stat_activity
where datname = $1 and pid <> pg_backend_pid() and wait_event_type = 'Lock' and query like $2
"""


@dataclass(frozen=True)
class Step:
    """Where a process is held: `lock` in the database of `service` keeps it inside the statement like `statement`."""

    process: str
    service: str
    lock: str
    statement: str


STEPS = {
    "the intake sequencer inside its transaction": Step(
        "intake-sequence", "intake", "lock table store.feed in exclusive mode", "%store.sequence(%"
    ),
    "the pathways sequencer inside its transaction": Step(
        "pathways-sequence", "pathways", "lock table store.feed in exclusive mode", "%store.sequence(%"
    ),
    "the relay between the acknowledgements and its cursor": Step(
        "intake-sequence", "intake", "select from store.relay for update", "%update store.relay%"
    ),
    "the ingester between its positions and its rows": Step(
        "reporting-ingest", "reporting", "lock table messaging.journal in exclusive mode", "COPY%journal%"
    ),
    "a read model between its position and its rows": Step(
        "reporting-project", "reporting", "lock table read_model.activity in exclusive mode", "%read_model.activity%"
    ),
    "a process manager inside its append": Step(
        "pathways-consume", "pathways", "lock table store.inbox in exclusive mode", "%store.append(%"
    ),
    "an API inside its append": Step("intake-api", "intake", "lock table store.outbox in exclusive mode", "%store.append(%"),
    "all of a service inside an append": Step("tutors", "tutors", "lock table store.events in exclusive mode", "%store.append(%"),
}
"""Each is a state in which a crash may lose or double something, by its name."""


class NeverThere(Exception):
    """The process did not reach the step: it was dead, or had nothing to do."""


@asynccontextmanager
async def held(world: World, step: Step, *, within_s: float = 8.0) -> AsyncIterator[None]:
    """Hold the process inside the step during the body; raises `NeverThere`."""
    holder = await world.superuser(step.service)
    try:
        async with asyncio.timeout(within_s + 5), holder.transaction():
            await holder.execute(step.lock)
            await _caught(world, step, within_s)
            yield
    finally:
        # Also where PostgreSQL itself dies meanwhile.
        holder.terminate()


async def killed_there(world: World, step: Step, *, within_s: float = 8.0) -> None:
    """Kill -9 the process inside the step, then let the database go on; raises `NeverThere`."""
    async with held(world, step, within_s=within_s):
        await world.kill(step.process)


async def _caught(world: World, step: Step, within_s: float) -> None:
    watcher = await world.superuser(step.service)
    try:
        deadline = time.monotonic() + within_s
        while not await watcher.fetchval(_HELD, f"ancora_{step.service}", step.statement):
            if time.monotonic() > deadline:
                raise NeverThere(step.process)
            await asyncio.sleep(_LOOK_S)
    finally:
        watcher.terminate()
