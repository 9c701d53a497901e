"""The tutors of one organisation: found when they are needed, approved before they begin, never given more than they offer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from services.cli.caseload.dice import working_day
from services.cli.caseload.script import END, START

if TYPE_CHECKING:
    from services.cli.caseload.dice import Dice
    from services.cli.caseload.places import Place

YEAR = timedelta(days=365)
_TURNOVER = timedelta(days=6)
_KINDS = {"citizen": 70, "group": 18, "association": 12}
_CAPACITY = {"citizen": (1, 2), "group": (2, 3), "association": (3, 6)}


@dataclass(slots=True, kw_only=True)
class Tutor:
    """A tutor's days on the register. `expiries` are the last days of each approval in turn; `held` the assignments' days."""

    number: int
    place: Place
    kind: str
    capacity: int
    registered: date
    vetted: date
    insured: date
    approved: date
    lapses: bool
    held: list[tuple[date, date]] = field(default_factory=list)

    @property
    def renewals(self) -> list[date]:
        """Return the days on which the approval is prolonged, each before it expires."""
        if self.lapses:
            return []
        days, expiry = list[date](), min(self.vetted, self.insured) + YEAR
        while (renewed := working_day(expiry - timedelta(days=20))) <= END:
            days.append(renewed)
            expiry = min(renewed, self.insured + len(days) * YEAR) + YEAR
        return days

    def insured_on(self, day: date) -> bool:
        """Tell whether the tutor is approved and insured on the day."""
        return self.approved <= day and (not self.lapses or day <= min(self.vetted, self.insured) + YEAR)

    def can_take(self, begins: date) -> bool:
        """Tell whether the tutor is approved on the day and has a place that nobody holds, nor left a moment ago."""
        in_time = self.approved + timedelta(days=2) <= begins
        valid = not self.lapses or begins <= min(self.vetted, self.insured) + YEAR
        holding = sum(1 for _, until in self.held if begins <= until + _TURNOVER)
        return in_time and valid and holding < self.capacity


@dataclass(slots=True)
class Register:
    """One organisation's tutors, in the order in which they were found."""

    place: Place
    first_number: int
    dice: Dice
    tutors: list[Tutor] = field(default_factory=list)

    def tutor_for(self, begins: date, *, other_than: Tutor | None) -> Tutor:
        """Return a tutor who can begin on the day: one who is there, or a new one. Call it in the order of the days."""
        able = [tutor for tutor in self.tutors if tutor is not other_than and tutor.can_take(begins)]
        return self.dice.pick(able) if able and self.dice.chance(0.9) else self._found(begins)

    def _found(self, begins: date) -> Tutor:
        dice = self.dice
        kind = dice.weighted(_KINDS)
        registered = working_day(max(START + timedelta(days=2), begins - timedelta(days=dice.between(35, 60))))
        vetted = dice.later(registered, 8, 12)
        insured = dice.later(vetted, 1, 4)
        tutor = Tutor(
            number=self.first_number + len(self.tutors),
            place=self.place,
            kind=kind,
            capacity=dice.between(*_CAPACITY[kind]),
            registered=registered,
            vetted=vetted,
            insured=insured,
            approved=dice.later(insured, 1, 4),
            lapses=dice.chance(0.07),
        )
        self.tutors.append(tutor)
        return tutor
