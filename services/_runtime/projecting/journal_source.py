"""The journal as a source: one position for the events of all services."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from contracts.envelope import FeedEvent
    from services._runtime.messaging.journal import Journal


class JournalSource:
    """Positions are those of the journal, dense from 1."""

    def __init__(self, journal: Journal) -> None:
        """Read `journal`."""
        self._journal = journal

    async def read(self, after: int, limit: int) -> list[tuple[int, FeedEvent]]:
        """See `Source.read`."""
        return [(entry.position, entry.event) for entry in await self._journal.read(after, limit)]

    async def head(self) -> int:
        """See `Source.head`."""
        return await self._journal.head()

    def wakes(self) -> AsyncIterator[None]:
        """See `Source.wakes`: the journal's own."""
        return self._journal.wakes()
