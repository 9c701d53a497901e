"""A service's own feed as a source, for the lists that it keeps of its own streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from contracts.envelope import FeedEvent
    from services._runtime.store.port import EventStore


class FeedSource:
    """Positions are those of the feed, dense from 1."""

    def __init__(self, store: EventStore) -> None:
        """Read the feed of `store`."""
        self._store = store

    async def read(self, after: int, limit: int) -> list[tuple[int, FeedEvent]]:
        """See `Source.read`."""
        return [(event.feed_position, event) for event in await self._store.feed(after=after, limit=limit)]

    async def head(self) -> int:
        """See `Source.head`."""
        return (await self._store.feed_head())[1]

    def wakes(self) -> AsyncIterator[None]:
        """See `Source.wakes`: the store's own."""
        return self._store.wakes()
