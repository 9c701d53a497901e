"""`make faults SEEDS=200 FROM=0`: as many seeds as asked for on one Ancora of their own; stops at the first that finds something.

Prints each seed's outcome and a summary, which is also in build/faults.json. Exits 1 on a finding; the seed is in the last line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
import traceback
from collections import Counter

from deploy.local.paths import Home
from tests.faults.oracle import Oracle
from tests.faults.schedule import ROUND, schedule
from tests.faults.seeds import Outcome, run_seed
from tests.faults.world import world_at
from tests.support.whole import ROOT

REPORT = ROOT / "build" / "faults.json"


async def run(first: int, count: int) -> int:
    """Run seeds one after another; return the exit code."""
    outcomes: list[Outcome] = []
    failed: str | None = None
    began = time.monotonic()
    async with world_at(Home(ROOT / "build" / "faults-run")) as world:
        oracle = Oracle(world)
        for seed in range(first, first + count):
            try:
                # A replay reads everything from the beginning: each round has one, and `ancora verify` is the last.
                outcome = await run_seed(world, oracle, seed, models=seed % ROUND == 0)
            except Exception as error:  # noqa: BLE001 - whatever it is, its seed must be told
                failed = "".join((f"seed {seed}: ", *traceback.format_exception(error)))
                break
            outcomes.append(outcome)
            tell(str(outcome))
            if outcome.findings:
                failed = "\n".join((f"seed {seed} found:", *outcome.findings[:20]))
                break
        code, found = (1, []) if failed else await world.verified()
        if code and not failed:
            failed = f"ancora verify after seed {first + count - 1}: {found[:5]}"
    report = summary(outcomes, failed, time.monotonic() - began)
    REPORT.write_text(json.dumps(report, indent=1) + "\n")
    tell(json.dumps(report, indent=1))
    if failed:
        seed = first + len(outcomes) - bool(outcomes and outcomes[-1].findings)
        tell("\n".join(("the schedule that was under way:", *(str(planned) for planned in schedule(seed)), failed)))
    return 1 if failed else 0


def summary(outcomes: list[Outcome], failed: str | None, seconds: float) -> dict[str, object]:
    """Return the run's figures."""
    done, missed, told = Counter[str](), Counter[str](), Counter[str]()
    for outcome in outcomes:
        for name, count in outcome.done.items():
            done[name if name.startswith("hold") else _kind(name)] += count
        missed += outcome.missed
        told.update(outcome.told)
    return {
        "seeds": len(outcomes),
        "minutes": round(seconds / 60, 1),
        "faults": sum(done.values()),
        "faults by kind": dict(done.most_common()),
        "faults that found nothing to hit": sum(missed.values()),
        "commands told": dict(told),
        "lives": sum(outcome.lived for outcome in outcomes),
        "events": outcomes[-1].events if outcomes else 0,
        "findings": sum(len(outcome.findings) for outcome in outcomes),
        "failed": failed,
    }


def _kind(name: str) -> str:
    """Return a fault without the process it hit; with the real part, where it hit one."""
    fault, target = name.split(" ")
    return name if target in ("kafka", "postgres") else f"{fault} a process"


def tell(line: str) -> None:
    """Print at once, for whoever watches."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.run", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first one")
    arguments = parser.parse_args()
    return asyncio.run(run(arguments.first, arguments.seeds))


if __name__ == "__main__":
    sys.exit(main())
