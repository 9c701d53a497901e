"""A tutor's own assignments over HTTP: what they read, what they enter, and what stays shut. Invariant I8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from services._runtime.ids import new_id
from tests.integration.tutors.api import assigning, meeting

if TYPE_CHECKING:
    from tests.integration.tutors.api import Api


def tutor(path: str) -> dict[str, Any]:
    """Return what the token of the tutor at this address says."""
    return {"sub": f"tutor-{path[-4:]}", "ancora_role": "tutor", "ancora_person": path.rpartition("/")[2]}


def introduction() -> dict[str, Any]:
    """Return the body of an introduction."""
    return {"connection_id": str(new_id()), "kind": "association", "notes": "La banda del paese."}


async def test_a_tutor_reads_their_own_assignments_and_their_own_record(api: Api) -> None:
    """Of the person they see a pseudonym and what was noted of their meetings; of themselves, what the register says."""
    person, path, _, assignment = await api.assigned()
    await api.assigned()
    await api.done(f"{assignment}/meetings", meeting(), 1)
    await api.project()
    read = await api.get(assignment, **tutor(path))
    assert (read.status_code, read.json()["beneficiary_id"], read.json()["meetings"][0]["notes"]) == (200, str(person), "Al mercato.")
    listed = (await api.get("/assignments", **tutor(path))).json()["items"]
    assert [(f"/assignments/{one['assignment_id']}", one["meetings"]) for one in listed] == [(assignment, 1)]
    assert len((await api.get("/assignments")).json()["items"]) == 2
    own = await api.get(path, **tutor(path))
    assert (own.status_code, own.json()["name"]) == (200, "Prova Esempio")


async def test_another_tutors_assignment_and_record_are_answered_like_none(api: Api) -> None:
    """The same organisation and role are no relation."""
    _, _, request, assignment = await api.assigned()
    _, other, _, _ = await api.assigned()
    await api.project()
    refused, missing = await api.get(assignment, **tutor(other)), await api.get(f"/assignments/{new_id()}", **tutor(other))
    assert (refused.status_code, missing.status_code) == (404, 404)
    assert refused.json()["detail"] == missing.json()["detail"]
    for body, what in ((meeting(), "meetings"), (introduction(), "connections")):
        assert (await api.post(f"{assignment}/{what}", body, version=1, **tutor(other))).status_code == 404
    assert len(await api.store.load(f"assignment-{assignment.rpartition('/')[2]}")) == 1
    mine = f"/assignments?tutor-id={(await api.get(assignment)).json()['tutor_id']}"
    assert (await api.get(mine, **tutor(other))).json()["items"] == []
    for path in (request, "/tutors", "/tutor-requests"):
        assert (await api.get(path, **tutor(other))).status_code == 403
    stranger = await api.registered()
    assert (await api.get(stranger, **tutor(other))).status_code == 404


async def test_a_tutor_enters_meetings_and_introductions_and_nothing_else(api: Api) -> None:
    """What they enter is theirs by pseudonym; correcting and ending is the coordinator's."""
    _, path, _, assignment = await api.assigned()
    met = meeting()
    assert (await api.post(f"{assignment}/meetings", met, version=1, **tutor(path))).status_code == 200
    assert (await api.post(f"{assignment}/connections", introduction(), version=2, **tutor(path))).status_code == 200
    stored = await api.store.load(f"assignment-{assignment.rpartition('/')[2]}")
    assert [one.recorded.envelope.actor for one in stored[1:]] == [tutor(path)["sub"]] * 2
    assert {one.recorded.envelope.responsible_organisation for one in stored} == {"ciac"}
    correction = {**met, "reason": "Un altro giorno."}
    assert (await api.post(f"{assignment}/meeting-corrections", correction, version=3, **tutor(path))).status_code == 403
    ending = {"reason": "concluded", "still_wanted": False}
    assert (await api.post(f"{assignment}/end", ending, version=3, **tutor(path))).status_code == 403


async def test_a_meeting_counts_for_the_tutor_of_its_assignment_and_for_no_other(api: Api) -> None:
    """Who comes after is credited with nothing that was before; who stood there before enters nothing any more."""
    person, first, request, ended = await api.assigned()
    await api.done(f"{ended}/meetings", meeting(), 1)
    await api.done(f"{ended}/end", {"reason": "tutor_unavailable", "still_wanted": True}, 2)
    second, _ = await api.approved()
    after = f"/assignments/{new_id()}"
    version = (await api.get(request)).headers["etag"].strip('"')
    await api.done(f"{request}/assignment", assigning(second, after, api.day(0)), int(version))
    assert (await api.post(f"{after}/meetings", meeting(), version=1, **tutor(first))).status_code == 404
    assert (await api.post(f"{after}/meetings", meeting(), version=1, **tutor(second))).status_code == 200
    await api.project()
    items = (await api.get(f"/assignments?beneficiary-id={person}")).json()["items"]
    counted = {UUID(one["tutor_id"]): one["meetings"] for one in items}
    assert counted == {UUID(first.rpartition("/")[2]): 1, UUID(second.rpartition("/")[2]): 1}


async def test_an_assignment_that_ended_is_the_tutors_no_more(api: Api) -> None:
    """For the time of the assignment, as a membership is for its time; late entries are the coordinator's."""
    _, path, _, assignment = await api.assigned()
    await api.done(f"{assignment}/end", {"reason": "tutor_unavailable", "still_wanted": False}, 1)
    await api.project()
    assert (await api.get(assignment, **tutor(path))).status_code == 404
    assert (await api.post(f"{assignment}/meetings", meeting(), version=2, **tutor(path))).status_code == 404
    assert (await api.get("/assignments", **tutor(path))).json()["items"] == []
    assert len((await api.get("/assignments?status=ended")).json()["items"]) == 1


@pytest.mark.parametrize("person", [None, str(new_id())], ids=["no tutor", "a tutor of no register"])
async def test_a_token_that_names_no_tutor_of_ours_reaches_nothing(api: Api, person: str | None) -> None:
    """A role alone is not a relation."""
    _, path, _, assignment = await api.assigned()
    await api.project()
    claims = tutor(path) | {"ancora_person": person}
    assert (await api.get(assignment, **claims)).status_code == 404
    assert (await api.get("/assignments", **claims)).json()["items"] == []
    assert (await api.get(path, **claims)).status_code in (403, 404)
