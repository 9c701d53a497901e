"""The parts that messaging stands on: a broker, in memory and real, and stores, in memory and real."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from services._runtime.messaging.journal_memory import MemoryJournal
from services._runtime.messaging.journal_postgres import PostgresJournal, PostgresJournalWriter
from services._runtime.messaging.parking_memory import MemoryParking
from services._runtime.messaging.parking_postgres import PostgresParking
from services._runtime.store.connecting import open_pool
from services._runtime.store.postgres_waking import PostgresWakes
from tests.runtime.messaging.worlds import JournalWorld, ParkingWorld, transactions_of
from tests.support.kafka import Kafka, kafka_at
from tests.support.store_worlds import MemoryWorld, PostgresWorld

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.database import Cluster
    from tests.support.stack import RealParts


@pytest.fixture
async def kafka(real_parts: RealParts) -> AsyncIterator[Kafka]:
    """Give the real Kafka."""
    async with kafka_at(real_parts.kafka) as real:
        yield real


@pytest.fixture(params=["memory", "postgres"])
def server(request: pytest.FixtureRequest) -> Cluster | None:
    """Give each implementation's server in turn; memory has none."""
    if request.param == "memory":
        return None
    found: Cluster = request.getfixturevalue("cluster")
    return found


@pytest.fixture
async def store_world(server: Cluster | None) -> AsyncIterator[MemoryWorld | PostgresWorld]:
    """Give an empty store of each kind in turn."""
    async with AsyncExitStack() as stack:
        yield MemoryWorld() if server is None else await PostgresWorld.opened(server, stack)


@pytest.fixture
async def parking_world(server: Cluster | None) -> AsyncIterator[ParkingWorld]:
    """Give an empty store with an empty parking of each kind in turn."""
    async with AsyncExitStack() as stack:
        if server is None:
            parking = MemoryParking()
            yield ParkingWorld(MemoryWorld().store, parking, lambda: parking)
        else:
            world = await PostgresWorld.opened(server, stack)
            yield ParkingWorld(world.store, PostgresParking(world.pool), lambda: PostgresParking(world.pool))


@pytest.fixture
async def journal_world(server: Cluster | None) -> AsyncIterator[JournalWorld]:
    """Give an empty journal of each kind in turn."""
    async with AsyncExitStack() as stack:
        if server is None:
            journal = MemoryJournal()
            yield JournalWorld(journal, journal, journal, None)
            return
        database = await stack.enter_async_context(server.fresh("reporting"))
        pool = await open_pool(database.dsn)
        stack.push_async_callback(pool.close)
        wakes = await stack.enter_async_context(PostgresWakes(database.dsn, channel="journal"))
        first, second = (PostgresJournalWriter(transactions_of(pool), wakes, consumer="ingester") for _ in range(2))
        yield JournalWorld(PostgresJournal(pool, wakes), first, second, pool)
