"""Where tests find the real parts: at the addresses they are given, else in an embedded stack that is started for them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deploy.local.paths import Home
from deploy.local.stack import EmbeddedStack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_HOME = Path(__file__).parents[2] / "build" / "test-stack"


@dataclass(frozen=True)
class RealParts:
    """Kafka's bootstrap address, and PostgreSQL as its superuser."""

    kafka: str
    postgres: str = field(repr=False)


@pytest.fixture(scope="session")
async def real_parts() -> AsyncIterator[RealParts]:
    """Give `ANCORA_TEST_KAFKA` and `ANCORA_TEST_POSTGRES` (a superuser's DSN), or an embedded stack of the tests' own.

    A stack that already runs is used and left running; one that was started here is stopped at the end.
    """
    kafka, postgres = os.environ.get("ANCORA_TEST_KAFKA"), os.environ.get("ANCORA_TEST_POSTGRES")
    if kafka and postgres:
        yield RealParts(kafka, postgres)
        return
    stack = EmbeddedStack(Home(_HOME.resolve()))
    ours = stack.running() is None
    addresses = await stack.ensure()
    yield RealParts(kafka or addresses.kafka, postgres or addresses.dsn())
    if ours:
        await stack.stop()
