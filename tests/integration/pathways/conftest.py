"""The pathways service in memory and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.integration.pathways.world import PathwaysWorld, pathways_world
from tests.support.database import Cluster


@pytest.fixture(params=["memory", "postgres"])
def where(request: pytest.FixtureRequest) -> Cluster | None:
    """Give the server to store on, or None for memory; the server is started only where it is wanted."""
    cluster: Cluster | None = request.getfixturevalue("cluster") if request.param == "postgres" else None
    return cluster


@pytest.fixture
async def world(where: Cluster | None) -> AsyncIterator[PathwaysWorld]:
    """Give a fresh service over each kind of store."""
    async with pathways_world(where) as each:
        yield each
