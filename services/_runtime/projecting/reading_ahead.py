"""Reads a source batch after batch: while one is folded and written, the next is on its way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from contracts.envelope import FeedEvent
    from services._runtime.projecting.source import Source

    Batch = Sequence[tuple[int, FeedEvent]]


class ReadAhead:
    """A source's reads for one task that mostly goes on where it ended. A context manager: leaving it lets go of what nobody asked for."""

    def __init__(self, source: Source) -> None:
        """Read `source`."""
        self._source = source
        self._ahead: tuple[int, int, asyncio.Task[Batch]] | None = None

    async def read(self, after: int, limit: int) -> Batch:
        """See `Source.read`. Behind a full batch the next one is already being read when this returns."""
        going, self._ahead = self._ahead, None
        if going is not None and going[:2] == (after, limit):
            entries = await going[2]
        else:
            _let_go(going)
            entries = await self._source.read(after, limit)
        if len(entries) == limit:
            reached = entries[-1][0]
            self._ahead = (reached, limit, asyncio.create_task(self._source.read(reached, limit)))
        return entries

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Let go."""
        going, self._ahead = self._ahead, None
        _let_go(going)


def _let_go(going: tuple[int, int, asyncio.Task[Batch]] | None) -> None:
    if going is not None:
        task = going[2]
        task.cancel()
        # An error of a read that nobody asked for is nobody's.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
