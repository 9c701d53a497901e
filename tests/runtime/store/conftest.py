"""The store's implementations, each as the world in which one behavioural suite runs."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.support.store_worlds import MemoryWorld, PostgresWorld

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services._runtime.store.port import EventStore, Sequencer
    from tests.support.database import Cluster


class World(Protocol):
    """One implementation of the store."""

    @property
    def store(self) -> EventStore:
        """The store under test."""
        ...

    async def sequencer(self) -> Sequencer:
        """Return a sequencer that leads from now on; the one before is stale."""
        ...

    async def open_generation(self) -> None:
        """Begin the feed's next generation."""
        ...


@pytest.fixture(params=["memory", "postgres"], scope="module")
def server(request: pytest.FixtureRequest) -> Cluster | None:
    """Give each implementation's server in turn; memory has none, so that its tests start nothing."""
    if request.param == "memory":
        return None
    found: Cluster = request.getfixturevalue("cluster")
    return found


@pytest.fixture
async def world(server: Cluster | None) -> AsyncIterator[World]:
    """Give each implementation in turn, empty for each test."""
    async with AsyncExitStack() as stack:
        yield await _opened(server, stack)


@pytest.fixture(scope="module")
async def shared_world(server: Cluster | None) -> AsyncIterator[World]:
    """Give each implementation in turn to all tests of a module, which use streams of their own."""
    async with AsyncExitStack() as stack:
        yield await _opened(server, stack)


@pytest.fixture
async def demonstration_world(server: Cluster | None) -> AsyncIterator[World]:
    """Give each implementation in turn, empty, with the demonstration clock allowed."""
    async with AsyncExitStack() as stack:
        yield await _opened(server, stack, demonstration=True)


async def _opened(server: Cluster | None, stack: AsyncExitStack, *, demonstration: bool = False) -> World:
    if server is None:
        return MemoryWorld(demonstration=demonstration)
    return await PostgresWorld.opened(server, stack, demonstration=demonstration)
