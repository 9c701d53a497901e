"""What somebody else recorded, for fuzzing to look for: one record of every kind, every text of it a canary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services._runtime.ids import new_id
from tests.journeys.callers import COORDINATOR, Callers, PersonsWay, days_ago
from tests.support.whole import eventually

if TYPE_CHECKING:
    from tests.support.whole import Ancora

CANARIES = ("Selam", "Prova", "Canarino")
"""Texts that stand in what CIAC records here, and in no document of the services."""


def plant(ancora: Ancora) -> dict[str, Any]:
    """Record it, as people of CIAC; return the canaries, and the ids by the names of the parameters that take them."""
    with Callers(ancora) as callers:
        way = PersonsWay(callers).enrolled().admitted()
        pathway = way.with_baseline()
        household, tutor = new_id(), new_id()
        way.callers.tell("intake", f"/households/{household}", "", {"territory": "PR"})
        way.tell("/notes", {"text": "Canarino"})
        callers.tell("pathways", pathway, "/notes", {"note_id": str(new_id()), "text": "Canarino"})
        body = {"kind": "citizen", "territory": "PR", "capacity": 1, "paid_staff": False, "name": "Prova Canarino"}
        callers.tell("tutors", f"/tutors/{tutor}", "", body, COORDINATOR)
        callers.tell("tutors", f"/tutors/{tutor}", "/interviews", {"occurred_on": days_ago(20), "notes": "Canarino"}, COORDINATOR)
        eventually(lambda: len(way.timeline()) > 5)
        ids = {"beneficiary_id": way.person, "person_id": way.person, "household_id": household, "tutor_id": tutor}
        return {"canaries": CANARIES, "ids": {name: [str(one)] for name, one in ids.items()} | {"pathway_id": [pathway.rpartition("/")[2]]}}
