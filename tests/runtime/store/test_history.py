"""The database itself keeps history: no role and no ordinary SQL changes what was stored."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.support.recorded import new_stream, opening
from tests.support.store_worlds import PostgresWorld

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.database import Cluster

CHANGES = [
    "update store.events set data = 'x'",
    "update store.events set territory = 'PR' where false",
    "delete from store.events",
    "truncate store.events",
    "truncate store.events cascade",
    "insert into store.feed select * from store.feed on conflict (generation, feed_position) do update set chain = excluded.chain",
    "merge into store.events e using (values (1)) v(p) on e.position = v.p when matched then delete",
    "update store.feed set chain = chain",
    "delete from store.feed",
    "truncate store.feed",
    "delete from store.adopted",
]


@pytest.fixture(scope="module")
async def written(cluster: Cluster) -> AsyncIterator[PostgresWorld]:
    """Give a database with three events in its feed."""
    async with AsyncExitStack() as stack:
        world = await PostgresWorld.opened(cluster, stack)
        await world.store.append(opening(new_stream(), 3))
        await (await world.sequencer()).sequence()
        yield world


@pytest.mark.parametrize("change", CHANGES)
async def test_not_even_the_owner_changes_history(written: PostgresWorld, change: str) -> None:
    """I10: UPDATE, DELETE and TRUNCATE of events and feed are refused, also where a session plays a replica."""
    before = await written.store.feed(after=0, limit=10)
    owner = await asyncpg.connect(written.database.owner_dsn)
    try:
        with pytest.raises(asyncpg.PostgresError) as refused:
            await owner.execute(change)
        assert refused.value.sqlstate == "AN020"
    finally:
        await owner.close()
    superuser = await asyncpg.connect(written.database.superuser_dsn)
    try:
        await superuser.execute("set session_replication_role = replica")
        with pytest.raises(asyncpg.PostgresError):
            await superuser.execute(change)
    finally:
        await superuser.close()
    assert await written.store.feed(after=0, limit=10) == before


@pytest.mark.parametrize(
    "change",
    [
        *CHANGES,
        "insert into store.events overriding system value select * from store.events",
        "insert into store.feed values (1, 4, 4, '')",
        "insert into store.outbox values (1)",
        "delete from store.outbox",
        "insert into store.sealed values (gen_random_uuid(), gen_random_uuid(), '')",
        "update store.policy set demonstration = true",
        "insert into store.generation values (2, now(), 'mine')",
        "update store.generation set last_position = 0",
        "select store.open_generation('mine', 0)",
        "select store.adopt(1, 4, '{}', '{}')",
        "alter table store.events disable trigger unalterable",
        "drop table store.events",
        "create table store.mine (n int)",
        "create table public.mine (n int)",
        "create temporary table mine (n int)",
    ],
)
async def test_the_application_role_writes_through_append_only(written: PostgresWorld, change: str) -> None:
    """I10: whoever takes over a service's process still cannot write history past the function."""
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await written.pool.execute(change)
