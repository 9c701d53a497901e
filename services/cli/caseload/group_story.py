"""What an organisation's teams do beside single pathways: activities and who came, budget lines of the lead partner, training."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from services._runtime.ids import derived_id
from services.cli.caseload.catalogue import BUDGET_LINES, PROGRAMME
from services.cli.caseload.dice import Dice, working_day
from services.cli.caseload.script import END, START, Target

if TYPE_CHECKING:
    from services.cli.caseload.pathway_days import PathwayDays
    from services.cli.caseload.places import Place
    from services.cli.caseload.script import Script

_LANES_OF_GROUPS = 5_000_000
_KINDS = ("civic-orientation", "language-course", "group-activity", "digital-training")
_APART = timedelta(days=28)
_CEILING_OF_A_PERSON, _CEILING_OF_A_PLACE = 150_000, 2_000_000
_LEAD = "lead-partner.ciac"
_SEEN_WITHIN = 60


@dataclass(slots=True)
class Groups:
    """One organisation's activities, month by month, and the budget lines on which it grants."""

    script: Script
    place: Place
    number: int
    held: list[tuple[date, str]] = field(default_factory=list)

    def tell(self) -> None:
        """Add lines with their ceilings, one of them raised after a year, and the activities of two years."""
        dice = Dice(self.script.seed, self.script.persons, "groups", self.place.organisation)
        ceiling = _CEILING_OF_A_PLACE + _CEILING_OF_A_PERSON * self.place.persons
        for code in BUDGET_LINES:
            line = {"organisation": self.place.organisation, "budget_line": code, "programme": PROGRAMME, "ceiling_cents": ceiling}
            self._say(START, "/budget-lines", code, "", _LEAD, line, creates=True)
        raised = BUDGET_LINES[self.number % len(BUDGET_LINES)]
        path = f"/budget-lines/{derived_id('budget-line', self.place.organisation, raised)}"
        self._say(dice.later(START, 330, 400), path, raised, "/ceiling", _LEAD, {"ceiling_cents": 2 * ceiling})
        day = working_day(START + _APART)
        while day <= END - _APART:
            activity = str(self.script.id("activity", self.place.organisation, len(self.held)))
            body = {"territory": self.place.province, "kind": dice.pick(_KINDS), "minutes": 15 * dice.between(4, 12)}
            self._say(day, f"/activities/{activity}", activity, "", f"case-worker.{self.place.organisation}", body, creates=True)
            self.held.append((day, activity))
            day = dice.later(day + _APART, -6, 6)

    def attend(self, days: PathwayDays, since: date) -> None:
        """Add which activities a person came to in their first months, or missed."""
        dice = Dice(self.script.seed, self.script.persons, "attends", days.persona.number, days.episode)
        if not dice.chance(0.35):
            return
        for day, activity in self.held:
            if since < day <= since + timedelta(days=_SEEN_WITHIN) and (recorded := days.free(day + timedelta(days=1))) is not None:
                attended = dice.chance(0.8)
                body = {"attendance_id": days.new_id("attendance"), "activity_id": activity, "attended": attended}
                days.say(recorded, "attendances", body | {"minutes": 60 if attended else 0}, occurred=day)

    def _say(self, day: date, path: str, record: str, action: str, login: str, body: dict[str, Any], *, creates: bool = False) -> None:
        budget = record in BUDGET_LINES
        stream = f"budget-{derived_id('budget-line', self.place.organisation, record)}" if budget else f"activity-{record}"
        target = Target(service="pathways", path=path, stream=stream, lane=_LANES_OF_GROUPS + self.number)
        self.script.say(day, target, action, login, body, creates=creates)
