"""A process that rebuilds a model over a feed of its own and tells each step, so that it can be killed at one of them.

`python -m tests.runtime.projecting.rebuilt_elsewhere DSN EVENTS`; it goes on after each line that it is sent.
"""

from __future__ import annotations

import asyncio
import sys

from contracts.envelope import FeedEvent
from services._runtime.projecting.postgres import PostgresRows
from services._runtime.projecting.rebuild import rebuild
from services._runtime.store.connecting import open_pool
from tests.runtime.projecting.models import COUNTS, household
from tests.support.read_models import ListSource, feed_of, happened

BATCH = 10


def numbered(events: int) -> list[FeedEvent]:
    """Return a feed that is the same in every process."""
    return feed_of("intake", [happened(household(number), territory=f"T{number % 7}") for number in range(1, events + 1)])


async def _rebuild(dsn: str, events: int) -> None:
    def tell(position: int, _head: int) -> None:
        sys.stdout.write(f"{position}\n")
        sys.stdout.flush()
        sys.stdin.readline()

    async with await open_pool(dsn, size=2) as pool:
        await rebuild(COUNTS, ListSource(numbered(events)), PostgresRows(pool), on_progress=tell, batch=BATCH)


if __name__ == "__main__":
    asyncio.run(_rebuild(sys.argv[1], int(sys.argv[2])))
