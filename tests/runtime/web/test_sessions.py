"""Sessions, in memory and on PostgreSQL: whoever ends one ends it everywhere, and of a database's reader nobody can be made."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg
import httpx
import pytest

from services._runtime.access.roles import Role
from services._runtime.clock import SimulatedClock
from services._runtime.ids import new_id
from services._runtime.store.connecting import open_pool
from services._runtime.web.callers import SESSION
from services._runtime.web.identity import Caller
from services._runtime.web.sessions import IDLE, LONGEST, RENEWED_AFTER, Sessions
from services._runtime.web.sessions_memory import MemorySessionRows
from services._runtime.web.sessions_postgres import PostgresSessionRows
from tests.runtime.web.records import Setup, problem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services._runtime.web.sessions import SessionRows
    from tests.support.database import Cluster

NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)
WORKER = Caller("worker-1", "ciac", Role.CASE_WORKER, "integration", person=None, authenticated_at=NOW)
PERSON = Caller("person-1", "ciac", Role.BENEFICIARY, "own-data", person=new_id())


@dataclass
class World:
    """Sessions as two processes see them, and their clock."""

    here: Sessions
    there: Sessions
    clock: SimulatedClock

    def after(self, time: timedelta) -> None:
        """Let time pass."""
        self.clock.move_to(self.clock.now() + time)


@pytest.fixture(params=["memory", "postgres"])
def server(request: pytest.FixtureRequest) -> Cluster | None:
    """Give each implementation's server in turn; memory has none."""
    found: Cluster | None = None if request.param == "memory" else request.getfixturevalue("cluster")
    return found


@pytest.fixture
async def world(server: Cluster | None) -> AsyncIterator[World]:
    """Give each implementation in turn, without sessions."""
    clock = SimulatedClock(NOW)
    async with AsyncExitStack() as stack:
        if server is None:
            rows: SessionRows = MemorySessionRows()
            yield World(Sessions(rows, clock), Sessions(rows, clock), clock)
            return
        database = await stack.enter_async_context(server.fresh("reporting"))
        pools = [await open_pool(database.dsn, size=4) for _ in range(2)]
        for pool in pools:
            stack.push_async_callback(pool.close)
        here, there = (Sessions(PostgresSessionRows(pool), clock) for pool in pools)
        yield World(here, there, clock)


async def test_a_session_is_whose_it_began_as_in_every_process(world: World) -> None:
    secrets = [await world.here.begin(caller, None) for caller in (WORKER, PERSON)]
    assert [await world.there.caller(secret) for secret in secrets] == [WORKER, PERSON]
    assert len(set(secrets)) == 2
    for made_up in ("", "nonsense", "\ud800", secrets[0].lower()):
        assert await world.there.caller(made_up) is None


async def test_an_ended_session_is_nobodys_in_every_process_at_once(world: World) -> None:
    """I8: a session that was revoked is refused."""
    ended, other = await world.here.begin(WORKER, None), await world.here.begin(WORKER, None)
    await world.there.end(ended)
    await world.there.end(ended)
    assert await world.here.caller(ended) is None
    assert await world.here.caller(other) == WORKER


async def test_a_session_that_is_used_outlives_the_idle_limit_and_none_the_longest(world: World) -> None:
    used, unused = await world.here.begin(WORKER, None), await world.here.begin(WORKER, None)
    world.after(IDLE - timedelta(seconds=1))
    assert await world.here.caller(used) == WORKER
    world.after(timedelta(seconds=1))
    assert await world.there.caller(used) == WORKER
    assert await world.there.caller(unused) is None
    while world.clock.now() < NOW + LONGEST - IDLE:
        world.after(IDLE - timedelta(minutes=1))
        assert await world.there.caller(used) == WORKER
    world.clock.move_to(NOW + LONGEST)
    assert await world.here.caller(used) is None


async def test_of_requests_at_once_one_gets_the_fresh_secret_and_all_go_on(world: World) -> None:
    old = await world.here.begin(WORKER, None)
    assert await world.here.renewed(old) is None
    world.after(RENEWED_AFTER)
    given = await asyncio.gather(*(each.renewed(old) for each in (world.here, world.there) * 4))
    (fresh,) = [one for one in given if one is not None]
    assert [await each.caller(one) for each in (world.here, world.there) for one in (old, fresh)] == [WORKER] * 4
    world.after(timedelta(seconds=61))
    assert await world.there.caller(fresh) == WORKER
    assert await world.there.caller(old) is None
    assert await world.here.caller(fresh) is None


