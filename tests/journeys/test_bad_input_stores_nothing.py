"""What a careless or hostile client sends to the real services: each time a problem that says what to do, and nothing stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services._runtime.ids import new_id
from tests.journeys.callers import Callers, PersonsWay

if TYPE_CHECKING:
    import httpx

    from tests.support.whole import Ancora

JSON = "application/json"
NOTE = {"text": "Preferisce la mattina, Rossi"}
VERSION = {"If-Match": '"2"'}


@pytest.fixture
def way(callers: Callers) -> PersonsWay:
    """Have a person whose record is at version 2."""
    return PersonsWay(callers).enrolled()


def problem(answer: httpx.Response, status: int, code: str) -> None:
    """Demand an RFC 9457 problem with this status and code, which repeats no value."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    content = answer.json()
    assert (content["type"], content["status"]) == (f"urn:ancora:problem:{code}", status)
    assert content["detail"]
    assert "Rossi" not in answer.text


def test_a_body_of_another_form_is_a_problem(ancora: Ancora, callers: Callers, way: PersonsWay) -> None:
    """Malformed JSON, an unknown field, a wrong type, too large a body."""
    notes, before = f"{way.record}/notes", ancora.events()["intake"]
    cut = b'{"text": "Rossi"'
    problem(callers.post("intake", notes, cut, **VERSION, **{"Content-Type": JSON}), 400, "malformed-json")
    problem(callers.post("intake", notes, NOTE | {"colour": "Rossi"}, **VERSION), 422, "validation")
    problem(callers.post("intake", notes, {"text": 5}, **VERSION), 422, "validation")
    problem(callers.post("intake", notes, {"text": "Rossi" * 60_000}, **VERSION), 413, "body-too-large")
    assert ancora.events()["intake"] == before


def test_an_unknown_id_and_a_stale_version_are_told_apart(ancora: Ancora, callers: Callers, way: PersonsWay) -> None:
    """Each says what is the case: no such record, another version, no version at all."""
    before = ancora.events()["intake"]
    problem(callers.post("intake", f"/beneficiaries/{new_id()}/notes", NOTE, **VERSION), 404, "unknown")
    problem(callers.post("intake", "/beneficiaries/rossi/notes", NOTE, **VERSION), 422, "validation")
    stale = callers.post("intake", f"{way.record}/notes", NOTE, **{"If-Match": '"1"'})
    problem(stale, 412, "stale-version")
    assert (stale.json()["current_version"], [event["type"] for event in stale.json()["unseen"]]) == (2, ["intake.beneficiary_enrolled"])
    problem(callers.post("intake", f"{way.record}/notes", NOTE), 428, "if-match-missing")
    assert ancora.events()["intake"] == before


def test_nobody_without_a_token_of_the_issuer_is_heard(ancora: Ancora, callers: Callers, way: PersonsWay) -> None:
    """No token, one whose signature was altered, one of a role or an organisation that may not."""
    notes, before = f"{way.record}/notes", ancora.events()["intake"]
    head, claims, signature = callers.token("case-worker.ciac").split(".")
    altered = f"{head}.{claims}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    for authorization in ("", f"Bearer {altered}", "Bearer Rossi", "Basic cm9zc2k6cm9zc2k="):
        refused = callers.post("intake", notes, NOTE, **VERSION, Authorization=authorization)
        problem(refused, 401, "unauthenticated")
        assert refused.headers["www-authenticate"].startswith("Bearer")
    for login in ("auditor.ciac", "tutor-coordinator.ciac"):
        problem(callers.post("intake", notes, NOTE, login=login, **VERSION), 403, "forbidden")
    problem(callers.post("intake", notes, NOTE, login="case-worker.ics", **VERSION), 404, "unknown")
    assert ancora.events()["intake"] == before


def test_a_repeated_key_has_one_effect_and_one_answer(ancora: Ancora, callers: Callers, way: PersonsWay) -> None:
    """I4 at the door: the same body gets the same answer, another body is refused, no key is not accepted."""
    notes, once = f"{way.record}/notes", {"Idempotency-Key": str(new_id())}
    first = callers.post("intake", notes, NOTE, **VERSION, **once)
    assert first.status_code == 200
    before = ancora.events()["intake"]
    again = callers.post("intake", notes, NOTE, **VERSION, **once)
    assert (again.status_code, again.json(), again.headers["etag"]) == (200, first.json(), first.headers["etag"])
    problem(callers.post("intake", notes, {"text": "Rossi"}, **VERSION, **once), 422, "idempotency-key-reused")
    problem(callers.post("intake", notes, NOTE, **VERSION, **{"Idempotency-Key": ""}), 400, "idempotency-key-missing")
    assert ancora.events()["intake"] == before
