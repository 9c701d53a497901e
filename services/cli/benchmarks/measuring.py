"""The frame of every measure: ours and the floor in turn, medians over repeats, their ratio, and the bar it must reach."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence


class UnequalWork(Exception):
    """Ours and the floor did not do the same work, so that comparing them would say nothing."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its figure, in the measure's unit, and how many things (rows, records) it brought about."""

    figure: float
    did: int

    @classmethod
    def timed(cls, did: int, seconds: float) -> Run:
        """Return the run that did so many things in so many seconds; its figure is how many per second."""
        return cls(did / seconds, did)


@dataclass(frozen=True, slots=True)
class Bar:
    """What a ratio of ours to the floor must reach, or what it must not exceed."""

    at_least: float | None = None
    at_most: float | None = None

    def cleared(self, ratio: float) -> bool:
        """Tell whether the ratio is on the right side; exactly on the bar is."""
        return (self.at_least is None or ratio >= self.at_least) and (self.at_most is None or ratio <= self.at_most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A measure's outcome. `ours` and `floor` are medians in `unit`; `ratios` are those of the single pairs: the spread."""

    name: str
    ours: float
    floor: float
    unit: str
    bar: Bar
    ratios: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Return ours over the floor."""
        return self.ours / self.floor

    @property
    def ok(self) -> bool:
        """Tell whether the bar is cleared."""
        return self.bar.cleared(self.ratio)

    def report(self) -> dict[str, object]:
        """Return the result as JSON; it has `at_least`, or `at_most` where less is better."""
        bar = {"at_least": self.bar.at_least} if self.bar.at_most is None else {"at_most": self.bar.at_most}
        spread = [round(min(self.ratios), 3), round(max(self.ratios), 3)]
        figures = {"ours": significant(self.ours), "floor": significant(self.floor), "unit": self.unit, "ratio": round(self.ratio, 3)}
        return {"name": self.name, **figures, "spread": spread, "repeats": len(self.ratios), **bar, "ok": self.ok}


def significant(figure: float) -> float:
    """Return a figure with the digits that mean something: whole from a thousand on, else four."""
    return float(f"{figure:.4g}") if abs(figure) < 1000 else float(round(figure))  # noqa: PLR2004 - see above


def told_figure(figure: float) -> str:
    """Return a figure as people read it, its thousands apart."""
    return f"{significant(figure):,g}" if abs(figure) < 1000 else f"{significant(figure):,.0f}"  # noqa: PLR2004 - see above


def compared(name: str, unit: str, bar: Bar, pairs: Sequence[tuple[float, float]]) -> Result:
    """Return the result of pairs of figures (ours, floor); medians are taken of each side, so that one disturbed run is one vote."""
    ours, floor = (median(side) for side in zip(*pairs, strict=True))
    return Result(name=name, ours=ours, floor=floor, unit=unit, bar=bar, ratios=tuple(one / other for one, other in pairs))


def paired(ours: Run, floor: Run) -> tuple[float, float]:
    """Return the figures of both; raises `UnequalWork` where the two did not bring about as many things."""
    if ours.did != floor.did:
        raise UnequalWork(f"ours did {ours.did}, the floor {floor.did}")
    return ours.figure, floor.figure


async def in_turn(
    ours: Callable[[], Awaitable[Run]], floor: Callable[[], Awaitable[Run]], *, repeats: int, warm_up: int = 1
) -> list[tuple[float, float]]:
    """Run ours and the floor alternately, `repeats` times each, and return the pairs of figures (ours, floor).

    Who begins changes from pair to pair, so that what the machine drifts by in between favours neither. `warm_up`
    pairs come first and are not counted. Raises `UnequalWork` where the two did not bring about as many things.
    """
    pairs: list[tuple[float, float]] = []
    for repeat in range(warm_up + repeats):
        if repeat % 2:
            mine = await ours()
            other = await floor()
        else:
            other = await floor()
            mine = await ours()
        pairs.append(paired(mine, other))
    return pairs[warm_up:]


def all_ok(results: Iterable[Result]) -> bool:
    """Tell whether every bar is cleared."""
    return all(result.ok for result in results)