async def test_signing_out_with_the_secret_before_ends_the_session_too(world: World) -> None:
    """A process may have died before the browser had the fresh one."""
    old = await world.here.begin(WORKER, None)
    world.after(RENEWED_AFTER)
    fresh = await world.here.renewed(old)
    assert fresh is not None
    await world.here.end(old)
    assert await world.here.caller(fresh) is None


async def test_the_issuer_ends_what_matches_all_that_it_names(world: World) -> None:
    first, second = await world.here.begin(WORKER, "a"), await world.here.begin(WORKER, "b")
    other = await world.here.begin(PERSON, "a")
    assert await world.there.end_of(sub=None, issuer_session=None) == 0
    assert await world.there.end_of(sub="worker-1", issuer_session="a") == 1
    assert [await world.here.caller(one) for one in (first, second, other)] == [None, WORKER, PERSON]
    assert await world.there.end_of(sub=None, issuer_session="a") == 1
    assert await world.there.end_of(sub="worker-1", issuer_session=None) == 1
    assert [await world.here.caller(one) for one in (first, second, other)] == [None, None, None]


async def test_the_database_keeps_no_secret_no_dead_session_and_none_in_its_log(cluster: Cluster) -> None:
    """Who reads the table can be nobody; what is unlogged is in no physical backup, and `private` in no logical one."""
    clock = SimulatedClock(NOW)
    async with cluster.fresh("reporting") as database:
        pool = await open_pool(database.dsn, size=2)
        sessions = Sessions(PostgresSessionRows(pool), clock)
        secret = await sessions.begin(WORKER, None)
        asking = await asyncpg.connect(database.superuser_dsn)
        (row,) = await asking.fetch("select s::text as told from private.session s")
        assert secret not in row["told"]
        assert secret.encode().hex() not in row["told"]
        clock.move_to(NOW + IDLE + timedelta(seconds=1))
        await sessions.begin(PERSON, None)
        assert await asking.fetchval("select array_agg(sub) from private.session") == ["person-1"]
        assert await asking.fetchval("select relpersistence from pg_class where oid = 'private.session'::regclass") == b"u"
        await asking.close()
        await pool.close()


ELSEWHERE = [
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "null"},
    {"Origin": "http://evil.test"},
    {"Origin": "http://records.test", "Sec-Fetch-Site": "cross-site"},
]


async def test_a_session_reads_and_writes_as_its_caller(setup: Setup) -> None:
    cookies = {"Cookie": f"{SESSION}={await setup.sessions.begin(WORKER, None)}", "Idempotency-Key": str(new_id())}
    assert (await setup.client.get("/whoami", headers=cookies)).json() == {"sub": "worker-1", "role": "case-worker"}
    for told in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://records.test"}):
        keyed = cookies | told | {"Idempotency-Key": str(new_id())}
        assert (await setup.client.post(f"/records/{new_id()}", json={}, headers=keyed)).status_code == 201


@pytest.mark.parametrize("site", ELSEWHERE, ids=str)
async def test_another_sites_page_writes_nothing_by_a_session(setup: Setup, site: dict[str, str]) -> None:
    """Although the browser may send the cookie along. A token, which no browser sends by itself, needs no such proof."""
    cookies = {"Cookie": f"{SESSION}={await setup.sessions.begin(WORKER, None)}", "Idempotency-Key": str(new_id()), **site}
    problem(await setup.client.post(f"/records/{new_id()}", json={}, headers=cookies), 403, "forbidden")
    assert await setup.stored() == 0
    answer: httpx.Response = await setup.client.post(f"/records/{new_id()}", json={}, headers=setup.headers() | site)
    assert answer.status_code == 201


async def test_a_bad_token_is_not_made_good_by_a_session(setup: Setup) -> None:
    cookies = {"Cookie": f"{SESSION}={await setup.sessions.begin(WORKER, None)}", "Authorization": "Bearer nonsense"}
    problem(await setup.client.get("/whoami", headers=cookies), 401, "unauthenticated")
