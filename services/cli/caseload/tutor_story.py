"""A tutor's story on the register: registered, interviewed, trained, vetted, insured, approved; renewed, suspended or retired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from services.cli.caseload.dice import Dice, working_day
from services.cli.caseload.people import name
from services.cli.caseload.planned import LeftOpen
from services.cli.caseload.script import END, START, Target
from services.cli.caseload.tutor_register import YEAR

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from services.cli.caseload.script import Script
    from services.cli.caseload.tutor_register import Tutor

_DAY = timedelta(days=1)
_LANES_OF_TUTORS = 1_000_000
_LANGUAGES = ("it", "en", "fr", "ar", "es")
INTERESTS = ("cooking", "culture", "family", "gardening", "music", "nature", "reading", "sport")


def tutor_id(script: Script, tutor: Tutor) -> UUID:
    """Return the tutor's id."""
    return script.id("tutor", tutor.place.organisation, tutor.number)


@dataclass(frozen=True, slots=True)
class TutorStory:
    """Tells one tutor's days on the register."""

    script: Script
    tutor: Tutor
    dice: Dice

    def say(
        self,
        day: date,
        action: str,
        body: dict[str, Any],
        *,
        occurred: date | None = None,
        creates: bool = False,
        named: Mapping[str, str] | None = None,
    ) -> None:
        """Add a command on the tutor."""
        key = tutor_id(self.script, self.tutor)
        lane = _LANES_OF_TUTORS + self.tutor.number
        target = Target(service="tutors", path=f"/tutors/{key}", stream=f"tutor-{key}", lane=lane)
        login = f"tutor-coordinator.{self.tutor.place.organisation}"
        self.script.say(day, target, action, login, body, occurred=occurred, creates=creates, left_open=LeftOpen(named=named or {}))

    def tell(self) -> None:
        """Add everything that happens to the tutor on the register."""
        tutor, dice = self.tutor, self.dice
        self._become()
        self._vet(tutor.vetted)
        self._insure(tutor.insured, tutor.insured)
        self.say(tutor.approved, "/approval", {})
        stops = self._stop()
        for number, day in enumerate(tutor.renewals, 1):
            if stops is None or day < stops:
                self._insure(day, tutor.insured + number * YEAR + _DAY)
                self._vet(day)
                self.say(day, "/approval", {})
        more = dice.later(tutor.approved, 60, 300)
        if dice.chance(0.08) and (stops is None or more < stops):
            self.say(more, "/availability", {"capacity": tutor.capacity + 1, "available": True})

    def tell_failed(self) -> None:
        """Add the story of a volunteer whose vetting was not passed."""
        self._become()
        self.say(self.tutor.vetted, "/vettings", {"outcome": "failed", "notes": "Disponibilità di tempo insufficiente."})

    def _become(self) -> None:
        tutor, dice = self.tutor, self.dice
        body: dict[str, Any] = {
            "kind": tutor.kind,
            "territory": tutor.place.province,
            "capacity": tutor.capacity,
            "paid_staff": False,
            "name": self._name(),
            "languages": dice.some(_LANGUAGES, dice.between(1, 3)),
            "email": f"tutor{tutor.number:04d}@demo.example",
        }
        if tutor.kind == "citizen":
            body["birth_date"] = date(dice.between(1948, 2000), dice.between(1, 12), dice.between(1, 28)).isoformat()
        else:
            body["volunteers"] = [f"{name(dice, 2)} Demo {name(dice, 3)}" for _ in range(dice.between(2, 4))]
        self.say(tutor.registered, "", body, creates=True)
        self.say(dice.later(tutor.registered, 1, 3), "/interviews", {})
        self.say(dice.later(tutor.registered, 4, 7), "/trainings", {"course": "tutor-basics", "hours": dice.pick((8, 12, 16))})

        self._offer(body["languages"])

    def _offer(self, languages: list[str]) -> None:
        tutor = self.tutor
        dice = Dice(self.script.seed, self.script.persons, "offer", tutor.place.organisation, tutor.number)
        if dice.chance(0.7):
            times = dice.some(("weekday_afternoon", "weekday_evening", "weekend"), dice.between(1, 2))
            offer = {"languages": languages, "interests": dice.some(INTERESTS, dice.between(1, 3)), "times": times}
            self.say(dice.later(tutor.registered, 2, 6), "/offer", offer)

    def _name(self) -> str:
        match self.tutor.kind:
            case "citizen":
                return f"{name(self.dice, 2)} Demo {name(self.dice, 3)}"
            case "group":
                return f"Gruppo Demo {name(self.dice, 3)}"
            case _:
                return f"Associazione Demo {name(self.dice, 3)}"

    def _vet(self, day: date) -> None:
        self.say(day, "/vettings", {"outcome": "passed", "valid_until": (day + YEAR).isoformat()})

    def _insure(self, day: date, begins: date) -> None:
        self.say(day, "/insurances", {"valid_from": begins.isoformat(), "valid_until": (begins + YEAR).isoformat()})

    def _stop(self) -> date | None:
        """Tell that the tutor pauses or leaves some weeks after the last assignment, and return the day; most stay."""
        last = max((until for _, until in self.tutor.held), default=START)
        day = working_day(last + timedelta(days=self.dice.between(20, 50)))
        if last <= self.tutor.approved or day > END or not self.dice.chance(0.3):
            return None
        if self.dice.chance(0.7):
            self.say(day, "/retirement", {"reason": self.dice.pick(("tutor_asked", "moved"))})
        else:
            self.say(day, "/suspension", {"reason": "tutor_asked"})
        return day
