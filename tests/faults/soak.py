"""`make soak MINUTES=60`: persons are served while faults come at random; memory is sampled, and at the end all is checked.

Every few minutes the load rests and the oracle looks; at the end `ancora verify` does. Figures are in build/soak.json.
Exits 1 on a finding.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from random import Random

from deploy.local.paths import Home
from tests.faults.inflicting import Inflictor
from tests.faults.lives import live_until
from tests.faults.memory import Samples, look, quarters
from tests.faults.oracle import Oracle
from tests.faults.quiet import quiet
from tests.faults.run import tell
from tests.faults.schedule import schedule
from tests.faults.told import Record
from tests.faults.world import World, world_at
from tests.support.whole import ROOT

REPORT = ROOT / "build" / "soak.json"
_SAMPLE_S = 30.0
_STRETCH_S = 600.0
_PAUSE_S = (6.0, 18.0)
"""From the end of a fault to the next: a process lives some ten minutes, long enough to show that it grows."""

_AT_ONCE = 4


@dataclass
class Soak:
    """One long run and its figures."""

    world: World
    minutes: float
    seed: int
    began: float = field(default_factory=time.monotonic)
    samples: Samples = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    lives: int = 0
    findings: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Prepare."""
        self._dice = Random(self.seed)
        self._faults = itertools.chain.from_iterable(schedule(self.seed + number) for number in itertools.count())
        self._inflictor = Inflictor(self.world)
        self._oracle = Oracle(self.world)

    async def run(self) -> None:
        """Run to the end of the time, or to the first finding."""
        sampling = asyncio.create_task(self._sample())
        try:
            while self._left_s() > 0 and not self.findings:
                await self._stretch(min(_STRETCH_S, self._left_s()))
        finally:
            sampling.cancel()
            await asyncio.wait([sampling])
        self.samples.append((time.monotonic() - self.began, await asyncio.to_thread(look, self.world)))

    async def report(self) -> dict[str, object]:
        """Return the figures, with what `ancora verify` says."""
        code, found = await self.world.verified()
        faults: Counter[str] = Counter()
        for name, count in self._inflictor.done.items():
            faults[name] += count
        return {
            "minutes": round((time.monotonic() - self.began) / 60, 1),
            "seed": self.seed,
            "faults": sum(faults.values()),
            "faults by kind": dict(faults.most_common()),
            "faults that found nothing to hit": sum(self._inflictor.missed.values()),
            "lives": self.lives,
            "commands told": dict(self.told),
            "events": self._oracle.events,
            "repeats on Kafka": self._oracle.repeats,
            "findings": self.findings,
            "verify": {"code": code, "findings": found[:20]},
            "memory": quarters(self.samples),
            "samples": len(self.samples),
        }

    async def _stretch(self, seconds: float) -> None:
        """Load and faults for so long; then rest, and the oracle."""
        record, ended = Record(), asyncio.Event()
        living = asyncio.create_task(live_until(self.world.ancora, record, ended, self._dice, at_once=_AT_ONCE))
        deadline = time.monotonic() + seconds
        try:
            while time.monotonic() < deadline and not living.done():
                await self._inflictor.inflict([replace(next(self._faults), at_s=self._dice.uniform(*_PAUSE_S))])
        finally:
            ended.set()
        self.lives += await living
        await quiet(self.world, within_s=180)
        self.findings += await self._oracle.check(record)
        self.told.update(record.figures())
        at = (time.monotonic() - self.began) / 60
        tell(f"{at:5.1f} min: {self._oracle.events} events, {self.lives} lives, {len(self.findings)} findings")

    async def _sample(self) -> None:
        while True:
            self.samples.append((time.monotonic() - self.began, await asyncio.to_thread(look, self.world)))
            await asyncio.sleep(_SAMPLE_S)

    def _left_s(self) -> float:
        return self.began + self.minutes * 60 - time.monotonic()


async def run(minutes: float, seed: int) -> int:
    """Soak; return the exit code."""
    async with world_at(Home(ROOT / "build" / "soak")) as world:
        soak = Soak(world, minutes, seed)
        try:
            await soak.run()
        except Exception as error:  # noqa: BLE001 - what was measured so far must be told, too
            soak.findings.append(f"{type(error).__name__}: {error}")
        report = await soak.report()
    REPORT.write_text(json.dumps(report, indent=1) + "\n")
    tell(json.dumps(report, indent=1))
    verify = report["verify"]
    return 1 if soak.findings or not isinstance(verify, dict) or verify["code"] != 0 else 0


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long the load goes on")
    parser.add_argument("--seed", type=int, default=0, help="which faults come in which order")
    arguments = parser.parse_args()
    return asyncio.run(run(arguments.minutes, arguments.seed))


if __name__ == "__main__":
    sys.exit(main())
