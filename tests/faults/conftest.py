"""One Ancora for all fault tests: started once, empty, in build/test-faults; each test heals what it broke."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from deploy.local.paths import Home
from tests.faults.oracle import Oracle
from tests.faults.world import world_at
from tests.support.whole import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tests.faults.world import World

_PATIENCE_S = 600
"""Alone on two cores a seed takes some fifteen seconds, and a killed broker six to start; beside other work several times that."""


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Give tests of this folder more time than others."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(_PATIENCE_S))


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def world() -> AsyncIterator[World]:
    """Give a running Ancora whose processes do one kind of work each, behind proxies."""
    home = Home(ROOT / "build" / "test-faults")
    home.root.parent.mkdir(exist_ok=True)
    with (ROOT / "build" / "test-faults.lock").open("w") as alone:
        # Another session of tests in this checkout would end this one's processes.
        fcntl.flock(alone, fcntl.LOCK_EX)
        async with world_at(home) as started:
            yield started


@pytest.fixture(scope="package")
def oracle(world: World) -> Oracle:
    """Give the oracle that goes on from test to test."""
    return Oracle(world)
