"""What the owner does to a store that was restored: events come back, a new generation of the feed begins. All in one transaction."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg

from services._runtime.errors import RuntimeFault
from services._runtime.store.connecting import connect
from services._runtime.store.postgres_codec import adopted_event

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from uuid import UUID

    from contracts.envelope import FeedEvent
    from services._runtime.handling import TimerChanges
    from services._runtime.store.leadership import Lease
    from services._runtime.store.port import InboxEntry

_DOES_NOT_FOLLOW = "AN030"
_HANDLED = "insert into store.inbox (consumer, event_id) values ($1, $2) on conflict do nothing returning true"
_SET = (
    "insert into store.timer (timer_id, kind, stream_id, due_at, clock) values ($1, $2, $3, $4, $5) on conflict do nothing returning true"
)
_SETTLE = "update store.timer set settled_at = clock_timestamp() where timer_id = any($1) and settled_at is null"


class DoesNotFollow(RuntimeFault):
    """An event cannot come back: the store went on differently where the world has seen it. Nothing was changed."""


class Reopening:
    """One store in one transaction of its owner; nobody appends or sequences meanwhile."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        """Work within the transaction of `connection`."""
        self._connection = connection

    async def adopt(self, generation: int, events: Sequence[FeedEvent]) -> set[UUID]:
        """Take consecutive events of the present generation into events and feed; return the ids of those that were missing.

        Those that the store held already, not yet sequenced, get their place in the feed. Raises `DoesNotFollow`.
        """
        rows, links = [adopted_event(event.recorded) for event in events], [event.chain for event in events]
        query = "select store.adopt($1, $2, $3, $4)"
        try:
            return set(await self._connection.fetchval(query, generation, events[0].feed_position, rows, links))
        except asyncpg.PostgresError as error:
            if error.sqlstate == _DOES_NOT_FOLLOW:
                raise DoesNotFollow(str(error)) from None
            raise

    async def open(self, reason: str, ends: int) -> int:
        """End the present generation at feed position `ends`; return the next one, in which all that was fed beyond is fed again."""
        return int(await self._connection.fetchval("select store.open_generation($1, $2)", reason, ends))

    async def handled(self, entry: InboxEntry) -> bool:
        """Note that a delivery was handled; tell whether that was news."""
        return bool(await self._connection.fetchval(_HANDLED, entry.consumer, entry.event_id))

    async def change_timers(self, changes: TimerChanges) -> int:
        """Set and settle timers as an append does; return how many were set that the store did not have."""
        made = 0
        for one in changes.set:
            made += bool(await self._connection.fetchval(_SET, one.timer_id, one.kind, one.stream_id, one.due_at, one.clock))
        if changes.settle:
            await self._connection.execute(_SETTLE, list(changes.settle))
        return made


@asynccontextmanager
async def reopening(owner_dsn: str, *leases: Lease) -> AsyncIterator[Reopening]:
    """Give the store of a database to its owner for one transaction, fenced by `leases` of the work that must rest.

    Raises what a stale lease does in the database; then, as after any error, nothing was changed.
    """
    connection = await connect(owner_dsn, name="ancora reopening")
    try:
        async with connection.transaction():
            for lease in leases:
                await connection.execute("select store.check_leader($1, $2)", lease.kind, lease.epoch)
            await connection.execute("lock table store.events in share row exclusive mode")
            yield Reopening(connection)
    finally:
        await connection.close()
