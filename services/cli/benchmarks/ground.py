"""The ground that is measured on: real servers of the measures' own, and databases that are made for a run and dropped after it."""

from __future__ import annotations

import secrets
import shutil
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import asyncpg

from deploy.local.paths import Home
from deploy.local.stack import EmbeddedStack
from services._runtime.messaging.topics import ensure_topics
from services._runtime.provisioning import OWNER, answers_role_of, database_of, role_of
from services.cli.benchmarks import history
from services.cli.deployment import Deployment
from services.cli.prepare import prepare

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import TracebackType

    from deploy.local.stack import Progress

_ROOM = "bench"


@dataclass(frozen=True, slots=True)
class Database:
    """A database as its service's application role, its answers' role and the superuser see it."""

    dsn: str = field(repr=False)
    answers_dsn: str = field(repr=False)
    superuser_dsn: str = field(repr=False)

    async def administer(self, statements: str) -> None:
        """Do as the superuser what the application's role may not."""
        connection = await asyncpg.connect(self.superuser_dsn)
        try:
            await connection.execute(statements)
        finally:
            await connection.close()


class Ground:
    """Servers with everything that `ancora up` makes on them, and nothing in it. What is made on them is removed when it is left."""

    def __init__(self, deployment: Deployment) -> None:
        """Use the servers of `deployment`, which were prepared."""
        self.deployment = deployment
        self._histories: dict[int, Database] = {}
        self._made = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Remove what was made for several measures."""
        await self._made.aclose()

    @property
    def kafka(self) -> str:
        """Return Kafka's bootstrap address."""
        return self.deployment.kafka

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator[Database]:
        """Give a copy of the service's empty database; it is dropped afterwards."""
        name = f"ancora_bench_{secrets.token_hex(6)}"
        administrator = await asyncpg.connect(self.deployment.admin("postgres"))
        try:
            await administrator.execute(f"create database {name} template {database_of(service)} owner {OWNER}")
            await administrator.execute(f"grant connect on database {name} to {role_of(service)}, {answers_role_of(service)}")
            try:
                seen = [self.deployment.dsn(name, role) for role in (role_of(service), answers_role_of(service))]
                yield Database(seen[0], seen[1], self.deployment.admin(name))
            finally:
                await administrator.execute(f"drop database {name} with (force)")
        finally:
            await administrator.close()

    async def history(self, events: int) -> Database:
        """Return reporting's database with a history of so many events, written once for all measures that want as many."""
        if events not in self._histories:
            database = await self._made.enter_async_context(self.database("reporting"))
            await history.write(database.superuser_dsn, events)
            self._histories[events] = database
        return self._histories[events]

    async def topic(self) -> str:
        """Return a new, empty topic."""
        name = f"bench.{secrets.token_hex(6)}"
        await ensure_topics(self.kafka, [name])
        return name


@asynccontextmanager
async def opened(home: Home, tell: Progress) -> AsyncIterator[Ground]:
    """Give the ground on an embedded stack in a folder of `home` that is removed afterwards."""
    home.prepare()
    with home.alone("measuring"):
        own = Home(home.root / _ROOM)
        stack = EmbeddedStack(own)
        await stack.reset()
        own.prepare()
        _lend_jars(home, own)
        try:
            addresses = await stack.start(tell)
            deployment = Deployment(own, addresses.dsn(), addresses.kafka, embedded=True)
            await prepare(deployment.admin_dsn, deployment.kafka, deployment.passwords(), demonstration=True, tell=tell)
            async with Ground(deployment) as ground:
                yield ground
        finally:
            await stack.reset()
            shutil.rmtree(own.root)


def _lend_jars(home: Home, own: Home) -> None:
    """Let both folders have one copy of what was downloaded."""
    if not own.jars.is_symlink():
        own.jars.rmdir()
        own.jars.symlink_to(home.jars, target_is_directory=True)
