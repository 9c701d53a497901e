"""Databases for tests on a real PostgreSQL: each a copy of a migrated template, made in a fraction of a second, dropped after."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from contracts.topics import SERVICES
from services._runtime import migrating
from services._runtime.migrating.migrate import KEYS, migrate, revision_folders
from services._runtime.provisioning import OWNER, ROLES, alone, answers_role_of, ensure_database, ensure_roles, role_of, set_demonstration

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from psycopg import AsyncConnection

    from tests.support.stack import RealParts


@dataclass(frozen=True)
class Database:
    """A database as its four kinds of user see it: the service's application role and its answers' role, the owner, the superuser."""

    name: str
    dsn: str = field(repr=False)
    answers_dsn: str = field(repr=False)
    owner_dsn: str = field(repr=False)
    superuser_dsn: str = field(repr=False)


class Cluster:
    """The PostgreSQL server of the test session, with Ancora's roles."""

    def __init__(self, admin_dsn: str) -> None:
        """Use the server at `admin_dsn`."""
        self.admin_dsn = admin_dsn
        # The same in every session on this server, so that sessions beside each other do not shut each other out.
        self.passwords = {role: hashlib.sha256(f"{role} of {admin_dsn}".encode()).hexdigest() for role in ROLES}

    @asynccontextmanager
    async def fresh(self, service: str, *, demonstration: bool = False) -> AsyncIterator[Database]:
        """Give a new, migrated, empty database of `service`; `fresh("keys")` gives one for keys, seen as by intake."""
        name = f"ancora_test_{service.replace('.', '_')}_{secrets.token_hex(6)}"
        async with alone(self.admin_dsn) as admin:
            template = await self._template(admin, service)
            await ensure_database(admin, name, _users(service), template=template)
        try:
            database = self.seen_by("intake" if service == KEYS else service, name)
            if demonstration:
                await set_demonstration(database.owner_dsn, allowed=True)
            yield database
        finally:
            async with alone(self.admin_dsn) as admin:
                await admin.execute(SQL("drop database {} with (force)").format(Identifier(name)))

    def seen_by(self, service: str, name: str) -> Database:
        """Return the addresses of a database for a service's application role."""
        return Database(
            name,
            self._dsn(role_of(service), name),
            self._dsn(answers_role_of(service), name),
            self._dsn(OWNER, name),
            self._superuser_dsn(name),
        )

    async def prepare(self) -> None:
        """Create the roles."""
        async with alone(self.admin_dsn) as admin:
            await ensure_roles(admin, self.passwords)

    async def _template(self, admin: AsyncConnection, service: str) -> str:
        """Return a migrated database to copy, made anew when a migration changed."""
        prefix = f"ancora_template_{service.replace('.', '_')}_of_"
        name = prefix + _fingerprint(service)
        rows = await (await admin.execute("select datname from pg_database where starts_with(datname, %s)", [prefix])).fetchall()
        if (name,) in rows:
            return name
        for (stale,) in rows:
            await admin.execute(SQL("drop database {} with (force)").format(Identifier(stale)))
        making = f"{prefix}making"
        await ensure_database(admin, making, ())
        await asyncio.to_thread(migrate, self._dsn(OWNER, making), service)
        await admin.execute(SQL("alter database {} rename to {}").format(Identifier(making), Identifier(name)))
        return name

    def _dsn(self, role: str, name: str) -> str:
        return _url(self.admin_dsn, role, self.passwords[role], name)

    def _superuser_dsn(self, name: str) -> str:
        admin = conninfo_to_dict(self.admin_dsn)
        return _url(self.admin_dsn, str(admin["user"]), str(admin["password"]), name)


@pytest.fixture(scope="session")
async def cluster(real_parts: RealParts) -> Cluster:
    """Give the session's PostgreSQL server."""
    prepared = Cluster(real_parts.postgres)
    await prepared.prepare()
    return prepared


def _url(admin_dsn: str, user: str, password: str, name: str) -> str:
    """Return a URL, the one form of address that asyncpg and psycopg both read."""
    server = conninfo_to_dict(admin_dsn)
    told = urlencode({name: str(value) for name, value in server.items() if name in ("sslmode", "sslrootcert")})
    return f"postgresql://{quote(user)}:{quote(password)}@{server['host']}:{server.get('port', 5432)}/{name}?{told}".rstrip("?")


def _users(service: str) -> tuple[str, ...]:
    return SERVICES if service == KEYS else (service,)


def _fingerprint(service: str) -> str:
    """Return a hash of everything a migrated database depends on."""
    seen = hashlib.sha256()
    for folder in (*revision_folders(service), Path(migrating.__path__[0])):
        for path in sorted(folder.glob("*.py")) + sorted(folder.glob("*.sql")):
            seen.update(path.name.encode() + path.read_bytes())
    return seen.hexdigest()[:12]
