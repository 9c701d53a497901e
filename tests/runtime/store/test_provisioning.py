"""Provisioning a server and surviving its crash, on a PostgreSQL server of this module's own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg
import pytest

from contracts.envelope import ClockKind
from contracts.topics import SERVICES
from services._runtime.provisioning import OWNER, ROLES, database_of, provision, role_of
from services._runtime.store.connecting import open_pool
from services._runtime.store.port import Append, StreamAppend
from services._runtime.store.postgres import PostgresEventStore
from services._runtime.store.waking import MemoryWakes
from tests.support.own_server import OwnServer, own_server
from tests.support.recorded import SIMULATED, new_events, new_stream, opening, recorded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PASSWORDS = {role: f"a password of {role}" for role in ROLES}
DATABASES = [database_of(service) for service in (*SERVICES, "keys")]


@pytest.fixture(scope="module")
async def provisioned() -> AsyncIterator[OwnServer]:
    """Give a server that was provisioned twice at once and once more: it is safe to repeat."""
    async with own_server() as server:
        await asyncio.gather(*(provision(server.admin_dsn, passwords=PASSWORDS, demonstration=False) for _ in range(2)))
        await provision(server.admin_dsn, passwords=PASSWORDS, demonstration=True)
        yield server


async def _connect(server: OwnServer, role: str, database: str) -> asyncpg.Connection:
    host = server.admin_dsn.rpartition("@")[2].partition("/")[0].partition(":")
    return await asyncpg.connect(host=host[0], port=int(host[2]), user=role, password=PASSWORDS[role], database=database)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_connects_to_its_database_and_to_that_of_the_keys_only(provisioned: OwnServer, service: str) -> None:
    """I8: no service's role reaches another service's events."""
    reached = []
    for database in (*DATABASES, "postgres", "template1"):
        try:
            connection = await _connect(provisioned, role_of(service), database)
        except asyncpg.InsufficientPrivilegeError:
            continue
        reached.append(database)
        await connection.close()
    assert reached == [database_of(service), database_of("keys")]


@pytest.mark.parametrize("service", SERVICES)
async def test_an_application_role_owns_nothing(provisioned: OwnServer, service: str) -> None:
    """What it does not own it can neither alter nor drop nor grant."""
    for database in DATABASES:
        owner = await _connect(provisioned, OWNER, database)
        owned = await owner.fetchval(
            "select (select count(*) from pg_class where relowner = $1::regrole)"
            " + (select count(*) from pg_proc where proowner = $1::regrole)"
            " + (select count(*) from pg_namespace where nspowner = $1::regrole)"
            " + (select count(*) from pg_database where datdba = $1::regrole)",
            role_of(service),
        )
        await owner.close()
        assert owned == 0


async def test_passwords_are_set_anew(provisioned: OwnServer) -> None:
    """A rotated password takes effect, and the old one no longer opens."""
    await provision(provisioned.admin_dsn, passwords=PASSWORDS | {"ancora_tutors": "rotated"}, demonstration=True)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await _connect(provisioned, "ancora_tutors", "ancora_tutors")
    await provision(provisioned.admin_dsn, passwords=PASSWORDS, demonstration=True)
    await (await _connect(provisioned, "ancora_tutors", "ancora_tutors")).close()


async def test_the_demonstration_is_allowed_and_refused_by_provisioning(provisioned: OwnServer) -> None:
    """The owner's word counts, not the service's."""
    pool = await open_pool(_dsn(provisioned, "pathways"))
    store = PostgresEventStore(pool, "pathways", MemoryWakes())
    await store.append(_simulated())
    await provision(provisioned.admin_dsn, passwords=PASSWORDS, demonstration=False)
    with pytest.raises(ValueError, match="demonstration"):
        await store.append(_simulated())
    await pool.close()


async def test_an_acknowledged_event_survives_a_crash_of_the_server(provisioned: OwnServer) -> None:
    """I1: acknowledged is stored, whatever dies next."""
    pool = await open_pool(_dsn(provisioned, "intake"), size=4)
    store = PostgresEventStore(pool, "intake", MemoryWakes())
    acknowledged = []

    async def write() -> None:
        while True:
            append = opening(new_stream(), 2)
            await store.append(append)
            acknowledged.append(append)

    writers = [asyncio.create_task(write()) for _ in range(4)]
    await asyncio.sleep(0.5)
    await provisioned.crash_and_restart()
    failures = await asyncio.gather(*writers, return_exceptions=True)
    await pool.close()

    assert len(acknowledged) > 10
    assert all(isinstance(failure, Exception) for failure in failures)
    pool = await open_pool(_dsn(provisioned, "intake"), size=4)
    store = PostgresEventStore(pool, "intake", MemoryWakes())
    for append in acknowledged:
        assert recorded(await store.load(append.streams[0].stream_id)) == recorded(append.streams[0].events)
    waiting, stored = await pool.fetchval("select count(*) from store.outbox"), await pool.fetchval("select count(*) from store.events")
    assert waiting == stored
    await pool.close()


def _dsn(server: OwnServer, service: str) -> str:
    address = server.admin_dsn.rpartition("@")[2].partition("/")[0]
    return f"postgresql://{role_of(service)}:{PASSWORDS[role_of(service)].replace(' ', '%20')}@{address}/{database_of(service)}"


def _simulated() -> Append:
    stream = new_stream()
    return Append((StreamAppend(stream, 0, new_events(stream, at=SIMULATED, clock=ClockKind.DEMONSTRATION)),))
