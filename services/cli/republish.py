"""`ancora republish FEED`: the relay sends a feed of all generations again, in order; consumers drop what they have."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from contracts.topics import TOPICS, service_of
from services._runtime.hosting.parts import parts_of
from services._runtime.messaging.relay import RelayPosition, lag
from services._runtime.messaging.topics import ensure_topics
from services.cli.console import err, fail, out
from services.cli.deployment import running, told
from services.cli.services import chosen_feeds, services, settings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services._runtime.hosting.parts import Feed
    from services.cli.deployment import Deployment

_PATIENCE_S = 600.0
_STANDS = "select generation, cursor from store.relay"
_BEGIN_ANEW = "update store.relay set generation = 1, cursor = 0"


def run(feed: str) -> None:
    """Set the relays back, of one feed or of all, and wait until they have caught up."""
    wanted = chosen_feeds(feed)
    with told():
        asyncio.run(_republish(running(), wanted))


async def _republish(deployment: Deployment, wanted: Sequence[str]) -> None:
    # A running Ancora whose broker lost its data has no topics until somebody makes them.
    await ensure_topics(deployment.kafka, TOPICS)
    known = services()
    for name in wanted:
        service = service_of(name)
        async with parts_of(service, settings_of(deployment, service), known[service].timetable) as parts:
            sent = await _sent_again(parts.feed(name))
        if sent is None:
            fail(f"the relay of {name} has not caught up within {_PATIENCE_S:.0f} s: see `./ancora status`; it goes on by itself")
        out.print(f"{name}: {sent} events were sent again, in order")


async def _sent_again(feed: Feed) -> int | None:
    """Return how many events the relay sent again; None where that takes too long."""
    await feed.pool.execute(_BEGIN_ANEW)
    ends = await feed.store.feed_ends()
    total = sum(ends.values())
    deadline = time.monotonic() + _PATIENCE_S
    while waiting := lag(RelayPosition(*(await feed.pool.fetch(_STANDS))[0]), ends):
        if time.monotonic() > deadline:
            return None
        err.print(f"  {feed.store.service}: {total - waiting} of {total}", end="\r")
        await asyncio.sleep(0.2)
    return total
