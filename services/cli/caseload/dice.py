"""Chance that repeats itself: everything the planning draws comes from one seeded generator."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

T = TypeVar("T")
_SATURDAY = 5


class Dice:
    """Draws of a seed; the same seed and the same calls give the same values on every machine."""

    def __init__(self, *seed: object) -> None:
        """Begin the sequence of a seed."""
        self._random = Random("\x1f".join(str(part) for part in seed))  # noqa: S311 - reproducible on purpose, protects nothing

    def chance(self, share: float) -> bool:
        """Return true in that share of the calls."""
        return self._random.random() < share

    def between(self, lowest: int, highest: int) -> int:
        """Return a whole number, both ends included."""
        return self._random.randint(lowest, highest)

    def peaked(self, lowest: int, highest: int, peak: int) -> int:
        """Return a whole number that is likelier near the peak."""
        return round(self._random.triangular(lowest, highest, peak))

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return self._random.choice(choices)

    def some(self, choices: Sequence[T], count: int) -> list[T]:
        """Return so many different choices, or all where there are fewer."""
        return self._random.sample(list(choices), min(count, len(choices)))

    def weighted(self, choices: Mapping[T, int]) -> T:
        """Return one of the choices, by their weights."""
        return self._random.choices(list(choices), list(choices.values()))[0]

    def shuffled(self, choices: Sequence[T]) -> list[T]:
        """Return all choices in some order."""
        return self.some(choices, len(choices))

    def later(self, day: date, lowest: int, highest: int) -> date:
        """Return a working day so many days after `day`."""
        return working_day(day + timedelta(days=self.between(lowest, highest)))


def working_day(day: date) -> date:
    """Return the day, or the Monday after a weekend: offices record on working days. Later days never come out earlier."""
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= _SATURDAY else day
