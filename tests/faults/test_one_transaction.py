"""A connection that ends between two statements which must be one: on PostgreSQL, with the journal's own writer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg
import pytest

from services._runtime.messaging.journal import Ingestion, TopicPosition
from services._runtime.messaging.journal_postgres import PostgresJournal, PostgresJournalWriter
from services._runtime.store.connecting import LOST
from services._runtime.store.leadership import Leadership
from services._runtime.store.port import NotLeader
from services._runtime.store.waking import MemoryWakes
from tests.faults.waiting import until
from tests.runtime.messaging.worlds import Feed, record_of

if TYPE_CHECKING:
    from tests.support.database import Cluster

_AT = ("ancora.intake", 0)
_END_THE_WRITER = """
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and wait_event_type = 'Lock' and query like 'COPY%journal%'
"""


async def test_positions_whose_rows_were_cut_off_have_not_moved(cluster: Cluster) -> None:
    """I2: the ingester's position in Kafka moves with the rows of the journal or not at all, else those records are never read again."""
    event, reached = Feed().add(), TopicPosition("id-1", 1)
    ingestion = Ingestion([(record_of(event), event)], moves={_AT: (None, reached)})
    async with cluster.fresh("reporting") as database:
        lease = await Leadership(database.dsn, "ingest", holder="first").take()
        assert lease is not None
        superuser = await asyncpg.connect(database.superuser_dsn)
        async with superuser.transaction():
            await superuser.execute("lock table messaging.journal in exclusive mode")
            writing = asyncio.create_task(PostgresJournalWriter(lease.transaction, MemoryWakes(), consumer="c").write(ingestion))
            other = await asyncpg.connect(database.superuser_dsn)

            async def ended() -> bool:
                return bool(await other.fetch(_END_THE_WRITER))

            await until(ended)
            with pytest.raises((NotLeader, *LOST)):
                await writing
        await lease.release()

        successor = await Leadership(database.dsn, "ingest", holder="second").take()
        assert successor is not None
        writer = PostgresJournalWriter(successor.transaction, MemoryWakes(), consumer="c")
        assert await writer.positions() == {}
        await writer.write(ingestion)
        async with asyncpg.create_pool(database.dsn, min_size=1) as pool:
            assert [entry.event for entry in await PostgresJournal(pool, MemoryWakes()).read(0, 10)] == [event]
        assert await writer.positions() == {_AT: reached}
        await successor.release()
        for connection in (superuser, other):
            await connection.close()
