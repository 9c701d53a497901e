"""Working days in Italy: Monday to Friday, but for the holidays of the law, which are data that change by law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class FixedHoliday:
    """A holiday of the same day each year, from a year on."""

    month: int
    day: int
    since: int


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The calendar. Easter Mondays are written out; asked about a year that is not among them it raises `KeyError`, and guesses nothing."""

    fixed: tuple[FixedHoliday, ...]
    easter_mondays: dict[int, date]

    @property
    def years(self) -> tuple[int, int]:
        """Return the first and the last year that it knows."""
        return min(self.easter_mondays), max(self.easter_mondays)

    def works(self, day: date) -> bool:
        """Tell whether people work on a day."""
        if day.weekday() >= _SATURDAY or day == self.easter_mondays[day.year]:
            return False
        return not any((one.month, one.day) == (day.month, day.day) and day.year >= one.since for one in self.fixed)

    def after(self, day: date, count: int) -> date:
        """Return the day on which so many working days have passed since `day`, which does not count itself."""
        while count:
            day += timedelta(days=1)
            count -= self.works(day)
        return day
