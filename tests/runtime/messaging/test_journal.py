"""The journal, in memory and in PostgreSQL."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import asyncpg
import pytest

from services._runtime.errors import Retryable
from services._runtime.messaging.journal import FeedHead, Ingestion, PositionMoved, TopicPosition
from services._runtime.messaging.journal_postgres import PostgresJournal
from services._runtime.store.connecting import open_pool
from services._runtime.store.waking import MemoryWakes
from tests.runtime.messaging.worlds import Feed, JournalWorld, record_of

if TYPE_CHECKING:
    from tests.support.database import Cluster

AT = ("t", 0)
NONE_YET = None

_END_OTHERS = """
select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
"""


def _reached(offset: int, topic_id: str = "id-1") -> TopicPosition:
    return TopicPosition(topic_id, offset)


async def test_entries_stand_at_dense_positions_in_the_order_in_which_they_were_written(journal_world: JournalWorld) -> None:
    """And are read back as the events they were, whatever their source."""
    intake, tutors = Feed().fill(3), Feed("tutors").fill(2)
    batches = (intake[:1], [*tutors, *intake[1:]])
    for events in batches:
        await journal_world.writer.write(Ingestion([(record_of(event), event) for event in events]))
    entries = await journal_world.journal.read(0, 10)
    assert [entry.position for entry in entries] == [1, 2, 3, 4, 5]
    assert [entry.event for entry in entries] == [intake[0], *tutors, *intake[1:]]
    assert [entry.position for entry in await journal_world.journal.read(2, 2)] == [3, 4]
    assert await journal_world.journal.head() == 5
    heads = await journal_world.writer.heads()
    assert heads == {
        ("intake", 1): FeedHead(3, intake[-1].chain),
        ("tutors", 1): FeedHead(2, tutors[-1].chain),
    }


async def test_each_generation_of_a_source_is_read_by_its_own_positions(journal_world: JournalWorld) -> None:
    """I12: what a restored store takes back, whatever lies between in the journal."""
    old, new, tutors = Feed().fill(3), Feed(generation=2).fill(2), Feed("tutors").fill(2)
    events = [old[0], tutors[0], old[1], new[0], old[2], tutors[1], new[1]]
    await journal_world.writer.write(Ingestion([(record_of(event), event) for event in events]))
    journal = journal_world.journal
    assert await journal.feed_ends("intake") == {1: 3, 2: 2}
    assert await journal.feed_ends("pathways") == {}
    assert await journal.feed("intake", generation=1, after=0, limit=10) == old
    assert await journal.feed("intake", generation=1, after=1, limit=1) == [old[1]]
    assert await journal.feed("intake", generation=2, after=1, limit=10) == [new[1]]


async def test_digests_are_told_for_the_places_it_has(journal_world: JournalWorld) -> None:
    """A repeat is known by its digest."""
    events = Feed().fill(2)
    await journal_world.writer.write(Ingestion([(record_of(event), event) for event in events]))
    found = await journal_world.writer.digests([("intake", 1, 2), ("intake", 1, 3), ("intake", 2, 1)])
    assert found == {("intake", 1, 2): events[1].recorded.digest}
    assert await journal_world.writer.digests([]) == {}


async def test_of_two_that_start_from_the_same_position_one_writes_and_the_other_learns_it(journal_world: JournalWorld) -> None:
    """Invariant I4: compare-and-set, in the transaction of the rows."""
    first, second = Feed().fill(2)
    await journal_world.writer.write(Ingestion([(record_of(first), first)], moves={AT: (NONE_YET, _reached(1))}))
    for stale in (NONE_YET, _reached(0), _reached(2), _reached(1, "id-2")):
        with pytest.raises(PositionMoved):
            await journal_world.other.write(Ingestion([(record_of(second), second)], moves={AT: (stale, _reached(5))}))
    assert await journal_world.journal.head() == 1
    assert await journal_world.writer.positions() == {AT: _reached(1)}
    await journal_world.other.write(Ingestion([(record_of(second), second)], moves={AT: (_reached(1), _reached(0, "id-2"))}))
    assert await journal_world.writer.positions() == {AT: _reached(0, "id-2")}


async def test_waking_follows_a_write(journal_world: JournalWorld) -> None:
    """Readers need not wait for their poll."""
    wakes = journal_world.journal.wakes()
    await anext(wakes)
    event = Feed().add()
    await journal_world.writer.write(Ingestion([(record_of(event), event)]))
    await anext(wakes)
    assert await journal_world.journal.head() == 1


@pytest.mark.parametrize("statement", ["update messaging.journal set digest = digest", "delete from messaging.journal"])
async def test_the_database_refuses_to_change_the_journal(cluster: Cluster, statement: str) -> None:
    """The role may not, and the trigger refuses even those who may."""
    async with cluster.fresh("reporting") as database:
        for dsn, refusal in ((database.dsn, "42501"), (database.owner_dsn, "AN020"), (database.superuser_dsn, "AN020")):
            connection = await asyncpg.connect(dsn)
            with pytest.raises(asyncpg.PostgresError) as caught:
                await connection.execute(statement)
            assert caught.value.sqlstate == refusal
            await connection.close()


async def test_reading_while_the_server_has_no_room_is_retryable_and_works_again(cluster: Cluster) -> None:
    """As with a full disk: who folds read models waits, its process goes on."""
    async with cluster.fresh("reporting") as database, AsyncExitStack() as stack:
        pool = await open_pool(database.dsn)
        stack.push_async_callback(pool.close)
        journal = PostgresJournal(pool, MemoryWakes())
        superuser = await asyncpg.connect(database.superuser_dsn)
        stack.push_async_callback(superuser.close)
        await superuser.execute(f'alter database "{database.name}" connection limit 0')
        await superuser.execute(_END_OTHERS)
        for reading in (
            journal.read(0, 1),
            journal.head(),
            journal.feed("intake", generation=1, after=0, limit=1),
            journal.feed_ends("intake"),
        ):
            with pytest.raises(Retryable):
                await reading
        await superuser.execute(f'alter database "{database.name}" connection limit -1')
        assert await journal.head() == 0
