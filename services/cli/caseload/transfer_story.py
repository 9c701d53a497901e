"""Transfers from one organisation to another: most are not taken up; those who move away are handed over, and leave care there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from contracts.reference import consortium
from services.cli.caseload.dice import Dice
from services.cli.caseload.script import END

if TYPE_CHECKING:
    from services.cli.caseload.intake_story import Intake

_TRIED, _MOVES, _MOVES_NEARBY = 0.1, 0.05, 0.7
_OUTCOMES = {"transfer-refusal": 4, "transfer-revocation": 3, "lapses": 3}
_SETTLED = timedelta(days=60)
LONGEST_STAY = timedelta(days=60)
"""How long somebody who was handed over stays in care at the most."""


def moves_away(intake: Intake) -> bool:
    """Tell whether the person ends their care elsewhere: handed over on the day on which they would have left."""
    one = intake.persona
    likely = _MOVES_NEARBY if neighbours(intake) else _MOVES
    return one.leaves is not None and not one.child and one.relation is None and _dice(intake, "moves").chance(likely)


def neighbours(intake: Intake) -> list[str]:
    """Return the other organisations of the province: where one is, persons move to it, and their tutor stays beside them."""
    place = intake.persona.place
    return [each.code for each in consortium().organisations if each.province == place.province and each.code != place.organisation]


def try_transfer(intake: Intake) -> None:
    """Add a transfer that nobody takes up, now and then: declined, taken back, or lapsed by itself."""
    one, dice = intake.persona, _dice(intake, "tried")
    asked = dice.later(one.enrolled, 40, 120)
    if not dice.chance(_TRIED) or not intake.in_care(asked + _SETTLED) or asked + _SETTLED > END:
        return
    move = _Move(intake, "tried", _receiver(intake, dice))
    move.ask(asked)
    answered = dice.later(asked, 3, 9)
    match dice.weighted(_OUTCOMES):
        case "transfer-refusal":
            move.say(
                answered, "transfer-refusal", {"reason": "Nessun posto disponibile in questo periodo."}, f"team-coordinator.{move.receiver}"
            )
        case "transfer-revocation":
            move.say(answered, "transfer-revocation", {}, one.worker)
        case _:
            pass


def move_away(intake: Intake, day: date) -> None:
    """Add the transfer of a person who moves away, and the exit that the receiver records some weeks later."""
    dice = _dice(intake, "moved")
    move = _Move(intake, "moved", _receiver(intake, dice))
    move.ask(day - timedelta(days=7))
    move.say(day, "transfer-acceptance", {}, move.answers)
    intake.say(dice.later(day, 20, 50), "exit", {"reason": "pathway-completed", "destination": "own-home"}, login=move.answers)


@dataclass(frozen=True, slots=True)
class _Move:
    intake: Intake
    kind: str
    receiver: str

    @property
    def answers(self) -> str:
        """Return the login that answers for the receiver."""
        return f"team-coordinator.{self.receiver}"

    def ask(self, day: date) -> None:
        territory = next(each.province for each in consortium().organisations if each.code == self.receiver)
        body = {"receiver": self.receiver, "territory": territory, "reason": "Ha trovato casa vicino a parenti."}
        self.say(day, "transfer-requests", body, self.intake.persona.worker)

    def say(self, day: date, action: str, body: dict[str, Any], login: str) -> None:
        transfer = str(self.intake.script.id("transfer", self.kind, self.intake.persona.number))
        self.intake.say(day, action, {"transfer_id": transfer, **body}, login=login)


def _receiver(intake: Intake, dice: Dice) -> str:
    own = intake.persona.place.organisation
    return dice.pick(
        neighbours(intake) or [each.code for each in consortium().organisations if each.province is not None and each.code != own]
    )


def _dice(intake: Intake, what: str) -> Dice:
    return Dice(intake.script.seed, intake.script.persons, "transfer", what, intake.persona.number)
