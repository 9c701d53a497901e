"""Intake in memory and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.database import Cluster
from tests.support.intake_worlds import IntakeWorld, intake_world


@pytest.fixture(params=["memory", "postgres"])
def where(request: pytest.FixtureRequest) -> Cluster | None:
    """Give the server to store on, or None for memory; the server is started only where it is wanted."""
    cluster: Cluster | None = request.getfixturevalue("cluster") if request.param == "postgres" else None
    return cluster


@pytest.fixture
async def world(where: Cluster | None) -> AsyncIterator[IntakeWorld]:
    """Give a fresh intake over each kind of store."""
    async with intake_world(where) as each:
        yield each
