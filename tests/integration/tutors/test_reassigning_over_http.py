"""Handing an assignment over to another tutor over HTTP, on memory and on PostgreSQL: one append, and earlier notes stay hidden. I8."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from services._runtime.ids import new_id
from tests.integration.tutors.api import assigning, meeting
from tests.integration.tutors.test_assignments_over_http import problem
from tests.integration.tutors.test_own_assignments import tutor

if TYPE_CHECKING:
    from typing import Any

    from tests.integration.tutors.api import Api


def reassignment(api: Api, to: str, assignment: str, **changes: object) -> dict[str, Any]:
    """Return the body by which the tutor at an address takes over under an assignment's address, agreed outside the matching today."""
    return {**assigning(to, assignment, api.day(0)), "reason": "tutor_unavailable", **changes}


async def reassigned(api: Api) -> tuple[UUID, str, str, str, str]:
    """Have an assignment with one meeting, taken over; return the person, both tutors and both assignments."""
    person, first, _, before = await api.assigned()
    await api.done(f"{before}/meetings", meeting(), 1)
    second, _ = await api.approved()
    after = f"/assignments/{new_id()}"
    await api.done(f"{before}/reassignment", reassignment(api, second, after), 2)
    return person, first, second, before, after


async def test_another_tutor_takes_over_and_the_receipt_names_every_stream(api: Api) -> None:
    _, first, request, before = await api.assigned()
    second, _ = await api.approved()
    after, key = f"/assignments/{new_id()}", str(new_id())
    body = reassignment(api, second, after, notes="Si trasferisce.", relationship_continues=True)
    answer = await api.post(f"{before}/reassignment", body, version=1, key=key)
    assert answer.status_code == 200, answer.text
    receipt = answer.json()
    streams = [one["stream"].partition("-")[0] for one in (receipt, *receipt["related"])]
    assert streams == ["assignment", "request", "assignment", "tutor", "tutor"]
    again = await api.post(f"{before}/reassignment", body, version=1, key=key)
    assert (again.status_code, again.json()) == (200, receipt)
    ended, begun = (await api.get(before)).json(), (await api.get(after)).json()
    assert (ended["status"], f"/assignments/{ended['continued_by']}") == ("ended", after)
    assert (begun["status"], f"/assignments/{begun['continues']}", begun["meetings"]) == ("running", before, [])
    met = (await api.get(request)).json()
    assert (met["status"], f"/assignments/{met['assignment_id']}") == ("met", after)
    assert [(await api.get(one)).json()["assignments"] for one in (first, second)] == [[], [begun["assignment_id"]]]


async def test_the_new_tutor_may_be_found_by_a_match_while_the_other_stands_there(api: Api) -> None:
    """Both accept as in every match, and the handing over needs nothing more."""
    _, _, request, before = await api.assigned()
    second, _ = await api.approved()
    version = int((await api.get(request)).headers["etag"].strip('"'))
    match = {"match_id": str(new_id()), "tutor_id": second.rpartition("/")[2]}
    version = await api.done(f"{request}/match-proposals", match, version)
    after = f"/assignments/{new_id()}"
    told = {**assigning(second, after), "reason": "tutor_asked"}
    assert problem(await api.post(f"{before}/reassignment", told, version=1)) == "match-not-accepted"
    for by in ("tutor", "beneficiary"):
        version = await api.done(f"{request}/match-acceptance", {"by": by, "first_meeting_on": api.day(0)}, version)
    await api.done(f"{before}/reassignment", told, 1)
    assert (await api.get(after)).json()["status"] == "running"


@pytest.mark.parametrize("obstacle", ["full", "elsewhere", "not insured", "not approved", "the same", "another organisation's"])
async def test_a_handing_over_that_one_stream_refuses_leaves_none_changed(api: Api, obstacle: str) -> None:
    _, first, _, before = await api.assigned()
    match obstacle:
        case "full":
            _, second, _, _ = await api.assigned()
        case "elsewhere":
            second, _ = await api.approved(territory="BO", municipality=None)
        case "not insured":
            second, _ = await api.approved(insured=-1)
        case "not approved":
            second = await api.registered()
        case "the same":
            second = first
        case _:
            second = f"/tutors/{new_id()}"
            body = {"kind": "citizen", "territory": "PR", "capacity": 1, "paid_staff": False, "name": "Altra Prova"}
            assert (await api.post(second, body, ancora_org="cidas")).status_code == 201
    after = f"/assignments/{new_id()}"
    answer = await api.post(f"{before}/reassignment", reassignment(api, second, after), version=1)
    expected = {
        "full": "tutor-at-capacity",
        "elsewhere": "tutor-elsewhere",
        "not insured": "tutor-not-insured",
        "not approved": "tutor-not-approved",
        "the same": "tutor-stands-already",
        "another organisation's": "unknown",
    }
    assert problem(answer).endswith(expected[obstacle])
    assert (await api.get(after)).status_code == 404
    assert (await api.get(before)).json()["status"] == "running"


