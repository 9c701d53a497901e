"""Databases and roles: two databases per service and one for keys, a role that owns them, and two per service that own nothing."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier, Literal

from contracts.topics import FEEDS, SERVICES, service_of
from services._runtime.migrating.migrate import KEYS, migrate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

OWNER = "ancora_owner"
"""Owns every database and everything in them; migrates, and does nothing else."""

_LOCK = 0x616E636F7261


def role_of(service: str) -> str:
    """Return the name of the application role of a service, or of the service that a feed is of."""
    return f"ancora_{service_of(service)}"


def answers_role_of(service: str) -> str:
    """Return the name of the role by which a service answers callers: it reads, behind row-level security, and does nothing else."""
    return f"ancora_{service_of(service)}_answers"


def database_of(feed: str) -> str:
    """Return the name of the database of a service or of another feed; `database_of("keys")` is that of the keys."""
    return f"ancora_{feed.replace('.', '_')}"


ROLES = (OWNER, *(role_of(service) for service in SERVICES), *(answers_role_of(service) for service in SERVICES))
"""The roles for which `provision` needs a password."""

_MACHINERY = frozenset(role_of(service) for service in SERVICES)


async def provision(admin_dsn: str, *, passwords: Mapping[str, str], demonstration: bool) -> None:
    """Create roles and databases where they are missing, set the passwords, migrate to the newest schema.

    `admin_dsn` connects as a superuser; `passwords` holds one for each of `ROLES`. `demonstration` says whether the stores accept
    events on the demonstration clock. The server is taken for Ancora's own: PUBLIC may connect to none of its databases.
    Safe to repeat, and safe beside another provisioning.
    """
    async with alone(admin_dsn) as admin:
        await ensure_roles(admin, passwords)
        await admin.execute("revoke connect on database postgres, template1 from public")
        for name in (*FEEDS, KEYS):
            await ensure_database(admin, database_of(name), SERVICES if name == KEYS else (name,))
        for name in (KEYS, *FEEDS):
            database = make_conninfo(admin_dsn, user=OWNER, password=passwords[OWNER], dbname=database_of(name))
            await asyncio.to_thread(migrate, database, name)
            if name in SERVICES:
                await set_demonstration(database, allowed=demonstration)


async def ensure_roles(admin: AsyncConnection, passwords: Mapping[str, str]) -> None:
    """Create each of `ROLES` where it is missing and set its password, which the server receives only as a SCRAM verifier."""
    for role in ROLES:
        found = await (await admin.execute("select from pg_roles where rolname = %s", [role])).fetchone()
        if found is None:
            await admin.execute(SQL("create role {} login").format(Identifier(role)))
        verifier = admin.pgconn.encrypt_password(passwords[role].encode(), role.encode(), b"scram-sha-256").decode()
        # The machinery stores, orders, relays and folds everybody's records; whoever answers a caller never is that role.
        passes = SQL("bypassrls" if role in _MACHINERY else "nobypassrls")
        statement = "alter role {} login nosuperuser nocreatedb nocreaterole {} password {}"
        await admin.execute(SQL(statement).format(Identifier(role), passes, Literal(verifier)))


async def ensure_database(admin: AsyncConnection, name: str, services: tuple[str, ...], *, template: str = "template0") -> None:
    """Create a database of the owner's where it is missing; besides, only the application roles of `services` may connect.

    To the database of one service its answers' role may, too.
    """
    database = Identifier(name)
    found = await (await admin.execute("select from pg_database where datname = %s", [name])).fetchone()
    if found is None:
        # C.UTF-8 of PostgreSQL itself: the same order of texts on every machine, and compared byte by byte.
        statement = "create database {} owner {} template {} encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'"
        await admin.execute(SQL(statement).format(database, Identifier(OWNER), Identifier(template)))
    await admin.execute(SQL("revoke all on database {} from public").format(database))
    for service in services:
        await admin.execute(SQL("grant connect on database {} to {}").format(database, Identifier(role_of(service))))
    if len(services) == 1 and services[0] in SERVICES:
        await admin.execute(SQL("grant connect on database {} to {}").format(database, Identifier(answers_role_of(services[0]))))


async def set_demonstration(owner_dsn: str, *, allowed: bool) -> None:
    """Say whether a service's store accepts events on the demonstration clock."""
    async with await AsyncConnection.connect(owner_dsn, autocommit=True) as owner:
        await owner.execute("update store.policy set demonstration = %s where demonstration <> %s", [allowed, allowed])


@asynccontextmanager
async def alone(admin_dsn: str) -> AsyncIterator[AsyncConnection]:
    """Connect as administrator, one provisioning at a time: roles are shared by the whole server."""
    async with await AsyncConnection.connect(admin_dsn, autocommit=True) as admin:
        await admin.execute("select pg_advisory_lock(%s)", [_LOCK])
        yield admin
