"""The teams of the caseload: one for each organisation, of several professions and, near a municipality, with its social worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from contracts.reference import consortium
from services.cli.caseload.dice import Dice, working_day
from services.cli.caseload.methodology_story import FIRST, NEXT, effective
from services.cli.caseload.planned import LeftOpen
from services.cli.caseload.script import START, Target

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from services.cli.caseload.pathway_days import PathwayDays
    from services.cli.caseload.places import Place
    from services.cli.caseload.script import Script

_LANES_OF_TEAMS = 2_000_000
_PROFESSIONS = {
    "case-worker": "social-worker",
    "case-worker-2": "legal-adviser",
    "case-worker-3": "psychologist",
    "cultural-mediator": "mediator",
}
_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Team:
    """One organisation's team: it is there from the project's first day, and takes over most of its pathways."""

    script: Script
    place: Place
    number: int

    @property
    def team_id(self) -> UUID:
        """Return the team's id."""
        return self.script.id("team", self.place.organisation)

    def tell(self) -> None:
        """Add how the team is formed, who joins it, and who leaves after a year."""
        dice, first = Dice(self.script.seed, self.script.persons, "team", self.place.organisation), START
        self._say(first, "", {"territory": self.place.province}, creates=True)
        for login, profession in _PROFESSIONS.items():
            self._join(first, f"{login}.{self.place.organisation}", self.place.organisation, profession)
        for town in self._towns():
            self._join(working_day(first + _MONTH), f"case-worker.{town}", town, "municipal-social-worker")
        for version, begins in ((FIRST, first), (NEXT, effective())):
            trained = {"methodology_version": version}
            for login in _PROFESSIONS:
                self._say(dice.later(begins, 2, 30), "/trainings", trained, named={"member": f"{login}.{self.place.organisation}"})
        leaver, leaves = f"case-worker-3.{self.place.organisation}", dice.later(first, 365, 500)
        self._say(leaves, "/departures", {"until": leaves.isoformat()}, named={"member": leaver})

    def take(self, days: PathwayDays) -> bool:
        """Add that the team takes a pathway over in its first days; tell whether it does: some are looked after without one."""
        dice = Dice(self.script.seed, self.script.persons, "teamed", days.persona.number, days.episode)
        on = days.free(dice.later(days.opened, 2, 9))
        taken = on is not None and dice.chance(0.8)
        if on is not None and taken:
            days.say(on, "team", {"team_id": str(self.team_id)}, login=f"team-coordinator.{self.place.organisation}")
        return taken

    def _join(self, day: date, member: str, organisation: str, profession: str) -> None:
        body = {"organisation": organisation, "profession": profession, "since": day.isoformat()}
        self._say(day, "/members", body, named={"member": member})

    def _say(self, day: date, action: str, body: dict[str, str], *, creates: bool = False, named: Mapping[str, str] | None = None) -> None:
        path, stream = f"/teams/{self.team_id}", f"team-{self.team_id}"
        target = Target(service="pathways", path=path, stream=stream, lane=_LANES_OF_TEAMS + self.number)
        self.script.say(
            day, target, action, f"team-coordinator.{self.place.organisation}", body, creates=creates, left_open=LeftOpen(named=named or {})
        )

    def _towns(self) -> list[str]:
        return [town.code for town in consortium().municipalities if town.istat in self.place.municipalities]
