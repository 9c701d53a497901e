"""A service's own feed as a source, for the lists that it keeps of its own streams."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from contracts.envelope import FeedEvent
    from services._runtime.store.port import EventStore


class FeedSource:
    """Positions are dense from 1 over all generations of the feed, one after the other: the feed's own as long as there is one."""

    def __init__(self, store: EventStore) -> None:
        """Read the feed of `store`."""
        self._store = store
        self._begins = {1: 0}

    async def read(self, after: int, limit: int) -> list[tuple[int, FeedEvent]]:
        """See `Source.read`."""
        generation, begin = max(found for found in self._begins.items() if found[1] <= after)
        events = await self._store.feed(after=after - begin, limit=limit, generation=generation)
        if not events and await self._another_began():
            return await self.read(after, limit)
        return [(begin + event.feed_position, event) for event in events]

    async def head(self) -> int:
        """See `Source.head`."""
        return sum((await self._store.feed_ends()).values())

    def wakes(self) -> AsyncIterator[None]:
        """See `Source.wakes`: the feed's own."""
        return self._store.feed_wakes()

    async def _another_began(self) -> bool:
        """Look whether a generation began that was not known yet. Those before it have ended, so that where it begins stays true."""
        ends = await self._store.feed_ends()
        known = len(self._begins)
        self._begins = {generation: sum(end for older, end in ends.items() if older < generation) for generation in ends}
        return len(self._begins) > known
