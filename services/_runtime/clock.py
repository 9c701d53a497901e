"""The clock port: the only place that asks what time it is. Deciders never do; time arrives in the context."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")


class Clock(Protocol):
    """Tells the moment, in UTC with microseconds."""

    def now(self) -> datetime:
        """Return the present moment."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's present moment in UTC."""
        return datetime.now(UTC)


class SimulatedClock:
    """A clock that stands where it is put: for tests, and for the demonstration's two years."""

    def __init__(self, moment: datetime) -> None:
        """Stand at `moment`."""
        self._moment = moment

    def now(self) -> datetime:
        """Return the moment it was put to."""
        return self._moment

    def move_to(self, moment: datetime) -> None:
        """Stand at `moment` from now on."""
        self._moment = moment


def day_of(moment: datetime) -> date:
    """Return the day it is in Rome at `moment`: the day that people there would write."""
    return moment.astimezone(ROME).date()
