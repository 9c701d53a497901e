"""How a private list on PostgreSQL is written: by one process at a time, which holds the list's row of progress."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services._runtime.store.connecting import retryable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Pool
    from asyncpg.pool import PoolConnectionProxy


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a list's progress is kept, unlogged as the list itself; by which rule the list is kept, and what empties it."""

    table: str
    rule: int
    empties: tuple[str, ...]

    @asynccontextmanager
    async def held(self, pool: Pool) -> AsyncIterator[tuple[PoolConnectionProxy, int]]:
        """Hold the row in one transaction; give its connection and the position that was reached.

        That is 0, and the list was emptied, where it is kept by another rule or was lost in a crash.
        """
        take = f"select rule, position from {self.table} for update"  # noqa: S608 - a table of ours
        with retryable():
            async with pool.acquire() as connection, connection.transaction():
                row = await connection.fetchrow(take)
                if row is None:
                    begin = f"insert into {self.table} (rule, position) values ($1, 0) on conflict do nothing"  # noqa: S608 - as above
                    await connection.execute(begin, self.rule)
                    row = await connection.fetchrow(take)
                assert row is not None  # noqa: S101 - it was inserted, by us or by another
                position = int(row["position"]) if row["rule"] == self.rule else 0
                if position == 0:
                    for empty in self.empties:
                        await connection.execute(empty)
                yield connection, position

    async def reached(self, connection: PoolConnectionProxy, position: int) -> None:
        """Say up to where the list is told now."""
        reach = f"update {self.table} set rule = $1, position = $2"  # noqa: S608 - as above
        await connection.execute(reach, self.rule, position)
