"""The record of reads on memory and PostgreSQL: many in one commit, one chain, and a new stream whenever what is stored is unsure."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
import pytest

from contracts.envelope import NO_DIGEST, digest
from contracts.personal import DataClass
from contracts.topics import access_of
from services._runtime.access.roles import Role
from services._runtime.clock import SimulatedClock, SystemClock
from services._runtime.errors import Retryable
from services._runtime.ids import new_id
from services._runtime.store.connecting import open_pool
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.memory import MemoryEventStore
from services._runtime.store.postgres import PostgresEventStore
from services._runtime.store.postgres_waking import PostgresWakes
from services._runtime.store.reads import MOST, Read, Reads
from services._runtime.store.recording import Recorder
from tests.support.endpoints import StandIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from services._runtime.clock import Clock
    from services._runtime.store.port import Append, EventStore
    from tests.support.database import Cluster

FEED = access_of("intake")


class Watched:
    """A store that counts appends, keeps their streams, and loses the answer to one of them where it is told to."""

    def __init__(self, store: EventStore) -> None:
        self.streams: list[str] = []
        self.events = 0
        self.lose = False
        self._store = store

    async def append(self, append: Append) -> None:
        """Append; then perhaps do as a connection that ends before the answer."""
        await self._store.append(append)
        (stream,) = append.streams
        self.streams.append(stream.stream_id)
        self.events += len(stream.events)
        if self.lose:
            self.lose = False
            raise Retryable("the connection ended")

    async def load(self, stream_id: str) -> list[tuple[bytes, bytes, bytes]]:
        """Return of each event (previous digest, digest, digest recomputed)."""
        found = [one.recorded for one in await self._store.load(stream_id)]
        return [(one.envelope.previous_digest, one.digest, digest(one.envelope, one.data, one.commitment)) for one in found]


@pytest.fixture(params=["memory", "postgres"])
def server(request: pytest.FixtureRequest) -> Cluster | None:
    """Give each implementation's server in turn; memory has none, so that its tests start nothing."""
    if request.param == "memory":
        return None
    found: Cluster = request.getfixturevalue("cluster")
    return found


@pytest.fixture
async def watched(server: Cluster | None) -> AsyncIterator[Watched]:
    """Give the store on each implementation in turn."""
    async with AsyncExitStack() as stack:
        if server is None:
            yield Watched(MemoryEventStore(FEED))
            return
        database = await stack.enter_async_context(server.fresh(FEED))
        pool = await stack.enter_async_context(await open_pool(database.dsn))
        wakes = await stack.enter_async_context(PostgresWakes(database.dsn))
        yield Watched(PostgresEventStore(pool, FEED, wakes))


def reads_of(watched: Watched, clock: Clock | None = None) -> Reads:
    """Return a record of reads that stores there."""
    return Reads(watched, "intake", Recorder(MemoryKeyring()), clock or SystemClock())  # type: ignore[arg-type] # what a record asks of a store


def read(person: UUID | None = None) -> Read:
    """Return an answer about somebody."""
    return Read(
        caller=StandIn(Role.CASE_WORKER),
        action="intake.read",
        correlation=new_id(),
        subjects=[person or new_id()],
        classes=[DataClass.IDENTITY],
        status=200,
        origin="",
    )


async def test_all_that_wait_go_together_into_one_chain(watched: Watched) -> None:
    """I9, I1: a commit for many; each is there, in one stream whose links hold."""
    reads = reads_of(watched)
    await asyncio.gather(*(reads.record(read()) for _ in range(4 * MOST)))
    assert (watched.events, len(set(watched.streams))) == (4 * MOST, 1)
    assert len(watched.streams) <= 6
    links = await watched.load(watched.streams[0])
    assert [before for before, _, _ in links] == [NO_DIGEST, *(own for _, own, _ in links[:-1])]
    assert all(own == recomputed for _, own, recomputed in links)


async def test_where_it_is_unsure_whether_they_are_stored_nobody_is_answered_and_a_new_stream_begins(watched: Watched) -> None:
    """I9: what waited is told; what comes after does not stumble over what may be there."""
    reads = reads_of(watched)
    await reads.record(read())
    watched.lose = True
    unsure = await asyncio.gather(*(reads.record(read()) for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in unsure] == [Retryable] * 3
    await reads.record(read())
    assert watched.streams[0] == watched.streams[1] != watched.streams[2]
    assert watched.events == 5


async def test_a_day_has_a_stream_of_its_own() -> None:
    """No stream grows for ever."""
    clock = SimulatedClock(SystemClock().now())
    store = Watched(MemoryEventStore(FEED, clock=clock))
    reads = reads_of(store, clock)
    await reads.record(read())
    await reads.record(read())
    assert len(set(store.streams)) == 1
    clock.move_to(clock.now() + timedelta(days=1))
    await reads.record(read())
    assert len(set(store.streams)) == 2


async def test_one_who_no_longer_waits_keeps_nobody(watched: Watched) -> None:
    """A caller who hung up is recorded or not; the next one is."""
    reads = reads_of(watched)
    hung_up = asyncio.create_task(reads.record(read()))
    await asyncio.sleep(0)
    hung_up.cancel()
    await reads.record(read())
    assert watched.events in (1, 2)


async def test_nobody_alters_or_deletes_a_record(cluster: Cluster) -> None:
    """I1: the store's own rules hold for the record of reads."""
    async with cluster.fresh(FEED) as database, await open_pool(database.dsn) as pool, PostgresWakes(database.dsn) as wakes:
        await reads_of(Watched(PostgresEventStore(pool, FEED, wakes))).record(read())
        for statement in ("update store.events set actor = 'nobody'", "delete from store.events", "truncate store.events cascade"):
            with pytest.raises(asyncpg.PostgresError):
                await pool.execute(statement)
        assert await pool.fetchval("select count(*) from store.events") == 1
