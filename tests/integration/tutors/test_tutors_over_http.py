"""The register over HTTP: a tutor from registration to retirement, and what is refused on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services._runtime.ids import new_id
from tests.integration.tutors.api import REGISTRATION

if TYPE_CHECKING:
    from tests.integration.tutors.api import Api


async def test_a_tutor_is_registered_approved_changed_suspended_and_retired(api: Api) -> None:
    path, version = await api.approved()
    read = await api.get(path)
    assert read.headers["etag"] == f'"{version}"'
    tutor = read.json()
    assert (tutor["status"], tutor["name"], tutor["languages"]) == ("approved", "Prova Esempio", ["it", "ar"])
    assert (tutor["approval_valid_until"], tutor["vetting"]["outcome"], len(tutor["insurances"])) == (api.day(365), "passed", 1)

    version = await api.done(f"{path}/availability", {"capacity": 3, "available": True}, version)
    version = await api.done(f"{path}/suspension", {"reason": "tutor_asked"}, version)
    assert (await api.get(path)).json()["status"] == "suspended"
    version = await api.done(f"{path}/retirement", {"reason": "moved", "notes": "A Bari."}, version)
    retired = (await api.get(path)).json()
    assert (retired["status"], retired["reason"], retired["capacity"]) == ("retired", "moved", 3)


async def test_names_and_contacts_are_sealed_before_they_are_stored(api: Api) -> None:
    """I6: what leaves the store for Kafka holds no name, contact, language or note."""
    path, _ = await api.approved()
    assert (await api.get(path)).json()["email"] == "prova@example.org"
    await api.project()
    wire = b"".join(event.recorded.data for event in await api.store.feed(after=0, limit=100))
    for value in (b"Prova", b"example.org", b'"ar"', b"Visto", b"034027"):
        assert value not in wire
    assert b'"outcome":"passed"' in wire


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"paid_staff": True}, "tutor-is-paid-staff", 409),
        ({"kind": "association"}, "invalid", 422),
        ({"capacity": 0}, "invalid", 422),
        ({"territory": "Parma"}, "validation", 422),
        ({"codice_fiscale": "XXX"}, "validation", 422),
        ({"occurred_on": "2999-01-01"}, "validation", 422),
        ({"name": None}, "validation", 422),
        ({"capacity": "1"}, "validation", 422),
    ],
    ids=str,
)
async def test_a_registration_that_cannot_be_is_a_problem_and_stores_nothing(
    api: Api, changes: dict[str, Any], code: str, status: int
) -> None:
    path = f"/tutors/{new_id()}"
    answer = await api.post(path, {**REGISTRATION, **changes})
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:ancora:problem:{code}")
    assert "Prova" not in answer.text
    assert (await api.get(path)).status_code == 404


async def test_an_approval_names_what_is_missing(api: Api) -> None:
    path = await api.registered()
    missing = []
    version = 1
    for part, body in (
        ("interviews", {}),
        ("trainings", {"course": "tutors-basic", "hours": 12}),
        ("vettings", {"outcome": "passed", "valid_until": api.day(365)}),
        ("insurances", {"valid_from": api.day(0), "valid_until": api.day(365)}),
    ):
        answer = await api.post(f"{path}/approval", {}, version=version)
        assert answer.status_code == 409
        missing.append(answer.json()["type"].rpartition(":")[2])
        version = await api.done(f"{path}/{part}", body, version)
    assert missing == ["interview-missing", "training-missing", "vetting-not-passed", "tutor-not-insured"]
    assert await api.done(f"{path}/approval", {}, version) == version + 1


async def test_a_repeated_key_answers_the_same_and_another_body_is_refused(api: Api) -> None:
    """I4: a client that repeats itself registers one tutor."""
    path, key = f"/tutors/{new_id()}", str(new_id())
    first = await api.post(path, REGISTRATION, key=key)
    again = await api.post(path, REGISTRATION, key=key)
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    other = await api.post(path, {**REGISTRATION, "capacity": 2}, key=key)
    assert other.json()["type"] == "urn:ancora:problem:idempotency-key-reused"
    twice = await api.post(path, REGISTRATION)
    assert (twice.status_code, twice.json()["type"]) == (409, "urn:ancora:problem:tutor-already-registered")


async def test_a_stale_version_says_what_came_between(api: Api) -> None:
    path = await api.registered()
    await api.done(f"{path}/interviews", {}, 1)
    stale = await api.post(f"{path}/trainings", {"course": "tutors-basic", "hours": 12}, version=1)
    assert stale.status_code == 412
    assert (stale.json()["current_version"], stale.json()["unseen"][0]["type"]) == (2, "tutors.tutor_interviewed")
    assert (await api.post(f"{path}/trainings", {"course": "tutors-basic", "hours": 12})).status_code == 428


async def test_only_the_own_organisation_and_the_right_role_reach_a_tutor(api: Api) -> None:
    """I8: another organisation, and a role that is not the coordinator's, get nothing and change nothing."""
    path = await api.registered()
    for answer, status in (
        (await api.get(path, ancora_org="cidas"), 404),
        (await api.post(f"{path}/interviews", {}, version=1, ancora_org="cidas"), 404),
        (await api.get(path, ancora_role="administrator"), 403),
        (await api.post(f"{path}/interviews", {}, version=1, ancora_role="case-worker"), 403),
    ):
        assert answer.status_code == status
        assert "Prova" not in answer.text
    assert (await api.get(path)).headers["etag"] == '"1"'


async def test_tutors_are_listed_by_pages_without_names(api: Api) -> None:
    addresses = sorted([await api.registered(), await api.registered(), (await api.approved())[0]])
    await api.project()
    first = await api.get("/tutors?limit=2")
    second = await api.get(f"/tutors?limit=2&cursor={first.json()['next_cursor']}")
    items = first.json()["items"] + second.json()["items"]
    assert sorted(f"/tutors/{item['tutor_id']}" for item in items) == addresses
    assert second.json().get("next_cursor") is None
    assert int(first.headers["ancora-as-of-position"]) == 8
    assert "Prova" not in first.text + second.text
    approved = (await api.get("/tutors?status=approved&territory=PR")).json()["items"]
    assert [item["insured_until"] for item in approved] == [api.day(365)]
    assert (await api.get("/tutors", ancora_org="cidas")).json()["items"] == []
    assert (await api.get("/tutors?cursor=AAAA")).status_code == 422
