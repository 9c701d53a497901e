"""Transactions of PostgreSQL commit in another order than they took their positions: what the feed makes of it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import asyncpg
import pytest

from services._runtime.store.port import Append
from services._runtime.store.postgres_codec import APPEND, append_arguments
from tests.support.recorded import following, new_stream, opening
from tests.support.store_worlds import PostgresWorld

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.database import Cluster


@pytest.fixture
async def world(cluster: Cluster) -> AsyncIterator[PostgresWorld]:
    """Give an empty store."""
    async with AsyncExitStack() as stack:
        yield await PostgresWorld.opened(cluster, stack)


async def test_an_append_that_commits_after_a_later_one_was_sequenced_is_not_lost(world: PostgresWorld) -> None:
    """I3: "position above the last seen" would never look at it again; the outbox keeps it until it is in the feed."""
    slow, fast = new_stream(), new_stream()
    sequencer = await world.sequencer()
    connection = await asyncpg.connect(world.database.dsn)
    transaction = connection.transaction()
    await transaction.start()
    await connection.fetchval(APPEND, *append_arguments([opening(slow)]))
    await world.store.append(opening(fast))

    assert await sequencer.sequence() == 1
    await transaction.commit()
    await connection.close()
    assert await sequencer.sequence() == 1

    feed = await world.store.feed(after=0, limit=10)
    assert [(event.feed_position, event.recorded.envelope.stream_id) for event in feed] == [(1, fast), (2, slow)]
    positions = [(await world.store.load(stream))[0].position for stream in (slow, fast)]
    assert positions == sorted(positions)


async def test_an_append_that_is_rolled_back_leaves_no_hole(world: PostgresWorld) -> None:
    """I3: positions may have gaps; feed positions have none."""
    sequencer = await world.sequencer()
    connection = await asyncpg.connect(world.database.dsn)
    transaction = connection.transaction()
    await transaction.start()
    gone = new_stream()
    await connection.fetchval(APPEND, *append_arguments([opening(gone, 3)]))
    await transaction.rollback()
    await connection.close()
    stream = new_stream()
    await world.store.append(opening(stream, 2))
    await sequencer.sequence()

    assert await world.store.load(gone) == []
    assert [event.position for event in await world.store.load(stream)] == [4, 5]
    assert [event.feed_position for event in await world.store.feed(after=0, limit=10)] == [1, 2]


async def test_events_keep_their_order_wherever_their_outbox_rows_lie(world: PostgresWorld) -> None:
    """I3: rows that were taken leave room for newer ones before those that wait; without an order the newer are read first."""
    stream, sequencer = new_stream(), await world.sequencer()
    await world.store.append(opening(stream, 900))
    assert await sequencer.sequence(limit=500) == 500
    superuser = await asyncpg.connect(world.database.superuser_dsn)
    await superuser.execute("vacuum store.outbox")
    await superuser.close()
    await world.store.append(Append((await following(world.store, stream, 300),)))
    while await sequencer.sequence(limit=200):
        pass

    feed = await world.store.feed(after=0, limit=2000)
    assert [event.recorded.envelope.stream_version for event in feed] == list(range(1, 1201))
