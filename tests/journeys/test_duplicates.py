"""One person at two desks of a whole Ancora: seen before the second record is saved, joined, counted once, split and counted again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.journeys.callers import LEADER, Callers, PersonsWay
from tests.journeys.test_erasure import approved
from tests.support.identities import unlike_anybody
from tests.support.whole import eventually

if TYPE_CHECKING:
    import httpx

    from tests.support.whole import Ancora

WHY = "Inventato: viste insieme allo sportello."
CONSUMER = "reporting-consumer.ciac"


def _enrolment(way: PersonsWay, identity: dict[str, Any], *considered: dict[str, Any]) -> httpx.Response:
    body = {"territory": "PR", "municipality": "034027", "identity": identity, "duplicates_considered": list(considered)}
    version = way.callers.get("intake", way.record).headers["etag"]
    return way.callers.post("intake", f"{way.record}/enrolment", body, If_Match=version)


def _admitted(callers: Callers) -> int:
    progress = callers.get("reporting", "/territory-progress", CONSUMER).json()
    return sum(one["admitted"] for one in progress["territories"])


def test_one_person_at_two_desks_is_seen_joined_and_split_again(callers: Callers) -> None:
    """Through the running services: keys follow the feed, events go through Kafka, figures count persons."""
    who = unlike_anybody("Mohammed")
    again = who | {"given_names": who["family_name"], "family_name": "Muhammad"}
    first, second = PersonsWay(callers), PersonsWay(callers)
    for way in (first, second):
        way.tell("/privacy-notices", {"notice_version": "2021-1", "language": "ti", "how": "orally", "mediator": True})
    assert _enrolment(first, who).status_code == 200

    def looked_for() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = callers.post("intake", "/duplicate-searches", {"identity": again}).json()["candidates"]
        return found

    (candidate,) = eventually(looked_for)
    assert candidate["own"]["beneficiary_id"] == str(first.person)
    refused = _enrolment(second, again)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:ancora:problem:duplicate-suspected")
    stored = _enrolment(second, again, {"reference": candidate["reference"], "decision": "undecided", "reason": WHY})
    assert stored.status_code == 200, stored.text

    before = _admitted(callers)
    for way in (first, second):
        way.admitted()
    assert eventually(lambda: _admitted(callers) == before + 2)
    joining = {"other_id": str(first.person), "survivor_id": str(first.person), "reason": WHY}
    assert second.tell("/duplicate-confirmations", joining) == ["intake.duplicate_confirmed"]
    assert eventually(lambda: _admitted(callers) == before + 1), "a person counts once"
    pathway = second.pathway()
    assert eventually(lambda: callers.get("pathways", pathway).json()["goes_on_under"] == str(first.person))
    assert first.tell("/duplicate-splits", {"other_id": str(second.person), "reason": WHY}) == ["intake.duplicate_split"]
    assert eventually(lambda: _admitted(callers) == before + 2)
    assert eventually(lambda: callers.get("pathways", pathway).json()["goes_on_under"] is None)
    assert {"intake.duplicate_suspected", "intake.duplicate_confirmed", "intake.duplicate_split"} <= {
        one["type"] for one in second.timeline()
    }


def test_an_erased_person_is_forgotten_by_the_index(callers: Callers, whole: Ancora) -> None:
    """I7: an erasure takes the keys out, in the process that destroys."""
    way = PersonsWay(callers).enrolled()

    def kept() -> int:
        with whole.superuser("intake") as connection:
            (row,) = connection.execute("select count(*) from private.likeness where beneficiary_id = %s", [way.person]).fetchall()
        return int(row[0])

    assert eventually(kept) == 1
    way.tell("/exit", {"reason": "moved-away", "destination": "unknown"})
    callers.tell("intake", way.record, "/erasure-requests", {"by": "the-person", "reason": WHY}, LEADER)
    approved(callers, "intake", way.record)
    assert eventually(lambda: kept() == 0)
