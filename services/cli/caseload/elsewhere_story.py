"""Persons who are recorded by a second organisation, too: both look together, or the first declines; one person's records are joined."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from contracts.reference import consortium
from services.cli.caseload.dice import Dice
from services.cli.caseload.people import name
from services.cli.caseload.planned import LeftOpen
from services.cli.caseload.script import END, NOTHING_OPEN, Target

if TYPE_CHECKING:
    from uuid import UUID

    from contracts.reference import Organisation
    from services.cli.caseload.people import Persona
    from services.cli.caseload.script import Script

_ONE_OF = 37
_LASTS = timedelta(days=140)


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A second record of the same person, by another organisation, which is ended within weeks."""

    script: Script
    persona: Persona

    def tell(self) -> None:
        """Add the second record of those few persons who have one elsewhere."""
        one = self.persona
        if one.child or one.enrolled + _LASTS > (one.leaves or END):
            return
        dice = Dice(self.script.seed, self.script.persons, "elsewhere", one.number)
        match one.number % _ONE_OF:
            case 12:
                self._one_person(self._asked(dice), dice)
            case 27:
                self._declined(self._asked(dice), dice)
            case _:
                pass

    def _asked(self, dice: Dice) -> date:
        """Tell of somebody who gave another name first: their document makes suspect who they are, and whoever enrolled them asks."""
        one = self.persona
        begun = dice.later(one.enrolled, 30, 60)
        notice = {"notice_version": "2020-05", "language": one.languages[0], "how": "orally", "mediator": True}
        self._there(begun, "privacy-notices", notice, creates=True)
        born = {"birth_date": f"{one.birth_date.year + 4}-01-01", "birth_date_precision": "year"}
        guessed = one.identity(given_names=name(dice, 3), family_name=f"Demo {name(dice, 2)}", **born)
        body = {"territory": self._other.province, "identity": guessed, "contact": {"languages": list(one.languages)}}
        self._there(begun, "enrolment", body)
        found = dice.later(begun, 6, 12)
        self._there(found, "identity-corrections", {"identity": one.identity(), "reason": "Nome e data di nascita come dal documento."})
        asked = dice.later(found, 1, 3)
        self._there(asked, "duplicate-comparison-requests", {}, compared=one.place.organisation)
        return asked

    def _one_person(self, asked: date, dice: Dice) -> None:
        """Tell that both looked, and that the second record passes to the first one's organisation, where the two are confirmed."""
        one = self.persona
        self._here(agreed := dice.later(asked, 2, 6), "duplicate-comparison-agreements", {})
        transfer = {"transfer_id": str(self.script.id("transfer", "elsewhere", one.number))}
        move = transfer | {"receiver": one.place.organisation, "territory": one.place.province, "reason": "La persona è già in carico lì."}
        self._there(requested := dice.later(agreed, 1, 4), "transfer-requests", move)
        self._there(moved := dice.later(requested, 1, 4), "transfer-acceptance", transfer, login=one.worker)
        first = str(self._first)
        confirmed = {"other_id": first, "survivor_id": first, "reason": "Stesso documento, visto da entrambi gli enti."}
        self._there(joined := dice.later(moved, 1, 4), "duplicate-confirmations", confirmed, login=one.worker)
        self._there(dice.later(joined, 8, 20), "exit", {"reason": "other", "destination": "unknown"}, login=one.worker)

    def _declined(self, asked: date, dice: Dice) -> None:
        """Tell that the first organisation does not agree, and that the person leaves the second one."""
        self._here(
            answered := dice.later(asked, 2, 6), "duplicate-comparison-refusals", {"reason": "La persona chiede di essere sentita prima."}
        )
        self._there(dice.later(answered, 20, 40), "exit", {"reason": "moved-away", "destination": "relatives-or-friends"})

    def _here(self, day: date, action: str, body: dict[str, Any]) -> None:
        """Add a command on the person's first record."""
        self._say(self._first, day, action, self.persona.worker, body, LeftOpen(compared=self._other.code))

    def _there(
        self, day: date, action: str, body: dict[str, Any], *, login: str | None = None, creates: bool = False, compared: str | None = None
    ) -> None:
        """Add a command on the second record."""
        second = self.script.id("elsewhere", self.persona.number)
        left_open = NOTHING_OPEN if compared is None else LeftOpen(compared=compared)
        self._say(second, day, action, login or f"case-worker.{self._other.code}", body, left_open, creates=creates)

    def _say(
        self, record: UUID, day: date, action: str, login: str, body: dict[str, Any], left_open: LeftOpen, *, creates: bool = False
    ) -> None:
        target = Target(service="intake", path=f"/beneficiaries/{record}", stream=f"person-{record}", lane=self.persona.lane)
        self.script.say(day, target, f"/{action}", login, body, creates=creates, left_open=left_open)

    @property
    def _first(self) -> UUID:
        return self.script.id("person", self.persona.number)

    @property
    def _other(self) -> Organisation:
        """Return the second organisation: one that takes persons into care."""
        others = [one for one in consortium().organisations if one.province is not None and one.code != self.persona.place.organisation]
        return Dice(self.script.seed, self.script.persons, "elsewhere", "organisation", self.persona.number).pick(others)
