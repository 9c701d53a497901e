"""The implementations of the event store, made ready for a test: in memory, and in a fresh PostgreSQL database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from services._runtime.store.connecting import connect, open_pool
from services._runtime.store.leadership import Leadership
from services._runtime.store.memory import MemoryEventStore, MemorySequencer
from services._runtime.store.postgres import PostgresEventStore
from services._runtime.store.postgres_sequencer import PostgresSequencer
from services._runtime.store.postgres_waking import PostgresWakes

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from asyncpg import Pool

    from tests.support.database import Cluster, Database

SERVICE = "intake"


class MemoryWorld:
    """The store in memory."""

    def __init__(self, *, demonstration: bool = False) -> None:
        """Start empty."""
        self.store = MemoryEventStore(SERVICE, demonstration=demonstration)

    async def sequencer(self) -> MemorySequencer:
        """Return a sequencer that leads from now on."""
        return MemorySequencer(self.store)

    async def open_generation(self) -> None:
        """Begin the feed's next generation."""
        self.store.open_generation()


class PostgresWorld:
    """The store in a database of its own."""

    def __init__(self, database: Database, pool: Pool, wakes: PostgresWakes, grown: PostgresWakes, stack: AsyncExitStack) -> None:
        """Use an open pool and running wakes."""
        self.database = database
        self.pool = pool
        self.wakes = wakes
        self.grown = grown
        self.store = PostgresEventStore(pool, SERVICE, wakes, grown=grown)
        self._stack = stack

    @classmethod
    async def opened(cls, cluster: Cluster, stack: AsyncExitStack, *, demonstration: bool = False, size: int = 10) -> Self:
        """Open everything; `stack` closes it."""
        database = await stack.enter_async_context(cluster.fresh(SERVICE, demonstration=demonstration))
        pool = await open_pool(database.dsn, size=size)
        stack.push_async_callback(pool.close)
        wakes = await stack.enter_async_context(PostgresWakes(database.dsn))
        grown = await stack.enter_async_context(PostgresWakes(database.dsn, channel="feed"))
        return cls(database, pool, wakes, grown, stack)

    async def sequencer(self) -> PostgresSequencer:
        """Return a sequencer that leads from now on: whoever led before is silent for too long at once."""
        lease = await Leadership(self.database.dsn, "sequence", holder="test", silence=timedelta(0)).take()
        assert lease is not None
        self._stack.push_async_callback(lease.release)
        return PostgresSequencer(lease, self.grown)

    async def open_generation(self) -> None:
        """Begin the feed's next generation, as the owner."""
        _, head, _ = await self.store.feed_head()
        owner = await connect(self.database.owner_dsn)
        await owner.execute("select store.open_generation('tested', $1)", head)
        await owner.close()
