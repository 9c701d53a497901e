"""The days of one pathway: from when to when it runs, when it rests, and the target of its commands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from services._runtime.ids import derived_id
from services.cli.caseload.dice import working_day
from services.cli.caseload.methodology_story import version_on
from services.cli.caseload.script import END, Target

if TYPE_CHECKING:
    from uuid import UUID

    from services.cli.caseload.dice import Dice
    from services.cli.caseload.people import Persona
    from services.cli.caseload.script import Script

_DAY = timedelta(days=1)


@dataclass(slots=True, kw_only=True)
class PathwayDays:
    """One episode of a person: what can be said of its pathway, and on which days. `closes` is the day of the exit."""

    script: Script
    persona: Persona
    dice: Dice
    beneficiary_id: UUID
    episode: int
    opened: date
    closes: date | None
    agreed: date | None = None
    rests: tuple[date, date] | None = None
    teamed: bool = False
    wants_tutor: bool = False
    plan_version: int = 0
    later: list[tuple[date, str, dict[str, Any]]] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)

    @property
    def pathway_id(self) -> UUID:
        """Return the id under which the enrolment opens the pathway."""
        return derived_id("pathway", self.beneficiary_id, self.episode)

    @property
    def methodology(self) -> str:
        """Return the version of the methodology under which it opens, and which it keeps."""
        return version_on(self.opened)

    @property
    def last(self) -> date:
        """Return the last day on which something is told of the pathway."""
        return END if self.closes is None else self.closes

    def new_id(self, kind: str) -> str:
        """Return the next id of a kind."""
        self._numbers[kind] = number = self._numbers.get(kind, 0) + 1
        return str(self.script.id(kind, self.persona.number, self.episode, number))

    def free(self, day: date) -> date | None:
        """Return the day on which something that falls on `day` can be recorded: after the rest, or never."""
        day = working_day(day)
        if self.rests is not None and self.rests[0] <= day <= self.rests[1]:
            day = working_day(self.rests[1] + _DAY)
        return day if day <= END and (self.closes is None or day < self.closes) else None

    def say(self, day: date, action: str, body: dict[str, Any], *, occurred: date | None = None, login: str | None = None) -> bool:
        """Add a command on the pathway; tell whether it is within the project's days."""
        target = Target(
            service="pathways", path=f"/pathways/{self.pathway_id}", stream=f"pathway-{self.pathway_id}", lane=self.persona.lane
        )
        return self.script.say(day, target, f"/{action}", login or self.persona.worker, body, occurred=occurred)

    def say_when_free(self, day: date, action: str, body: dict[str, Any], *, late: bool = False) -> date | None:
        """Add a command on the first day that allows it, `late` ones some weeks after the fact; return the day, or None."""
        recorded = self.free(day + timedelta(days=self.dice.between(14, 42)) if late else day)
        if recorded is None or not self.say(recorded, action, body, occurred=day if late else None):
            return None
        return recorded