@pytest.mark.parametrize("reason", ["concluded", "beneficiary_exited", "transferred"])
async def test_nobody_takes_over_where_nothing_goes_on_or_intake_decides(api: Api, reason: str) -> None:
    _, _, _, before = await api.assigned()
    second, _ = await api.approved()
    body = reassignment(api, second, f"/assignments/{new_id()}", reason=reason)
    assert problem(await api.post(f"{before}/reassignment", body, version=1)) == "validation"


async def test_a_reassigned_volunteer_is_not_credited_with_the_predecessors_contacts(api: Api) -> None:
    """CASA: "a reassigned volunteer was credited with the predecessor's contacts". In the list that coordinators count by."""
    person, first, second, before, after = await reassigned(api)
    met = meeting(duration_minutes=30)
    assert (await api.post(f"{after}/meetings", met, version=1, **tutor(second))).status_code == 200
    assert (await api.post(f"{before}/meetings", meeting(), version=3, **tutor(second))).status_code == 404
    assert problem(await api.post(f"{before}/meetings", {**met, "occurred_on": api.day(0)}, version=3)) == "meeting-already-logged"
    await api.project()
    items = (await api.get(f"/assignments?beneficiary-id={person}")).json()["items"]
    counted = {f"/tutors/{one['tutor_id']}": (one["meetings"], one["minutes"]) for one in items}
    assert counted == {first: (1, 90), second: (1, 30)}
    waiting = (await api.get("/tutor-requests")).json()["items"]
    assert [(one["status"], f"/tutors/{one['tutor_id']}") for one in waiting] == [("met", second)]


async def test_earlier_notes_are_hidden_until_a_coordinator_opens_them_and_again_when_the_assignment_ends(api: Api) -> None:
    """What was told to one tutor was not told to the next. Opened, it is read and nothing else; nobody else reads it."""
    _, first, second, before, after = await reassigned(api)
    assert (await api.get(before, **tutor(second))).status_code == 404
    assert "Al mercato." not in (await api.get(after, **tutor(second))).text
    opening = {"opened_to": after.rpartition("/")[2], "reason": "Lo chiede la persona."}
    assert (await api.post(f"{before}/notes-opening", opening, version=3, **tutor(second))).status_code == 403
    assert (await api.post(f"{before}/notes-opening", opening, version=3, ancora_org="cidas")).status_code == 404
    await api.done(f"{before}/notes-opening", opening, 3)
    assert problem(await api.post(f"{before}/notes-opening", opening, version=4)) == "notes-already-opened"
    read = await api.get(before, **tutor(second))
    assert (read.status_code, read.json()["meetings"][0]["notes"]) == (200, "Al mercato.")
    assert "Lo chiede la persona." not in read.text
    for path, body in ((f"{before}/meetings", meeting()), (f"{before}/connections", {"connection_id": str(new_id()), "kind": "service"})):
        assert (await api.post(path, body, version=4, **tutor(second))).status_code == 404
    third, _ = await api.approved()
    assert [(await api.get(before, **tutor(one))).status_code for one in (first, third)] == [404, 404]
    await api.done(f"{after}/end", {"reason": "tutor_asked", "still_wanted": True}, 1)
    assert (await api.get(before, **tutor(second))).status_code == 404


async def test_notes_are_opened_only_to_the_tutor_who_stands_beside_the_same_person(api: Api) -> None:
    _, _, _, before, _ = await reassigned(api)
    _, _, _, another = await api.assigned()
    for opened_to, code in ((another, "not-a-later-assignment"), (before, "not-a-later-assignment")):
        opening = {"opened_to": opened_to.rpartition("/")[2], "reason": "Per errore."}
        assert problem(await api.post(f"{before}/notes-opening", opening, version=3)) == code
    running = {"opened_to": another.rpartition("/")[2], "reason": "Per errore."}
    assert problem(await api.post(f"{another}/notes-opening", running, version=1)) == "assignment-runs"
