"""Ending tasks for certain: a cancellation can be lost in a library, and a process that waits for ever serves nobody."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection


async def unended(tasks: Collection[asyncio.Task[Any]], *, within_s: float) -> set[asyncio.Task[Any]]:
    """Cancel the tasks, once more after half the time where one goes on; return those that have not ended in time.

    What they raise is dropped: whoever wants to know has looked before.
    """
    left = set(tasks)
    for _ in range(2):
        for task in left:
            task.cancel()
        done, left = await asyncio.wait(left, timeout=within_s / 2) if left else (set(), left)
        for task in done:
            # Looked at, so that the loop does not complain of an exception that nobody saw.
            _ = task.cancelled() or task.exception()
    return left
