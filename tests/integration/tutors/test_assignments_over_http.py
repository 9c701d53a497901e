"""Requests and assignments over HTTP: assigning, meeting, ending, exiting; each over three streams at once or not at all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from services._runtime.ids import new_id
from tests.integration.tutors.api import assigning, meeting

if TYPE_CHECKING:
    from tests.integration.tutors.api import Api


def problem(answer: Any) -> str:  # noqa: ANN401 - any response
    """Return the code of a problem."""
    return str(answer.json()["type"].rpartition(":")[2])


async def test_assigning_meets_the_request_takes_the_place_and_begins_the_assignment(api: Api) -> None:
    person, tutor, request, assignment = await api.assigned()
    found = (await api.get(assignment)).json()
    assert (found["status"], found["beneficiary_id"], found["territory"]) == ("running", str(person), "PR")
    met = (await api.get(request)).json()
    assert (met["status"], f"/assignments/{met['assignment_id']}") == ("met", assignment)
    assert (await api.get(tutor)).json()["assignments"] == [found["assignment_id"]]


async def test_the_receipt_of_an_assignment_names_all_three_streams(api: Api) -> None:
    tutor, _ = await api.approved()
    _, request = await api.requested()
    body = assigning(tutor, f"/assignments/{new_id()}", api.day(0))
    key = str(new_id())
    answer = await api.post(f"{request}/assignment", body, version=1, key=key)
    receipt = answer.json()
    streams = [receipt, *receipt["related"]]
    assert [stream["events"][-1]["type"] for stream in streams] == ["tutors.request_met", "tutors.tutor_assigned", "tutors.capacity_taken"]
    assert [stream["stream"].partition("-")[0] for stream in streams] == ["request", "assignment", "tutor"]
    again = await api.post(f"{request}/assignment", body, version=1, key=key)
    assert (again.status_code, again.json()) == (answer.status_code, receipt)


@pytest.mark.parametrize("obstacle", ["full", "elsewhere", "not approved", "unknown tutor", "before approval"])
async def test_an_assignment_that_one_stream_refuses_leaves_none_changed(api: Api, obstacle: str) -> None:
    _, request = await api.requested()
    tutor, _ = await (api.approved(territory="BO", municipality=None) if obstacle == "elsewhere" else api.approved())
    extra: dict[str, Any] = {}
    match obstacle:
        case "full":
            _, other = await api.requested()
            await api.done(f"{other}/assignment", assigning(tutor, f"/assignments/{new_id()}", api.day(0)), 1)
        case "not approved":
            tutor = await api.registered()
        case "unknown tutor":
            tutor = f"/tutors/{new_id()}"
        case "before approval":
            extra = {"occurred_on": api.day(-366)}
    assignment = f"/assignments/{new_id()}"
    told = {**assigning(tutor, assignment, extra.get("occurred_on", api.day(0))), **extra}
    answer = await api.post(f"{request}/assignment", told, version=1)
    expected = {
        "full": "tutor-at-capacity",
        "elsewhere": "tutor-elsewhere",
        "not approved": "tutor-not-approved",
        "unknown tutor": "unknown",
        "before approval": "tutor-not-approved",
    }
    assert problem(answer).endswith(expected[obstacle])
    assert (await api.get(assignment)).status_code == 404
    assert (await api.get(request)).json()["status"] == "open"


async def test_a_tutor_of_another_organisation_is_not_assigned(api: Api) -> None:
    """I8: the place of another organisation's tutor is not ours to take."""
    path = f"/tutors/{new_id()}"
    body = {"kind": "citizen", "territory": "PR", "capacity": 1, "paid_staff": False, "name": "Altra Prova"}
    assert (await api.post(path, body, ancora_org="cidas")).status_code == 201
    _, request = await api.requested()
    answer = await api.post(f"{request}/assignment", assigning(path, f"/assignments/{new_id()}", api.day(0)), version=1)
    assert answer.status_code == 404
    assert (await api.get(request)).json()["status"] == "open"


