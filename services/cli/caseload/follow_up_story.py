"""How tutors are followed: resolutions on expenses, supervisors and their absences, expenses, named volunteers, pauses of the clocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from services._runtime.ids import derived_id
from services.cli.caseload.dice import Dice, working_day
from services.cli.caseload.planned import LeftOpen
from services.cli.caseload.script import START, Target
from services.cli.caseload.volunteer_story import enter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.cli.caseload.assignment_story import AssignmentStory
    from services.cli.caseload.places import Place
    from services.cli.caseload.script import Script
    from services.cli.caseload.tutor_story import TutorStory

_LANES_OF_OFFICES = 3_000_000
_DAY = timedelta(days=1)
_RESOLVED = ("public_transport", "meals")
_DOCUMENTED = {"public_transport": 5, "activity_costs": 3, "materials": 2, "tolls_and_parking": 1}
_AWAY = date(2021, 8, 9), date(2021, 8, 20)
_PAUSES = {"tutor_away": 4, "beneficiary_away": 4, "beneficiary_asked": 1}


@dataclass(frozen=True, slots=True)
class Office:
    """Those who follow an organisation's tutors."""

    script: Script
    place: Place
    number: int

    def tell(self) -> None:
        """Add who follows tutors, what was resolved on expenses, and a summer in which another stands in."""
        dice = Dice(self.script.seed, self.script.persons, "office", self.place.organisation)
        for login in (self.supervisor, self.substitute):
            self._say(START, "/supervisors", {}, {"supervisor": login})
        first, second = (str(self.script.id("resolution", self.place.organisation, number)) for number in (1, 2))
        self._resolve(START, first, ["public_transport"], "2020-03")
        revised = dice.later(START, 200, 330)
        path, stream = f"/expense-resolutions/{first}", f"register-{derived_id('register', self.place.organisation)}"
        self._resolve(revised, second, list(_RESOLVED), "2021-02")
        target = Target(service="tutors", path=path, stream=stream, lane=self._lane)
        self.script.say(revised + _DAY, target, "/revocation", self.supervisor, {})
        away, back = _AWAY
        absence = {"absent_from": away.isoformat(), "absent_until": back.isoformat()}
        path = f"/supervisor-absences/{self.script.id('absence', self.place.organisation)}"
        self._say(dice.later(away, -30, -10), path, absence, {"supervisor": self.supervisor, "substitute": self.substitute})

    @property
    def supervisor(self) -> str:
        """Return the login of whoever follows the tutors."""
        return f"tutor-coordinator.{self.place.organisation}"

    @property
    def substitute(self) -> str:
        """Return the login of whoever stands in."""
        return f"team-coordinator.{self.place.organisation}"

    @property
    def _lane(self) -> int:
        return _LANES_OF_OFFICES + self.number

    def _resolve(self, day: date, resolution: str, kinds: list[str], minutes: str) -> None:
        self._say(day, f"/expense-resolutions/{resolution}", {"body": "board", "kinds": kinds, "minutes": f"verbale-{minutes}"}, {})

    def _say(self, day: date, path: str, body: dict[str, Any], named: Mapping[str, str]) -> None:
        target = Target(service="tutors", path=path, stream=f"office-{self.place.organisation}", lane=self._lane)
        self.script.say(day, target, "", self.supervisor, body, creates=True, left_open=LeftOpen(named=named))


def follow(story: TutorStory, office: Office) -> None:
    """Add who follows a tutor from the approval on, and who volunteers with a group or an association."""
    tutor, dice = story.tutor, Dice(story.script.seed, story.script.persons, "followed", story.tutor.place.organisation, story.tutor.number)
    named = dice.later(tutor.approved, 1, 4)
    away, back = _AWAY
    story.say(back + 3 * _DAY if away <= named <= back else named, "/supervisor", {}, named={"supervisor": office.supervisor})
    handed = dice.later(named, 6, 16)
    if dice.chance(0.12) and not away - 3 * _DAY <= handed <= back:
        story.say(handed, "/supervisor", {}, named={"supervisor": office.substitute})
    if tutor.kind == "citizen":
        if dice.chance(0.06):
            story.say(dice.later(tutor.registered, 8, 12), "/register-section", {"section": "occasional"})
        return
    enter(story)


def spend(story: AssignmentStory, tutor: TutorStory, met_on: date, number: int) -> None:
    """Add what a meeting cost the tutor, now and then: with a receipt, or declared within the limits; few entries were mistakes."""
    dice, one = Dice(story.script.seed, story.script.persons, "expense", story.assignment_id, number), story.tutor
    if not dice.chance(0.05) or not one.insured_on(met_on):
        return
    expense = str(story.script.id("expense", story.assignment_id, number))
    body: dict[str, Any] = {"expense_id": expense, "assignment_id": story.assignment_id}
    if dice.chance(0.6):
        receipt = {"kind": "receipt", "holder": f"Archivio {one.place.organisation}", "date": met_on.isoformat()}
        body |= {"kind": dice.weighted(_DOCUMENTED), "proof": "documented", "amount_cents": 10 * dice.between(20, 400), "receipt": receipt}
    else:
        body |= {"kind": "public_transport", "proof": "self_declared", "amount_cents": 10 * dice.between(13, 30)}
    declared = dice.later(met_on, 1, 6)
    tutor.say(declared, "/expenses", body, occurred=met_on)
    if dice.chance(0.06):
        tutor.say(declared + _DAY, "/expense-withdrawals", {"expense_id": expense, "reason": "Inserita due volte."})


def pause(story: AssignmentStory) -> None:
    """Add a time in which nothing is expected of tutor and person, now and then, and that it ended early."""
    dice = Dice(story.script.seed, story.script.persons, "pause", story.assignment_id)
    begins = dice.later(story.begins, 20, 120)
    ends = begins + timedelta(days=dice.between(12, 25))
    if not dice.chance(0.1) or ends + _DAY >= story.last:
        return
    body = {"paused_from": begins.isoformat(), "paused_until": ends.isoformat(), "reason": dice.weighted(_PAUSES)}
    story.say(begins, "silence-pauses", body)
    if dice.chance(0.3):
        story.say(working_day(begins + timedelta(days=6)), "silence-resumptions", {})
