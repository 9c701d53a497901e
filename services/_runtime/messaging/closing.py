"""Closing clients of Kafka within a bound, whatever they raise: theirs end with their own tasks' cancellations, among other things."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_CANCELLING_S = 1.0


async def closed(close: Callable[[], Coroutine[Any, Any, None]], *, within_s: float) -> bool:
    """Close, and tell whether it ended well within the bound; never raises.

    It runs in a task of its own: aiokafka's consumer awaits tasks that it cancelled, and the cancellation that comes out of them
    would end the task that only wanted to close it.
    """
    closing = asyncio.create_task(close())
    try:
        await asyncio.wait([closing], timeout=within_s)
    finally:
        if not closing.done():
            closing.cancel()
    if not closing.done():
        await asyncio.wait([closing], timeout=_CANCELLING_S)
    return closing.done() and not closing.cancelled() and closing.exception() is None
