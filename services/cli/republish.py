"""`ancora republish SERVICE`: the relay sends the feed again from its first position, in order; consumers drop what they have."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import asyncpg

from contracts.topics import SERVICES
from services.cli.console import MISUSED, err, fail, out
from services.cli.deployment import running, told

if TYPE_CHECKING:
    from services.cli.deployment import Deployment

_PATIENCE_S = 600.0


def run(service: str) -> None:
    """Set the relay's cursor back, and wait until the relay has caught up."""
    if service not in SERVICES:
        fail(f"{service!r} is not a service: give one of {', '.join(SERVICES)}", MISUSED)
    with told():
        sent = asyncio.run(_republish(running(), service))
    if sent is None:
        fail(f"the relay of {service} has not caught up within {_PATIENCE_S:.0f} s: see `./ancora status`; it goes on by itself")
    out.print(f"{service}: {sent} events were sent again, in order")


async def _republish(deployment: Deployment, service: str) -> int | None:
    """Return how many events were sent again; None where that takes too long."""
    connection = await asyncpg.connect(deployment.dsn(f"ancora_{service}", f"ancora_{service}"))
    try:
        await connection.execute("update store.relay set cursor = 0")
        head: int = await connection.fetchval("select coalesce(max(feed_position), 0) from store.feed")
        deadline = time.monotonic() + _PATIENCE_S
        while (cursor := await connection.fetchval("select cursor from store.relay")) < head:
            if time.monotonic() > deadline:
                return None
            err.print(f"  {service}: {cursor} of {head}", end="\r")
            await asyncio.sleep(0.2)
    finally:
        await connection.close()
    return head
