"""How intake's private lists follow the feed: step by step until cancelled; what cannot be opened stops the list, not the service."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from services._runtime.errors import Retryable, RuntimeFault

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from services._runtime.projecting.source import Source

log = structlog.get_logger(__name__)

BATCH = 500
"""Events of the feed that are taken at once."""

_AGAIN_S = 1.0
_STOPPED_S = 10.0


async def follow(source: Source, step: Callable[[], Awaitable[bool]], *, what: str) -> None:
    """Take steps for as long as there is more, whenever the feed has grown. An error is said, and tried again."""
    async for _ in source.wakes():
        try:
            while await step():
                pass
        except Retryable:
            await asyncio.sleep(_AGAIN_S)
        except RuntimeFault as error:
            log.error("following.stopped", what=what, error=type(error).__name__)  # noqa: TRY400 - its text and places are not for the log
            await asyncio.sleep(_STOPPED_S)
