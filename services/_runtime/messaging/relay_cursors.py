"""Where a relay stands: in the store's own database, moved only by the leader, or in memory."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from services._runtime.messaging.relay import CursorMoved, RelayPosition

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncpg import Connection, Pool

    Transaction = Callable[[], AbstractAsyncContextManager[Connection]]

_ADVANCE = """
update store.relay set generation = $3, cursor = $4 where generation = $1 and cursor = $2 returning true
"""
# A cursor that speaks of no topic yet keeps its place: it is new, or older than this column.
_FOLLOW = """
update store.relay set topic_id = $1,
    generation = case when topic_id is null then generation else 1 end, cursor = case when topic_id is null then cursor else 0 end
from (select topic_id is not null as another from store.relay) before
where topic_id is distinct from $1 returning before.another
"""


class PostgresRelayCursor:
    """The row `store.relay`. `transaction` is `Lease.transaction` of the relay's lead, so that a stale leader moves nothing."""

    def __init__(self, pool: Pool, transaction: Transaction) -> None:
        """Read through `pool`, move through `transaction`."""
        self._pool = pool
        self._transaction = transaction

    async def read(self) -> RelayPosition:
        """See `RelayCursor.read`."""
        row = await self._pool.fetchrow("select generation, cursor from store.relay")
        if row is None:
            msg = "the database has no relay row: it was not migrated"
            raise LookupError(msg)
        return RelayPosition(row[0], row[1])

    async def advance(self, before: RelayPosition, after: RelayPosition) -> None:
        """See `RelayCursor.advance`."""
        places = (before.generation, before.feed_position, after.generation, after.feed_position)
        async with self._transaction() as connection:
            if not await connection.fetchval(_ADVANCE, *places):
                raise CursorMoved(f"the cursor is no longer at {before.feed_position} of generation {before.generation}")

    async def follow(self, topic_id: str) -> bool:
        """See `RelayCursor.follow`."""
        async with self._transaction() as connection:
            return bool(await connection.fetchval(_FOLLOW, topic_id))


class MemoryRelayCursor:
    """A cursor that lives as long as its process."""

    def __init__(self) -> None:
        """Start before the first event."""
        self.position = RelayPosition(1, 0)
        self._topic_id: str | None = None

    async def read(self) -> RelayPosition:
        """See `RelayCursor.read`."""
        return self.position

    async def advance(self, before: RelayPosition, after: RelayPosition) -> None:
        """See `RelayCursor.advance`."""
        if self.position != before:
            raise CursorMoved(f"the cursor is no longer at {before.feed_position} of generation {before.generation}")
        self.position = after

    async def follow(self, topic_id: str) -> bool:
        """See `RelayCursor.follow`."""
        another = self._topic_id not in (None, topic_id)
        self._topic_id = topic_id
        if another:
            self.position = RelayPosition(1, 0)
        return another
