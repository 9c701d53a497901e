"""One whole Ancora for all journeys: started by the real command, ended by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploy.local.paths import Home
from tests.journeys.callers import Callers
from tests.journeys.instance import ROOT, Ancora

if TYPE_CHECKING:
    from collections.abc import Iterator


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
