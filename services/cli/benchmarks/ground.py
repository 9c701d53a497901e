"""The ground that is measured on: real servers of the measures' own, and databases that are made for a run and dropped after it."""

from __future__ import annotations

import secrets
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import asyncpg

from deploy.local.paths import Home
from deploy.local.stack import EmbeddedStack
from services._runtime.provisioning import database_of, role_of
from services.cli.deployment import Deployment
from services.cli.prepare import prepare

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from deploy.local.stack import Progress

_ROOM = "bench"


@dataclass(frozen=True, slots=True)
class Database:
    """A service's database as its application's role, the owner and the superuser see it."""

    dsn: str = field(repr=False)
    superuser_dsn: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Ground:
    """Servers with everything that `ancora up` makes on them, and nothing in it."""

    deployment: Deployment

    @property
    def kafka(self) -> str:
        """Return Kafka's bootstrap address."""
        return self.deployment.kafka

    @asynccontextmanager
    async def database(self, service: str) -> AsyncIterator[Database]:
        """Give a copy of the service's empty database; it is dropped afterwards."""
        name = f"ancora_bench_{secrets.token_hex(6)}"
        template = database_of(service)
        administrator = await asyncpg.connect(self.deployment.admin("postgres"))
        try:
            await administrator.execute(f"create database {name} template {template} owner ancora_owner")
            await administrator.execute(f"grant connect on database {name} to {role_of(service)}")
            try:
                yield Database(self.deployment.dsn(name, role_of(service)), self.deployment.admin(name))
            finally:
                await administrator.execute(f"drop database {name} with (force)")
        finally:
            await administrator.close()


@asynccontextmanager
async def opened(home: Home, tell: Progress) -> AsyncIterator[Ground]:
    """Give the ground on an embedded stack in a folder of `home` that is removed afterwards."""
    home.prepare()
    own = Home(home.root / _ROOM)
    stack = EmbeddedStack(own)
    await stack.reset()
    own.prepare()
    _lend_jars(home, own)
    try:
        addresses = await stack.start(tell)
        deployment = Deployment(own, addresses.dsn(), addresses.kafka, embedded=True)
        await prepare(deployment.admin_dsn, deployment.kafka, deployment.passwords(), demonstration=True, tell=tell)
        yield Ground(deployment)
    finally:
        await stack.reset()
        shutil.rmtree(own.root)


def _lend_jars(home: Home, own: Home) -> None:
    """Let both folders have one copy of what was downloaded."""
    if not own.jars.is_symlink():
        own.jars.rmdir()
        own.jars.symlink_to(home.jars, target_is_directory=True)
