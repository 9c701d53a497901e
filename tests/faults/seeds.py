"""One seed from its first fault to the oracle's verdict."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from tests.faults.inflicting import Inflictor
from tests.faults.lives import live_until
from tests.faults.quiet import quiet
from tests.faults.schedule import schedule
from tests.faults.told import Record

if TYPE_CHECKING:
    from collections import Counter

    from tests.faults.oracle import Oracle
    from tests.faults.world import World

AT_ONCE = 6


@dataclass(frozen=True)
class Outcome:
    """What one seed did and what was found; the seconds until all faults were healed, until rest, and of the check."""

    seed: int
    told: dict[str, int]
    done: Counter[str]
    missed: Counter[str]
    lived: int
    events: int
    findings: tuple[str, ...]
    seconds: tuple[float, float, float]

    def __str__(self) -> str:
        """Return it as a line for people."""
        healed, rest, check = self.seconds
        missed = f"{sum(self.missed.values())} hit nothing"
        return (
            f"seed {self.seed}: {sum(self.done.values())} faults ({missed}), {self.lived} lives, told {self.told}, "
            f"{self.events} events; healed {healed:.1f} s, rest {rest:.1f} s, check {check:.1f} s; {len(self.findings)} findings"
        )


async def run_seed(world: World, oracle: Oracle, seed: int, *, models: bool = True) -> Outcome:
    """Inflict the seed's faults under load, heal, wait for rest, check; the replay of `models` takes longest."""
    record, inflictor, ended = Record(), Inflictor(world), asyncio.Event()
    began = time.monotonic()
    living = asyncio.create_task(live_until(world.ancora, record, ended, Random(seed), at_once=AT_ONCE))
    try:
        await inflictor.inflict(schedule(seed))
        healed = time.monotonic()
    finally:
        ended.set()
    lived = await living
    await quiet(world)
    rested = time.monotonic()
    findings = await oracle.check(record, models=models)
    seconds = (healed - began, rested - healed, time.monotonic() - rested)
    return Outcome(seed, record.figures(), inflictor.done, inflictor.missed, lived, oracle.events, tuple(findings), seconds)
