"""One leader per kind of work on PostgreSQL: who leads, who may take over and when, and what a stale leader still can do."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
import pytest

from contracts.envelope import NO_DIGEST
from services._runtime.store.leadership import Leadership
from services._runtime.store.port import NotLeader
from services._runtime.store.postgres import PostgresEventStore
from services._runtime.store.postgres_sequencer import PostgresSequencer
from services._runtime.store.waking import MemoryWakes
from tests.support.recorded import new_stream, opening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services._runtime.store.leadership import Lease
    from tests.support.database import Cluster, Database


@pytest.fixture
async def database(cluster: Cluster) -> AsyncIterator[Database]:
    """Give an empty store."""
    async with cluster.fresh("intake") as database:
        yield database


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """Give a connection that may touch the leader's row."""
    connection = await asyncpg.connect(database.owner_dsn)
    yield connection
    await connection.close()


def _candidate(database: Database, name: str, *, kind: str = "sequence", silence: float = 10) -> Leadership:
    return Leadership(database.dsn, kind, holder=name, silence=timedelta(seconds=silence))


async def _lease(database: Database, name: str, *, silence: float = 10) -> Lease:
    lease = await _candidate(database, name, silence=silence).take()
    assert lease is not None
    return lease


async def test_while_one_leads_nobody_else_does(database: Database) -> None:
    """Each kind of work has its own leader."""
    async with _candidate(database, "first").led() as lease:
        assert await _candidate(database, "second").take() is None
        async with _candidate(database, "second", kind="relay").led() as other:
            assert (lease.epoch, other.epoch) == (1, 1)


async def test_a_candidate_waits_while_the_server_has_no_room_for_it(database: Database, owner: asyncpg.Connection) -> None:
    """A server that refuses is as one that is away: its connections are full, or its disk."""
    await owner.execute(f'alter database "{database.name}" connection limit 0')

    async def lead() -> int:
        async with _candidate(database, "first").led() as lease:
            return lease.epoch

    leading = asyncio.create_task(lead())
    assert await asyncio.wait([leading], timeout=1.5) == (set(), {leading})
    await owner.execute(f'alter database "{database.name}" connection limit -1')
    async with asyncio.timeout(10):
        assert await leading == 1


async def test_of_many_candidates_one_wins(database: Database) -> None:
    """Standing at once gives one leader, not two."""
    leases = await asyncio.gather(*(_candidate(database, f"candidate {n}").take() for n in range(8)))
    won = [lease for lease in leases if lease is not None]
    assert len(won) == 1
    await won[0].release()


async def test_a_leader_that_ended_in_order_is_followed_at_once(database: Database) -> None:
    """A restart does not wait ten seconds."""
    async with _candidate(database, "first").led():
        pass
    async with asyncio.timeout(3), _candidate(database, "second").led() as lease:
        assert lease.epoch == 2


async def test_a_leader_whose_process_died_is_followed_at_once(database: Database) -> None:
    """With its connection gone a leader can do nothing any more, however fresh its heartbeat is."""
    dead = await _lease(database, "dead")
    superuser = await asyncpg.connect(database.superuser_dsn)
    await superuser.execute("select pg_terminate_backend(backend_pid, 5000) from store.leader")
    await superuser.close()
    async with asyncio.timeout(3), _candidate(database, "second").led() as lease:
        assert lease.epoch == 2
    with pytest.raises(NotLeader):
        await dead.heartbeat()


async def test_a_silent_leader_is_replaced_and_its_connection_ended(database: Database) -> None:
    """A process that hangs inside a transaction cannot commit it after somebody else took over."""
    hung = await _lease(database, "hung")
    in_transaction, replaced = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        async with hung.transaction() as connection:
            await connection.execute("update store.relay set cursor = 99")
            in_transaction.set()
            await replaced.wait()

    hanging = asyncio.create_task(hang())
    await in_transaction.wait()
    successor = await _lease(database, "successor", silence=0)
    replaced.set()

    with pytest.raises(NotLeader):
        await hanging
    assert await successor.call("select cursor from store.relay") == 0
    await successor.release()


async def test_a_heartbeat_keeps_the_lead(database: Database) -> None:
    """A leader that lives is not replaced, even where it has nothing to do."""
    async with _candidate(database, "busy", silence=0.6).led() as lease:
        for _ in range(4):
            await asyncio.sleep(0.3)
            assert await _candidate(database, "other", silence=0.6).take() is None
        await lease.heartbeat()


async def test_an_epoch_that_is_past_changes_nothing_although_its_connection_lives(database: Database, owner: asyncpg.Connection) -> None:
    """I3: the epoch is checked in the transaction that writes the feed, not only before it."""
    pool = await asyncpg.create_pool(database.dsn, min_size=1)
    wakes = MemoryWakes()
    store = PostgresEventStore(pool, "intake", wakes)
    await store.append(opening(new_stream(), 2))
    lease = await _lease(database, "first")
    sequencer = PostgresSequencer(lease, wakes)
    await owner.execute("update store.leader set epoch = epoch + 1")

    with pytest.raises(NotLeader):
        await sequencer.sequence()
    with pytest.raises(NotLeader):
        await lease.heartbeat()
    with pytest.raises(NotLeader):
        async with lease.transaction() as connection:
            await connection.execute("update store.relay set cursor = 99")

    assert await store.feed_head() == (1, 0, NO_DIGEST)
    assert await owner.fetchval("select cursor from store.relay") == 0
    await lease.release()
    await pool.close()


async def test_what_the_leader_commits_is_committed_and_its_own_errors_stay_its_own(database: Database) -> None:
    """A wrong statement is not mistaken for a lost lead."""
    async with _candidate(database, "leader", kind="relay").led() as lease:
        async with lease.transaction() as connection:
            await connection.execute("update store.relay set cursor = 7")
        with pytest.raises(asyncpg.UndefinedColumnError):
            async with lease.transaction() as connection:
                await connection.execute("update store.relay set nothing = 8")
        assert await lease.call("select cursor from store.relay") == 7
