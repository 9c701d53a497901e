"""A person's papers: documents that expire and are renewed, and what the person lets other organisations read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from contracts.reference import consortium
from services.cli.caseload.dice import Dice

if TYPE_CHECKING:
    from services.cli.caseload.intake_story import Intake

_SOON, _LONG = (150, 420), timedelta(days=5 * 365)
_ASKED_AHEAD, _RENEWED_AHEAD = timedelta(days=60), timedelta(days=12)


def document(intake: Intake, seen: date) -> None:
    """Add a residence permit, as it was seen on a day; those that expire soon are renewed in time, for the most part."""
    number = intake.persona.number
    dice = Dice(intake.script.seed, intake.script.persons, "papers", number, seen)
    document_id = str(intake.script.id("document", number, seen))
    issued = seen - timedelta(days=60)
    if not dice.chance(0.3):
        _record(intake, seen, document_id, issued, issued + _LONG)
        return
    expires = seen + timedelta(days=dice.between(*_SOON))
    _record(intake, seen, document_id, issued, expires)
    asked = dice.later(expires - _ASKED_AHEAD, -10, 10)
    if not dice.chance(0.8) or not intake.in_care(asked):
        return
    receipt = {"receipt_on": asked.isoformat(), "receipt_number": f"DEMO-R{number:06d}"}
    intake.say(asked, f"documents/{document_id}/renewal-requests", receipt)
    renewed = dice.later(expires - _RENEWED_AHEAD, -10, 10)
    if dice.chance(0.7):
        _record(intake, renewed, document_id, asked, asked + _LONG)


def disclose(intake: Intake) -> None:
    """Add what the person lets the municipality or another partner read, now and then, and that some think better of it."""
    one = intake.persona
    dice = Dice(intake.script.seed, intake.script.persons, "disclosed", one.number)
    authorised = dice.later(one.enrolled, 10, 120)
    if not dice.chance(0.15) or not intake.in_care(authorised):
        return
    towns = [town.code for town in consortium().municipalities if town.istat == one.municipality]
    others = [each.code for each in consortium().organisations if each.province is not None and each.code != one.place.organisation]
    authorisation = str(intake.script.id("authorisation", one.number))
    body: dict[str, Any] = {
        "authorisation_id": authorisation,
        "recipient": towns[0] if towns else dice.pick(others),
        "purpose": "housing" if towns else "integration",
        "classes": ["identity", "contact"],
        "legal_basis": "public-task" if towns else "consent",
        "expires_on": (authorised + timedelta(days=365)).isoformat(),
    }
    intake.say(authorised, "disclosures", body)
    withdrawn = dice.later(authorised, 20, 90)
    if dice.chance(0.25) and intake.in_care(withdrawn):
        intake.say(withdrawn, f"disclosures/{authorisation}/withdrawal", {})


def _record(intake: Intake, day: date, document_id: str, issued: date, expires: date) -> None:
    body = {
        "document_id": document_id,
        "kind": "residence-permit",
        "number": f"DEMO{intake.persona.number:06d}",
        "issued_on": issued.isoformat(),
        "expires_on": expires.isoformat(),
    }
    if intake.in_care(day):
        intake.say(day, "documents", body)
