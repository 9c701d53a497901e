"""Persons who are recorded twice, and persons who only look so: found out, taken for one, told apart again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from services.cli.caseload.dice import Dice
from services.cli.caseload.people import name
from services.cli.caseload.planned import LeftOpen
from services.cli.caseload.script import END, Target

if TYPE_CHECKING:
    from uuid import UUID

    from services.cli.caseload.people import Persona
    from services.cli.caseload.script import Script

_ONE_OF = 37
_SPLIT_ONE_OF = 2
_LASTS = timedelta(days=140)


@dataclass(frozen=True, slots=True)
class Double:
    """A second record, of the same person or of somebody very like them, which is ended within weeks."""

    script: Script
    persona: Persona

    def tell(self) -> None:
        """Add the second record of those few persons who have one."""
        one = self.persona
        if one.child or one.enrolled + _LASTS > (one.leaves or END):
            return
        dice = Dice(self.script.seed, self.script.persons, "double", one.number)
        begun = dice.later(one.enrolled, 30, 60)
        match one.number % _ONE_OF:
            case 20:
                self._recorded_twice(begun, dice)
            case 31:
                self._looks_alike(begun, dice)
            case _:
                pass

    def _recorded_twice(self, begun: date, dice: Dice) -> None:
        """Tell of somebody who gave another name first: their document shows who they are, and that they are in care already."""
        one = self.persona
        guessed = {"birth_date": date(one.birth_date.year + 4, 1, 1).isoformat(), "birth_date_precision": "year"}
        self._enrol(begun, one.identity(given_names=name(dice, 3), family_name=f"Demo {name(dice, 2)}", **guessed))
        found = dice.later(begun, 6, 12)
        self._say(found, "identity-corrections", {"identity": one.identity(), "reason": "Nome e data di nascita come dal documento."})
        joined = dice.later(found, 1, 4)
        both = {"other_id": str(self._persons_id)}
        confirmed = both | {"survivor_id": str(self._persons_id), "reason": "Stesso documento, stessa fotografia."}
        self._say(joined, "duplicate-confirmations", confirmed)
        if one.number // _ONE_OF % _SPLIT_ONE_OF == 0:
            self._say(dice.later(joined, 8, 15), "duplicate-splits", both | {"reason": "Due persone: il documento era di un parente."})
        self._say(dice.later(joined, 20, 30), "exit", {"reason": "other", "destination": "unknown"})

    def _looks_alike(self, begun: date, dice: Dice) -> None:
        """Tell of two brothers or sisters born on one day, whose names differ by a letter."""
        one = self.persona
        self._enrol(begun, one.identity(given_names=f"{one.given_name}h"), apart_from=self._persons_id)
        self._say(dice.later(begun, 30, 70), "exit", {"reason": "moved-away", "destination": "relatives-or-friends"})

    def _enrol(self, day: date, identity: dict[str, Any], *, apart_from: UUID | None = None) -> None:
        one = self.persona
        notice = {"notice_version": "2020-05", "language": one.languages[0], "how": "orally", "mediator": True}
        self._say(day, "privacy-notices", notice, creates=True)
        body = {"territory": one.place.province, "identity": identity, "contact": {"languages": list(one.languages)}}
        self._say(day, "enrolment", body, apart_from=apart_from)

    def _say(self, day: date, action: str, body: dict[str, Any], *, creates: bool = False, apart_from: UUID | None = None) -> None:
        key = self.script.id("double", self.persona.number)
        target = Target(service="intake", path=f"/beneficiaries/{key}", stream=f"person-{key}", lane=self.persona.lane)
        self.script.say(day, target, f"/{action}", self.persona.worker, body, creates=creates, left_open=LeftOpen(apart_from=apart_from))

    @property
    def _persons_id(self) -> UUID:
        return self.script.id("person", self.persona.number)
