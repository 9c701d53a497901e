"""PostgreSQL goes away: what is retryable says so, and wakes and pool find back by themselves."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import asyncpg
import pytest

from services._runtime.errors import Retryable
from services._runtime.store.postgres_codec import APPEND, append_arguments
from tests.support.recorded import new_stream, opening
from tests.support.store_worlds import PostgresWorld

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.database import Cluster


_LISTENING = """
select exists (
    select from pg_stat_activity where datname = current_database() and application_name = 'wakes store' and query like '%LISTEN%'
)
"""


@pytest.fixture
async def world(cluster: Cluster) -> AsyncIterator[PostgresWorld]:
    """Give an empty store."""
    async with AsyncExitStack() as stack:
        yield await PostgresWorld.opened(cluster, stack)


@pytest.fixture
async def superuser(world: PostgresWorld) -> AsyncIterator[asyncpg.Connection]:
    """Give a connection that may end others."""
    connection = await asyncpg.connect(world.database.superuser_dsn)
    yield connection
    await connection.close()


async def test_an_append_that_is_cut_off_is_retryable_and_the_next_one_succeeds(
    world: PostgresWorld, superuser: asyncpg.Connection
) -> None:
    """Nobody mistakes a lost connection for a refusal."""
    stream = new_stream()
    append = opening(stream)
    blocker = await asyncpg.connect(world.database.dsn)
    transaction = blocker.transaction()
    await transaction.start()
    await blocker.fetchval(APPEND, *append_arguments([opening(stream)]))
    waiting = asyncio.create_task(world.store.append(append))
    await _end(superuser, "query like 'select store.append%' and wait_event_type = 'Lock'")

    with pytest.raises(Retryable):
        await waiting
    await transaction.rollback()
    await blocker.close()
    await world.store.append(append)
    assert len(await world.store.load(stream)) == 1


async def test_reading_on_a_connection_that_was_ended_is_retryable_and_works_again(
    world: PostgresWorld, superuser: asyncpg.Connection
) -> None:
    """The pool opens another connection."""
    blocker = await asyncpg.connect(world.database.superuser_dsn)
    transaction = blocker.transaction()
    await transaction.start()
    await blocker.execute("lock table store.feed")
    reading = asyncio.create_task(world.store.feed(after=0, limit=1))
    await _end(superuser, "application_name = 'ancora' and wait_event_type = 'Lock'")

    with pytest.raises(Retryable):
        await reading
    await transaction.rollback()
    await blocker.close()
    assert await world.store.feed_head()


async def test_wakes_come_back_after_their_connection_was_ended(world: PostgresWorld, superuser: asyncpg.Connection) -> None:
    """Meanwhile the poll wakes; afterwards commits do, at once."""
    listening = world.store.wakes()
    await anext(listening)
    await _end(superuser, "application_name = 'wakes store'")
    async with asyncio.timeout(15):
        while not await superuser.fetchval(_LISTENING):
            await anext(listening)
    for _ in range(2):
        await anext(listening)
    await world.store.append(opening(new_stream()))
    async with asyncio.timeout(0.5):
        await anext(listening)


async def test_wakes_come_back_after_the_server_had_no_room_for_their_connection(
    world: PostgresWorld, superuser: asyncpg.Connection
) -> None:
    """As with a full disk: the server answers, and refuses."""
    listening = world.store.wakes()
    # The first wake comes at once, the connection when it comes: one that is refused from the beginning would not be lost.
    async with asyncio.timeout(15):
        while not await superuser.fetchval(_LISTENING):
            await anext(listening)
    await superuser.execute(f'alter database "{world.database.name}" connection limit 0')
    await _end(superuser, "application_name = 'wakes store'")
    with pytest.raises(asyncpg.TooManyConnectionsError):
        await asyncpg.connect(world.database.dsn)
    # Longer than it takes to try again, and to be refused.
    for _ in range(2):
        await anext(listening)
    await superuser.execute(f'alter database "{world.database.name}" connection limit -1')
    async with asyncio.timeout(15):
        while not await superuser.fetchval(_LISTENING):
            await anext(listening)


async def _end(superuser: asyncpg.Connection, which: str) -> None:
    """End the connections to this database that match, as soon as there are some."""
    query = f"select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and {which}"  # noqa: S608 - constants
    async with asyncio.timeout(10):
        while not await superuser.fetch(query):
            await superuser.execute("select pg_sleep(0.01)")
