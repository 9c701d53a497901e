"""Every measure of `ancora bench`, on a handful of events: that it runs, and compares like with like. No speed is asserted."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from deploy.local.paths import Home
from services.cli.benchmarks import MEASURES
from services.cli.benchmarks.counts import Counts
from services.cli.benchmarks.ground import opened
from tests.support.whole import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services.cli.benchmarks.ground import Ground

_FEW = Counts(
    repeats=1,
    writers=4,
    appends=40,
    peer_threads=(1, 2),
    peer_saves=20,
    records=300,
    long_history=600,
    short_history=300,
    long_repeats=1,
    pace=20,
    paced=40,
    paced_warm_up=10,
    paced_repeats=1,
    reads=80,
    persons_read=5,
    decisions=200,
    parsed_decisions=5,
    people=60,
    people_asked=20,
    tutors=60,
    waiting=30,
    territories=2,
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ground() -> AsyncIterator[Ground]:
    """Give servers of the measures' own, beside those of the other tests, whose jars they use."""
    async with opened(Home(ROOT / "build" / "test-stack"), lambda _part, _state: None) as made:
        yield made


@pytest.mark.parametrize("name", MEASURES)
async def test_a_measure_gives_figures_of_both_sides(ground: Ground, name: str) -> None:
    results = await import_module(f"services.cli.benchmarks.{name}").measure(ground, _FEW)

    assert results
    for one in results:
        assert one.name.startswith(name)
        assert one.ours > 0
        assert one.floor > 0
