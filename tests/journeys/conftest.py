"""One whole Ancora for all journeys: started by the real command, ended by it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deploy.local.paths import Home
from tests.journeys.callers import Callers
from tests.journeys.instance import ROOT, Ancora

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PATIENCE_S = 300
"""A start takes some ten seconds alone on two cores, and several times that on a machine that does other things too."""


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Give journeys, which start and end a whole Ancora, more time than other tests."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(_PATIENCE_S))


@pytest.fixture(scope="session")
def ancora() -> Iterator[Ancora]:
    """Give a running Ancora without any data, in build/test-journey; what an interrupted session left there is ended first."""
    whole = Ancora(Home(ROOT / "build" / "test-journey"))
    whole.provide_jars(ROOT / "build" / "test-stack" / "jars")
    assert whole.run("down").returncode == 0
    try:
        whole.start("--reset")
        yield whole
    finally:
        whole.run("down")


@pytest.fixture
def callers(ancora: Ancora) -> Iterator[Callers]:
    """Give clients who sign in with the development issuer."""
    with Callers(ancora) as signed_in:
        yield signed_in
