"""What is measured on a pathway: at baseline, half a year later, at exit. Most people climb, slowly; some do not."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from services.cli.caseload.catalogue import AREAS, SITUATIONS, TIES

if TYPE_CHECKING:
    from services.cli.caseload.pathway_days import PathwayDays

_CHILD_SITUATIONS = {"work": "not-seeking", "income": "none"}
_START = {"housing": 1, "work": 1, "income": 1, "language": 2, "schooling": 4}
_HIGHEST_SCORE = 5


@dataclass(slots=True)
class Measuring:
    """Measures one person along one pathway, and remembers where they stood."""

    days: PathwayDays
    _levels: dict[str, int] = field(default_factory=dict)
    _scores: dict[str, int] = field(default_factory=dict)
    _network: int = 2

    def baseline(self) -> date:
        """Tell how the person stands at the beginning, and return the day on which all of it is recorded."""
        dice, began = self.days.dice, self.days.opened
        for area, values in SITUATIONS.items():
            self._levels[area] = dice.between(0, min(_START[area], len(values) - 1))
        self._scores = {area: dice.between(1, 4) for areas in AREAS.values() for area in areas}
        seen = dice.later(began, 3, 12)
        self._situations(seen, "baseline", list(SITUATIONS), since=began - timedelta(days=dice.between(20, 200)))
        mapped = dice.later(seen, 0, 6)
        self._map(mapped, "baseline")
        self._assess(mapped, "baseline", "worker")
        if not self.days.persona.child and dice.chance(0.55):
            self._assess(mapped, "baseline", "beneficiary")
        return mapped

    def half_way(self, day: date) -> None:
        """Tell how the person stands on the way."""
        if (free := self.days.free(day)) is None:
            return
        dice = self.days.dice
        self._climb(0.5)
        changed = dice.some(list(SITUATIONS), dice.between(1, 2))
        self._situations(free, "change", changed, since=free - timedelta(days=dice.between(0, 30)))
        if dice.chance(0.7):
            self._assess(free, "follow-up", "worker")
        if dice.chance(0.45):
            self._map(free, "follow-up")

    def leaving(self, day: date) -> None:
        """Tell how the person stands on the day of the exit."""
        dice = self.days.dice
        self._climb(0.6)
        self._situations(day, "exit", list(SITUATIONS), since=day - timedelta(days=dice.between(5, 60)))
        self._assess(day, "exit", "worker")
        if dice.chance(0.5):
            self._map(day, "exit")
        if dice.chance(0.4) and not self.days.persona.child:
            scores = {item: dice.between(2, _HIGHEST_SCORE) for item in ("helpful", "listened-to", "clear")}
            self._answer(day, "exit", "beneficiary", ("satisfaction", "1.0"), scores)

    def _climb(self, share: float) -> None:
        dice = self.days.dice
        for area, values in SITUATIONS.items():
            if dice.chance(share):
                self._levels[area] = min(self._levels[area] + 1, len(values) - 1)
        for area, score in self._scores.items():
            if dice.chance(share):
                self._scores[area] = min(score + 1, _HIGHEST_SCORE)
        self._network += dice.between(0, 2)

    def _situations(self, day: date, moment: str, areas: list[str], *, since: date) -> None:
        values = {area: SITUATIONS[area][self._levels[area]] for area in areas}
        if self.days.persona.child:
            values |= {area: value for area, value in _CHILD_SITUATIONS.items() if area in areas}
        items = [
            {"situation_id": self.days.new_id("situation"), "area": area, "value": value, "since": since.isoformat()}
            for area, value in values.items()
        ]
        self.days.say(day, "situations", {"moment": moment, "situations": items})

    def _map(self, day: date, moment: str) -> None:
        dice, ties = self.days.dice, list[dict[str, Any]]()
        for connection, kinds in TIES.items():
            for kind in dice.some(kinds, dice.between(0, min(self._network, len(kinds)))):
                strength = dice.pick(("weak", "medium", "strong"))
                ties.append({"connection": connection, "kind": kind, "strength": strength, "count": dice.between(1, 4)})
        self.days.say(day, "network-maps", {"map_id": self.days.new_id("map"), "moment": moment, "ties": ties})

    def _assess(self, day: date, moment: str, respondent: str) -> None:
        apart = self.days.dice.between(-1, 1) if respondent == "beneficiary" else 0
        scores = {area: min(max(score + apart, 1), _HIGHEST_SCORE) for area, score in self._scores.items()}
        self._answer(day, moment, respondent, ("needs-and-resources", self.days.methodology), scores)

    def _answer(self, day: date, moment: str, respondent: str, instrument: tuple[str, str], scores: dict[str, int]) -> None:
        body = {
            "assessment_id": self.days.new_id("assessment"),
            "instrument": instrument[0],
            "instrument_version": instrument[1],
            "respondent": respondent,
            "moment": moment,
            "scores": scores,
        }
        self.days.say(day, "assessments", body)
