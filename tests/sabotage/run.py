"""`make sabotage`: breaks each promise on purpose, in a copy of the tree, and passes only if the test named for it fails.

A patch begins with lines `# invariant: I3`, `# breaks: …` and `# test: tests/…::test_…`; the rest is a unified diff.
The tests are first run unbroken. The real parts are those that ANCORA_TEST_KAFKA and ANCORA_TEST_POSTGRES name, else a stack of
this command's own, so that broken migrations disturb nobody. Exits 1 where a promise could be broken unnoticed.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local.paths import Home
from deploy.local.stack import EmbeddedStack
from tests.sabotage.trial import INVARIANTS, Sabotage, Unproved, apply, copy_tree, demand_failing, demand_passing, sabotages

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ROOT = Path(__file__).parents[2]
COPIES = ROOT / "build" / "sabotage"
STACK = ROOT / "build" / "sabotage-stack"
_KAFKA, _POSTGRES = "ANCORA_TEST_KAFKA", "ANCORA_TEST_POSTGRES"
_WIDTH = 120
_AT_ONCE = 2
"""Trees that are tried at a time: each test waits for its parts more than for a core."""


@asynccontextmanager
async def real_parts() -> AsyncIterator[dict[str, str]]:
    """Give the addresses of Kafka and PostgreSQL as the tests read them, for the length of the run."""
    if os.environ.get(_KAFKA) and os.environ.get(_POSTGRES):
        yield {}
        return
    stack = EmbeddedStack(Home(STACK))
    addresses = await stack.ensure()
    try:
        yield {_KAFKA: addresses.kafka, _POSTGRES: addresses.dsn()}
    finally:
        await stack.stop()


def try_one(sabotage: Sabotage, parts: dict[str, str]) -> str:
    """Break a promise in a fresh copy and return how the test noticed; raises `Unproved`, and leaves the copy to be looked at."""
    tree = COPIES / sabotage.patch.stem
    copy_tree(ROOT, tree)
    apply(sabotage.patch, tree)
    how = demand_failing(tree, sabotage, parts)
    shutil.rmtree(tree)
    return how


async def try_all(found: list[Sabotage]) -> list[str]:
    """Try every sabotage, two at a time, telling each as it ends; return the names of those that proved nothing."""
    unproved: list[str] = []
    turn = asyncio.Semaphore(_AT_ONCE)
    async with real_parts() as parts:
        shutil.rmtree(COPIES, ignore_errors=True)
        whole = COPIES / "whole"
        copy_tree(ROOT, whole)
        await asyncio.to_thread(demand_passing, whole, sorted({one.test for one in found}), parts)

        async def one_of_them(sabotage: Sabotage) -> None:
            async with turn:
                began = time.monotonic()
                try:
                    how, verdict = await asyncio.to_thread(try_one, sabotage, parts), "noticed"
                except Unproved as reason:
                    how, verdict = str(reason), "NOT NOTICED"
                    unproved.append(sabotage.patch.stem)
                tell(f"{sabotage.invariant:<5}{verdict:<12} {sabotage.breaks}  [{time.monotonic() - began:.0f} s]")
                tell(f"                  {how[:_WIDTH] if verdict == 'noticed' else how}")

        await asyncio.gather(*(one_of_them(sabotage) for sabotage in found))
        shutil.rmtree(whole)
    return sorted(unproved)


def tell(line: str) -> None:
    """Print at once, for whoever watches."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Try every patch of this folder, or those named; 1 where one proves nothing, or a promise has none."""
    named = sys.argv[1:]
    try:
        every = sabotages(Path(__file__).parent)
        found = [one for one in every if not named or one.patch.stem in named]
        unbroken = [name for name in INVARIANTS if name not in {one.invariant for one in every}]
        if unbroken or not found:
            tell(f"no patch breaks {', '.join(unbroken or named)}")
            return 1
        unproved = asyncio.run(try_all(found))
    except Unproved as reason:
        tell(str(reason))
        return 1
    tell(f"not noticed: {', '.join(unproved)}" if unproved else f"every broken promise was noticed ({len(found)} ways to break them)")
    return 1 if unproved else 0


if __name__ == "__main__":
    sys.exit(main())
