"""The second fence: connections of the role that answers callers, to which the database gives only the rows that the caller may reach."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from services._runtime.access.deciding import municipality_of
from services._runtime.clock import day_of
from services._runtime.store.connecting import retryable
from services._runtime.store.postgres_codec import LOAD, stream_event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Pool, Record
    from asyncpg.pool import PoolConnectionProxy

    from services._runtime.access.deciding import Principal
    from services._runtime.clock import Clock
    from services._runtime.store.port import StreamEvent

# "true": until the transaction ends, so that the connection's next user inherits nothing.
_TELL = """
select set_config('ancora.organisation', $1, true), set_config('ancora.role', $2, true), set_config('ancora.actor', $3, true),
    set_config('ancora.person', $4, true), set_config('ancora.municipality', $5, true), set_config('ancora.day', $6, true),
    set_config('ancora.moment', $7, true), set_config('ancora.record', $8, true), set_config('ancora.through', $9, true),
    set_config('ancora.purpose', $10, true)
"""


class Fence:
    """Answers callers out of one database. Its pool must be of the role `ancora_<service>_answers`, which reaches nothing untold."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        """Answer by `pool`; `clock` says which day it is for callers who do not say it themselves."""
        self._pool = pool
        self._clock = clock

    @asynccontextmanager
    async def answering(self, caller: Principal, record: str = "", through: str = "") -> AsyncIterator[PoolConnectionProxy[Record]]:
        """Give a connection in a transaction of one moment that reads what the caller reaches, of `record` where it is read alone.

        `through` names another record that opens this one to them, where one does.
        """
        now = caller.now or self._clock.now()
        told = (
            caller.organisation,
            caller.role.value,
            caller.sub,
            str(caller.person or ""),
            municipality_of(caller) or "",
            day_of(now).isoformat(),
            now.isoformat(),
            record,
            through,
            caller.purpose,
        )
        with retryable():
            async with self._pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
                await connection.execute(_TELL, *told)
                yield connection

    async def load(self, caller: Principal, stream_id: str, through: str = "") -> list[StreamEvent]:
        """Return the events of a stream that the caller reaches; of another's as of none, nothing."""
        async with self.answering(caller, stream_id, through) as connection:
            return [stream_event(row) for row in await connection.fetch(LOAD, stream_id, 0)]
