"""The frame of `ancora bench`: medians, ratios, bars, who runs when, and the exit code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import structlog
from typer.testing import CliRunner

from services.cli.benchmarks import MEASURES
from services.cli.benchmarks.measuring import Bar, Result, Run, UnequalWork, all_ok, compared, in_turn, told_figure
from services.cli.main import app

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Give this process's logs back: a command keeps them apart for as long as its process lives."""
    yield
    structlog.reset_defaults()


def test_a_ratio_is_that_of_the_medians() -> None:
    """One disturbed run on either side changes nothing."""
    result = compared("some", "events/s", Bar(at_least=0.7), [(80, 100), (81, 99), (5, 100), (79, 101), (80, 900)])

    assert (result.ours, result.floor, result.ratio) == (80, 100, 0.8)
    assert result.ok


@pytest.mark.parametrize(
    ("bar", "ratio", "cleared"),
    [
        (Bar(at_least=0.7), 0.7, True),
        (Bar(at_least=0.7), 0.699, False),
        (Bar(at_most=10), 10, True),
        (Bar(at_most=10), 10.01, False),
    ],
)
def test_a_bar_is_cleared_from_its_own_side(bar: Bar, ratio: float, *, cleared: bool) -> None:
    assert bar.cleared(ratio) is cleared


def test_a_report_says_at_least_or_at_most_and_never_both() -> None:
    least = compared("fast", "events/s", Bar(at_least=0.5), [(3000.4, 4000), (3000.4, 5000), (3000.4, 6000)]).report()
    most = compared("soon", "ms", Bar(at_most=10), [(12.3456, 1.5)]).report()

    assert least == {
        "name": "fast",
        "ours": 3000.0,
        "floor": 5000.0,
        "unit": "events/s",
        "ratio": 0.6,
        "spread": [0.5, 0.75],
        "repeats": 3,
        "at_least": 0.5,
        "ok": True,
    }
    assert (most["ours"], most["ratio"], most["at_most"], most["ok"]) == (12.35, 8.23, 10, True)
    assert "at_least" not in most
    assert json.loads(json.dumps(least)) == least


async def test_ours_and_the_floor_run_in_turn_and_who_begins_changes() -> None:
    order: list[str] = []

    def side(name: str, figure: float) -> object:
        async def run() -> Run:
            order.append(name)
            return Run(figure + len(order), 7)

        return run

    pairs = await in_turn(side("ours", 100), side("floor", 200), repeats=3)  # type: ignore[arg-type] # a coroutine function

    assert order == ["floor", "ours", "ours", "floor", "floor", "ours", "ours", "floor"]
    assert pairs == [(103, 204), (106, 205), (107, 208)]


async def test_unequal_work_is_never_compared() -> None:
    async def ours() -> Run:
        return Run(1, 99)

    async def floor() -> Run:
        return Run(1, 100)

    with pytest.raises(UnequalWork, match="99"):
        await in_turn(ours, floor, repeats=1)


def test_a_run_is_told_per_second() -> None:
    assert Run.timed(500, 0.25) == Run(2000, 500)


def test_all_is_well_only_where_every_bar_is_cleared() -> None:
    good = Result(name="a", ours=1, floor=1, unit="x", bar=Bar(at_least=1), ratios=(1,))
    short = Result(name="b", ours=1, floor=2, unit="x", bar=Bar(at_least=1), ratios=(0.5,))

    assert all_ok([good])
    assert not all_ok([good, short])


@pytest.mark.parametrize(("figure", "told"), [(12345.6, "12,346"), (999.96, "1,000"), (0.12345, "0.1235"), (3.0, "3")])
def test_a_figure_is_told_with_the_digits_that_mean_something(figure: float, told: str) -> None:
    assert told_figure(figure) == told


def test_a_measure_that_does_not_exist_is_named_before_anything_is_started() -> None:
    done = CliRunner().invoke(app, ["bench", "--only", "speed"])

    assert done.exit_code == 2
    assert "speed" in done.stderr
    assert all(name in done.stderr for name in MEASURES)
