"""Waiting for what a process or a database brings about, where nothing tells."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_LOOK_S = 0.05


async def until(look: Callable[[], Awaitable[bool]], *, within_s: float = 60.0) -> None:
    """Return once `look` says True; raises TimeoutError where that takes too long."""
    async with asyncio.timeout(within_s):
        while not await look():  # noqa: ASYNC110 - other processes set no event here
            await asyncio.sleep(_LOOK_S)
