"""A person's other names: another spelling, the name on another document, how they are called; and one that was somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.cli.caseload.dice import Dice
from services.cli.caseload.people import name

if TYPE_CHECKING:
    from services.cli.caseload.intake_story import Intake

_KINDS = {"transliteration": 5, "as-on-document": 3, "also-known-as": 2, "earlier-name": 1}
_FAULTS = {"wrong-person": 2, "entered-by-mistake": 2, "not-to-be-used": 1}


def other_names(intake: Intake) -> None:
    """Add another name of one in seven persons; of these every fourth is taken back within weeks."""
    one = intake.persona
    dice = Dice(intake.script.seed, intake.script.persons, "other-names", one.number)
    recorded = dice.later(one.enrolled, 5, 90)
    if not dice.chance(0.15) or not intake.in_care(recorded):
        return
    alias_id = str(intake.script.id("alias", one.number))
    intake.say(recorded, "aliases", {"alias_id": alias_id, **_name(intake, dice)})
    retracted = dice.later(recorded, 5, 40)
    if dice.chance(0.25) and intake.in_care(retracted):
        intake.say(retracted, f"aliases/{alias_id}/retraction", {"reason_code": dice.weighted(_FAULTS)})


def _name(intake: Intake, dice: Dice) -> dict[str, Any]:
    """Return a name of a kind: spelt otherwise, or another one altogether; how somebody is called has no family name."""
    kind, given = dice.weighted(_KINDS), intake.persona.given_name
    match kind:
        case "transliteration" | "as-on-document":
            return {"kind": kind, "given_names": f"{given}h", "family_name": intake.persona.family_name.replace("a", "aa")}
        case "earlier-name":
            return {"kind": kind, "given_names": given, "family_name": f"Demo {name(dice, 3)}"}
        case _:
            return {"kind": kind, "given_names": name(dice, 4)}
