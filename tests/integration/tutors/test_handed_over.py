"""Requests and assignments of somebody who was transferred, over HTTP, in memory and on PostgreSQL behind the second fence. I8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services._runtime.ids import new_id

if TYPE_CHECKING:
    from tests.integration.tutors.api import Api

RECEIVER: dict[str, Any] = {"sub": "coordinator-9", "ancora_org": "arca-di-noe"}


async def listed(api: Api, path: str, **claims: object) -> list[str]:
    """Return whom a list that has caught up tells of."""
    await api.project()
    answer = await api.get(path, **claims)
    assert answer.status_code == 200, answer.text
    return [row["beneficiary_id"] for row in answer.json()["items"]]


async def test_a_request_is_the_receivers_and_the_sender_finds_it_no_more(api: Api) -> None:
    """One by one and in the list."""
    person, request = await api.requested()
    await api.transfer(person, "arca-di-noe", "BO")
    assert (await api.get(request)).status_code == 404
    assert await listed(api, "/tutor-requests") == []
    read = await api.get(request, **RECEIVER)
    assert (read.status_code, read.json()["territory"]) == (200, "BO")
    assert await listed(api, "/tutor-requests", **RECEIVER) == [str(person)]


async def test_within_the_province_the_receiver_coordinates_and_ends_it_while_the_tutor_stays_where_they_stand(api: Api) -> None:
    """The place in the sender's register is free again; the tutor's own record is not the receiver's."""
    person, tutor, request, assignment = await api.assigned()
    await api.transfer(person, "arca-di-noe", "PR")
    assert (await api.get(assignment)).status_code == 404
    assert await listed(api, "/assignments") == []
    assert await listed(api, "/assignments", **RECEIVER) == [str(person)]
    assert (await api.get(tutor, **RECEIVER)).status_code == 404
    end = {"reason": "tutor_asked", "still_wanted": True}
    assert (await api.post(f"{assignment}/end", end, version=2)).status_code == 404
    ended = await api.post(f"{assignment}/end", end, version=2, **RECEIVER)
    assert ended.status_code == 200, ended.text
    assert (await api.get(request, **RECEIVER)).json()["status"] == "open"
    assert (await api.get(tutor)).json()["assignments"] == []


async def test_elsewhere_it_ended_with_the_transfer_and_the_wish_is_open_with_the_receiver(api: Api) -> None:
    """The tutor's organisation keeps what its volunteer did; a transfer is not entered here."""
    person, tutor, request, assignment = await api.assigned()
    await api.transfer(person, "arca-di-noe", "BO")
    ended = await api.get(assignment)
    assert (ended.status_code, ended.json()["status"]) == (200, "ended")
    assert (await api.get(assignment, **RECEIVER)).status_code == 404
    assert (await api.get(tutor)).json()["assignments"] == []
    assert (await api.get(request)).status_code == 404
    assert (await api.get(request, **RECEIVER)).json()["status"] == "open"
    other = f"/assignments/{new_id()}/end"
    refused = await api.post(other, {"reason": "transferred", "still_wanted": True}, version=1)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:ancora:problem:validation")
