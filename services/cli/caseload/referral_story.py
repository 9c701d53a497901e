"""Referrals to an organisation: by a near municipality, another organisation, a reception centre; taken, declined, left too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from contracts.reference import consortium
from services.cli.caseload.dice import Dice, working_day
from services.cli.caseload.people import name
from services.cli.caseload.script import START, Target

if TYPE_CHECKING:
    from services.cli.caseload.places import Place
    from services.cli.caseload.script import Script

_LANES_OF_DESKS = 4_000_000
_PERSONS_OF_A_REFERRAL = 6
_LAST_DAY = 660
_ANSWERS = {"accepted": 5, "declined": 4, "late": 2}
_DECLINED = {"no-capacity": 4, "not-eligible": 3, "already-in-care": 2, "person-unwilling": 1, "other": 1}
_LATE = timedelta(days=24)
_WHY = "Cerca casa e lavoro; conosce un'associazione del territorio."


@dataclass(frozen=True, slots=True)
class Desk:
    """Where an organisation hears of people. Whom it took by a referral and who then never came has a record without an enrolment."""

    script: Script
    place: Place
    number: int

    def tell(self) -> None:
        """Add the referrals of two years."""
        dice = Dice(self.script.seed, self.script.persons, "desk", self.place.organisation)
        for number in range(1 + self.place.persons // _PERSONS_OF_A_REFERRAL):
            received = working_day(START + timedelta(days=dice.between(10, _LAST_DAY)))
            self._tell(number, received, dice)

    def _tell(self, number: int, received: date, dice: Dice) -> None:
        login, by = dice.pick(self._referrers())
        person = {"given_names": name(dice, 2), "family_name": f"Demo {name(dice, 3)}", "languages": [dice.pick(("ar", "en", "fr", "ur"))]}
        body = {"by": by, "organisation": self.place.organisation, "person": person, "reason": _WHY}
        self._say(received, number, "", login, body, creates=True)
        answer = dice.weighted(_ANSWERS)
        answered = working_day(received + _LATE) if answer == "late" else dice.later(received, 2, 10)
        worker = f"case-worker.{self.place.organisation}"
        if answer == "declined":
            self._say(answered, number, "/refusal", worker, {"reason": dice.weighted(_DECLINED)})
        else:
            self._say(answered, number, "/acceptance", worker, {})

    def _referrers(self) -> list[tuple[str, str]]:
        """Return who tells this organisation of people: the login that enters it, and in which quality."""
        reference, own = consortium(), self.place.organisation
        towns = [town.code for town in reference.municipalities if town.istat in self.place.municipalities]
        others = [each.code for each in reference.organisations if each.province is not None and each.code != own]
        entered = [(f"case-worker.{own}", by) for by in ("reception-centre", "the-person")]
        referred = [(f"municipality.{town}", "municipality") for town in towns]
        return [*entered, *referred, (f"case-worker.{others[self.number % len(others)]}", "organisation")]

    def _say(self, day: date, number: int, action: str, login: str, body: dict[str, Any], *, creates: bool = False) -> None:
        referral = self.script.id("referral", self.place.organisation, number)
        path, stream = f"/referrals/{referral}", f"referral-{referral}"
        target = Target(service="intake", path=path, stream=stream, lane=_LANES_OF_DESKS + self.number)
        self.script.say(day, target, action, login, body, creates=creates)
