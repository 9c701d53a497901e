"""Volunteers of a group beside a person over HTTP, on memory and on PostgreSQL: who joins, who was at a meeting, who leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from services._runtime.ids import new_id
from tests.integration.tutors.api import assigning, meeting
from tests.integration.tutors.test_assignments_over_http import problem
from tests.integration.tutors.test_own_assignments import tutor

if TYPE_CHECKING:
    from tests.integration.tutors.api import Api


async def beside(api: Api) -> tuple[str, str, list[str]]:
    """Have a group with two named volunteers that stands beside a person since thirty days; return group, assignment and volunteers."""
    group, version = await api.approved(kind="group", name="Parrocchia di Prova")
    named = [str(new_id()) for _ in range(2)]
    for one in named:
        body = {"volunteer_id": one, "name": "Prova Volontaria", "occurred_on": api.day(-60), "section": "occasional"}
        version = await api.done(f"{group}/volunteers", body, version)
    _, request = await api.requested()
    assignment = f"/assignments/{new_id()}"
    await api.done(f"{request}/assignment", {**assigning(group, assignment, api.day(-30)), "occurred_on": api.day(-30)}, 1)
    return group, assignment, named


async def test_several_volunteers_join_meet_and_leave(api: Api) -> None:
    group, assignment, (first, second) = await beside(api)
    version = 1
    for one in (first, second):
        version = await api.done(f"{assignment}/volunteers", {"volunteer_id": one, "occurred_on": api.day(-20)}, version)
    both = meeting(volunteers=[first, second], occurred_on=api.day(-10))
    assert (await api.post(f"{assignment}/meetings", both, version=version, **tutor(group))).status_code == 200
    correction = {**both, "volunteers": [second], "reason": "Uno solo."}
    version = await api.done(f"{assignment}/meeting-corrections", correction, version + 1)
    version = await api.done(f"{assignment}/volunteer-departures", {"volunteer_id": first}, version)
    told = (await api.get(assignment)).json()
    assert [(one["volunteer_id"], one["until"]) for one in told["volunteers"]] == [(first, api.day(0)), (second, None)]
    assert told["meetings"][0]["volunteers"] == [second]
    again = meeting(volunteers=[first])
    assert problem(await api.post(f"{assignment}/meetings", again, version=version)).endswith("volunteer-not-there")


async def test_whoever_is_not_of_the_group_or_not_insured_does_not_join(api: Api) -> None:
    """Every volunteer is insured before the first meeting; the group's insurance covers whom it names, from the day of entry."""
    _, assignment, (first, _) = await beside(api)
    stranger = await api.post(f"{assignment}/volunteers", {"volunteer_id": str(new_id())}, version=1)
    assert problem(stranger) == "volunteer-unknown"
    _, _, _, citizens = await api.assigned()
    assert problem(await api.post(f"{citizens}/volunteers", {"volunteer_id": first}, version=1)) == "volunteer-unknown"
    group, version = await api.approved(kind="group", name="Scout di Prova", insured=-1)
    body = {"volunteer_id": first, "name": "Prova Volontaria", "occurred_on": api.day(-60)}
    await api.done(f"{group}/volunteers", body, version)
    _, request = await api.requested()
    uninsured = f"/assignments/{new_id()}"
    await api.done(f"{request}/assignment", {**assigning(group, uninsured, api.day(-30)), "occurred_on": api.day(-30)}, 1)
    refused = await api.post(f"{uninsured}/volunteers", {"volunteer_id": first}, version=1)
    assert problem(refused) == "tutor-not-insured"
    assert (await api.get(uninsured)).json()["volunteers"] == []


async def test_who_leaves_the_group_stands_beside_nobody_by_it(api: Api) -> None:
    group, assignment, (first, second) = await beside(api)
    version = 1
    for one in (first, second):
        version = await api.done(f"{assignment}/volunteers", {"volunteer_id": one}, version)
    of_group = int((await api.get(group)).headers["etag"].strip('"'))
    await api.done(f"{group}/volunteer-departures", {"volunteer_id": first}, of_group)
    told = (await api.get(assignment)).json()["volunteers"]
    assert [(one["volunteer_id"], one["until"]) for one in told] == [(first, api.day(0)), (second, None)]


async def test_who_leaves_the_group_leaves_whoever_was_transferred_too(api: Api) -> None:
    """Another organisation answers for the person now, and the volunteer is still of ours: nobody uninsured goes on standing there."""
    group, assignment, (first, _) = await beside(api)
    await api.done(f"{assignment}/volunteers", {"volunteer_id": first}, 1)
    person = UUID((await api.get(assignment)).json()["beneficiary_id"])
    await api.transfer(person, "cidas", "PR")
    assert (await api.get(assignment)).status_code == 404
    of_group = int((await api.get(group)).headers["etag"].strip('"'))
    await api.done(f"{group}/volunteer-departures", {"volunteer_id": first}, of_group)
    told = (await api.get(assignment, ancora_org="cidas")).json()["volunteers"]
    assert [(one["volunteer_id"], one["until"]) for one in told] == [(first, api.day(0))]


async def test_only_the_coordinator_says_who_stands_beside_a_person(api: Api) -> None:
    """I8: not the tutor themselves, and nobody of another organisation."""
    group, assignment, (first, _) = await beside(api)
    body = {"volunteer_id": first}
    for action in ("volunteers", "volunteer-departures"):
        assert (await api.post(f"{assignment}/{action}", body, version=1, **tutor(group))).status_code == 403
        assert (await api.post(f"{assignment}/{action}", body, version=1, ancora_org="cidas")).status_code == 404
