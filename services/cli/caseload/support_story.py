"""What is given and what is reached on a pathway: services, material support, milestones with their evidence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from services.cli.caseload.catalogue import BUDGET_LINES, CHILD_MILESTONES, MILESTONES, NEW_MILESTONES, PROGRAMME, SERVICES, SUPPORT
from services.cli.caseload.dice import Dice

if TYPE_CHECKING:
    from services.cli.caseload.pathway_days import PathwayDays

_ADULTS_ONLY = frozenset({"job-guidance", "vocational-training", "recognition-support", "legal-advice", "housing-search"})
_EVIDENCE = ("certificate", "contract", "attestation", "receipt")
_RETRACTIONS = ("entered-by-mistake", "wrong-person", "evidence-not-valid", "wrong-day")


def deliver(days: PathwayDays, since: date) -> None:
    """Tell the services that were given."""
    dice = days.dice
    kinds = {kind: weight for kind, weight in SERVICES.items() if not (days.persona.child and kind in _ADULTS_ONLY)}
    for _ in range(dice.peaked(0, 5, 2)):
        body = {
            "service_id": days.new_id("service"),
            "kind": dice.weighted(kinds),
            "minutes": 15 * dice.between(2, 12),
            "mediated": dice.chance(0.35),
        }
        days.say_when_free(dice.later(since, 3, 330), "services", body | _programme(days), late=dice.chance(0.1))


def support(days: PathwayDays, since: date) -> None:
    """Tell what was granted and paid, never more than granted."""
    dice = days.dice
    if days.persona.child:
        return
    for _ in range(dice.weighted({0: 5, 1: 4, 2: 1})):
        kind = dice.pick(list(SUPPORT))
        lowest, highest = SUPPORT[kind]
        amount, grant = 100 * dice.between(lowest // 100, highest // 100), days.new_id("grant")
        body = {"grant_id": grant, "kind": kind, "amount_cents": amount, "budget_line": dice.pick(BUDGET_LINES)}
        granted = days.say_when_free(dice.later(since, 10, 240), "support", body | _programme(days))
        parts = dice.weighted({1: 6, 2: 3})
        for part in range(parts if granted else 0):
            paid = {"payment_id": days.new_id("payment"), "grant_id": grant, "amount_cents": amount // parts}
            on = days.say_when_free(dice.later(granted or since, 5 + 30 * part, 25 + 30 * part), "support-payments", paid)
            _come_back(days, grant, amount // parts, on)


def _come_back(days: PathwayDays, grant: str, paid: int, on: date | None) -> None:
    """Tell that a part of a payment came back, now and then: a deposit, a course that was cancelled."""
    dice = Dice(days.script.seed, days.script.persons, "returned", grant, on)
    if on is not None and dice.chance(0.08):
        returned = {"return_id": days.new_id("return"), "grant_id": grant, "amount_cents": paid // 2}
        days.say_when_free(dice.later(on, 20, 60), "support-returns", returned)


def reach_milestones(days: PathwayDays, since: date) -> None:
    """Tell the milestones over the three dimensions, each once; a few were not reached after all."""
    dice = days.dice
    within = [code for codes in MILESTONES.values() for code in codes] if not days.persona.child else list(CHILD_MILESTONES)
    within += () if days.persona.child else NEW_MILESTONES.get(days.methodology, ())
    for code in dice.some(within, dice.peaked(0, 6, 2)):
        reached = dice.later(since, 15, 340)
        milestone = days.new_id("milestone")
        body = {"milestone_id": milestone, "milestone": code, "evidence": _evidence(days, reached)}
        recorded = days.say_when_free(reached, "milestones", body, late=dice.chance(0.15))
        if recorded is not None and dice.chance(0.05):
            retraction = {"milestone_id": milestone, "reason_code": dice.pick(_RETRACTIONS)}
            days.say_when_free(recorded + timedelta(days=dice.between(5, 40)), "milestone-retractions", retraction)


def _programme(days: PathwayDays) -> dict[str, Any]:
    return {"programme": PROGRAMME} if days.persona.admission.succeeds and days.dice.chance(0.7) else {}


def _evidence(days: PathwayDays, reached: date) -> dict[str, Any]:
    holder = f"Archivio {days.persona.place.organisation}"
    return {"kind": days.dice.pick(_EVIDENCE), "holder": holder, "place": f"fascicolo {days.persona.number}", "date": reached.isoformat()}


def fear(days: PathwayDays, since: date) -> None:
    """Tell that somebody of the team fears for the person, now and then; most such concerns are followed up, some stand at the end."""
    dice = Dice(days.script.seed, days.script.persons, "concern", days.persona.number, days.episode)
    if not dice.chance(0.06):
        return
    concern = days.new_id("concern")
    raised = {"concern_id": concern, "kind": dice.pick(("exploitation", "violence", "neglect")), "description": "Da verificare con calma."}
    day = days.say_when_free(dice.later(since, 5, 60), "concerns", raised)
    if day is not None and dice.chance(0.6):
        closed = {"concern_id": concern, "outcome": dice.pick(("resolved", "referred-to-services", "unfounded"))}
        days.say_when_free(dice.later(day, 5, 40), "concern-closings", closed)