async def test_of_two_who_assign_the_last_place_at_once_one_wins(api: Api) -> None:
    tutor, _ = await api.approved()
    requests = [(await api.requested())[1] for _ in range(4)]
    answers = await asyncio.gather(
        *(api.post(f"{request}/assignment", assigning(tutor, f"/assignments/{new_id()}", api.day(0)), version=1) for request in requests)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert len((await api.get(tutor)).json()["assignments"]) == 1
    statuses = [(await api.get(request)).json()["status"] for request in requests]
    assert sorted(statuses) == ["met", "open", "open", "open"]


async def test_meetings_are_logged_corrected_and_kept_with_their_notes(api: Api) -> None:
    _, _, _, assignment = await api.assigned()
    entry = meeting(occurred_on=api.day(-100))
    version = await api.done(f"{assignment}/meetings", entry, 1)
    version = await api.done(f"{assignment}/meetings", meeting(took_place=False, duration_minutes=0), version)
    correction = {**entry, "occurred_on": api.day(-99), "duration_minutes": 60, "reason": "Era il giorno dopo."}
    version = await api.done(f"{assignment}/meeting-corrections", correction, version)
    introduced = {"connection_id": str(new_id()), "kind": "association", "notes": "Il coro."}
    version = await api.done(f"{assignment}/connections", introduced, version)
    found = (await api.get(assignment)).json()
    assert [(c["kind"], c["notes"]) for c in found["connections"]] == [("association", "Il coro.")]
    assert [(m["held_on"], m["duration_minutes"], m["notes"]) for m in found["meetings"]] == [
        (api.day(-99), 60, "Al mercato."),
        (api.day(0), 0, "Al mercato."),
    ]
    assert problem(await api.post(f"{assignment}/meetings", entry, version=version)) == "meeting-already-logged"
    before = await api.post(f"{assignment}/meetings", meeting(occurred_on=api.day(-201)), version=version)
    assert problem(before) == "outside-assignment"
    unknown = await api.post(f"{assignment}/meeting-corrections", {**correction, "meeting_id": str(new_id())}, version=version)
    assert (unknown.status_code, problem(unknown)) == (404, "meeting-unknown")


async def test_an_early_end_reopens_the_request_and_the_next_tutor_starts_without_meetings(api: Api) -> None:
    _, tutor, request, assignment = await api.assigned()
    version = await api.done(f"{assignment}/meetings", meeting(occurred_on=api.day(-100)), 1)
    end = {"reason": "tutor_unavailable", "still_wanted": True, "relationship_continues": True, "occurred_on": api.day(-10)}
    key = str(new_id())
    answer = await api.post(f"{assignment}/end", end, version=version, key=key)
    types = [stream["events"][0]["type"] for stream in (answer.json(), *answer.json()["related"])]
    assert types == ["tutors.assignment_ended", "tutors.capacity_freed", "tutors.request_reopened"]
    assert (await api.post(f"{assignment}/end", end, version=version, key=key)).json() == answer.json()
    assert (await api.get(request)).json()["status"] == "open"

    second = f"/assignments/{new_id()}"
    await api.done(f"{request}/assignment", assigning(tutor, second, api.day(0)), 6)
    assert (await api.get(second)).json()["meetings"] == []
    assert len((await api.get(assignment)).json()["meetings"]) == 1
    late = await api.post(f"{assignment}/meetings", meeting(occurred_on=api.day(-20)), version=version + 1)
    assert late.json()["events"][0]["type"] == "tutors.meeting_logged"
    after_end = await api.post(f"{assignment}/meetings", meeting(occurred_on=api.day(-9)), version=version + 2)
    assert problem(after_end) == "outside-assignment"


async def test_an_end_without_a_wish_for_another_tutor_withdraws_the_request(api: Api) -> None:
    _, tutor, request, assignment = await api.assigned()
    await api.done(f"{assignment}/end", {"reason": "concluded", "still_wanted": False}, 1)
    found = (await api.get(request)).json()
    assert (found["status"], found["reason"]) == ("withdrawn", "no_longer_wanted")
    assert (await api.get(tutor)).json()["assignments"] == []
    again = await api.post(f"{assignment}/end", {"reason": "concluded", "still_wanted": False}, version=2)
    assert problem(again) == "assignment-has-ended"


async def test_an_exit_is_not_entered_here(api: Api) -> None:
    _, _, request, assignment = await api.assigned()
    by_hand = await api.post(f"{assignment}/end", {"reason": "beneficiary_exited", "still_wanted": False}, version=1)
    assert (by_hand.status_code, problem(by_hand)) == (422, "validation")
    _, request = await api.requested()
    withdrawn = await api.post(f"{request}/withdrawal", {"reason": "beneficiary_exited"}, version=1)
    assert (withdrawn.status_code, problem(withdrawn)) == (422, "invalid")
    await api.done(f"{request}/withdrawal", {"reason": "requested_in_error"}, 1)


async def test_an_exit_in_intake_ends_what_runs(api: Api) -> None:
    person, tutor, request, assignment = await api.assigned()
    await api.exit(person)
    assert (await api.get(assignment)).json()["status"] == "ended"
    assert (await api.get(request)).json()["reason"] == "beneficiary_exited"
    assert (await api.get(tutor)).json()["assignments"] == []


async def test_requests_and_assignments_are_listed_by_status(api: Api) -> None:
    person, tutor, _, assignment = await api.assigned()
    await api.done(f"{assignment}/meetings", meeting(occurred_on=api.day(-100)), 1)
    waiting = [(await api.requested())[1] for _ in range(3)]
    await api.project()
    first = await api.get("/tutor-requests?status=open&limit=2")
    rest = await api.get(f"/tutor-requests?status=open&limit=2&cursor={first.json()['next_cursor']}")
    listed = [f"/tutor-requests/{item['request_id']}" for item in first.json()["items"] + rest.json()["items"]]
    assert sorted(listed) == sorted(waiting)
    (met,) = (await api.get("/tutor-requests?status=met")).json()["items"]
    assert met["beneficiary_id"] == str(person)
    for query in (f"tutor-id={tutor.rpartition('/')[2]}", f"beneficiary-id={person}", "status=running"):
        (item,) = (await api.get(f"/assignments?{query}")).json()["items"]
        assert (item["meetings"], item["minutes"], item["last_contact"]) == (1, 90, api.day(-100))
    assert (await api.get(f"/assignments?tutor-id={new_id()}")).json()["items"] == []
    assert (await api.get("/assignments", ancora_org="cidas")).json()["items"] == []


async def test_two_years_can_be_lived_through_on_the_demonstration_clock(api: Api) -> None:
    claims = {"ancora_clock": "demonstration", "sub": "coordinator-1", "ancora_role": "tutor-coordinator"}
    headers = {**api.headers(claims), "Ancora-Demonstration-Clock": "2021-03-05T09:30:00Z"}
    path = f"/tutors/{new_id()}"
    body = {"kind": "citizen", "territory": "PR", "capacity": 1, "paid_staff": False, "name": "Prova"}
    answer = await api.client.post(path, json=body, headers=headers)
    assert answer.json()["events"][0]["recorded_at"] == "2021-03-05T09:30:00.000000Z"
    future = await api.client.post(
        path + "/interviews",
        json={"occurred_on": "2021-03-06"},
        headers={**headers, "Idempotency-Key": str(new_id()), "If-Match": '"1"'},
    )
    assert (future.status_code, problem(future)) == (422, "validation")
