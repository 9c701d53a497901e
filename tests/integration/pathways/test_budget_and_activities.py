"""Budget lines, activities and concerns over HTTP, in memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from services._runtime.ids import new_id
from services.pathways.app.budget_lines import budget_line_id_of

if TYPE_CHECKING:
    from uuid import UUID

    from tests.integration.pathways.world import PathwaysWorld

Body = dict[str, Any]
LEAD: Body = {"ancora_role": "lead-partner", "sub": "lead-1"}
LINE = budget_line_id_of("ciac", "b-1")


def grant(cents: int = 60_000, grant_id: UUID | None = None) -> Body:
    """Return the body of a grant on the line b-1."""
    return {"grant_id": str(grant_id or new_id()), "kind": "rent", "amount_cents": cents, "budget_line": "b-1", "programme": "ancora-2.0"}


async def opened_line(world: PathwaysWorld, ceiling: int = 100_000) -> None:
    """Let the lead partner open the line b-1 of ciac."""
    body = {"organisation": "ciac", "budget_line": "b-1", "programme": "ancora-2.0", "ceiling_cents": ceiling}
    answer = await world.post("/budget-lines", body, **LEAD)
    assert answer.status == 201, answer.content


async def test_the_ceiling_holds_when_two_grant_at_once(world: PathwaysWorld) -> None:
    """Two pathways, one line, money for one of them: exactly one grant is stored, and the other is told what is left."""
    await opened_line(world)
    pathways = [await world.enrolled(new_id()) for _ in range(4)]
    answers = await asyncio.gather(*(world.ask(pathway, "support", grant()) for pathway in pathways))
    assert sorted(answer.status for answer in answers) == [200, 409, 409, 409]
    refused = next(answer.content for answer in answers if answer.status == 409)
    assert refused["type"] == "urn:ancora:problem:budget-ceiling-reached"
    assert "40000 cents" in refused["detail"]
    granted = [len(await world.store.load(f"pathway-{pathway}")) for pathway in pathways]
    assert sorted(granted) == [1, 1, 1, 2]
    line = (await world.get(f"/budget-lines/{LINE}")).content
    assert (line["ceiling_cents"], line["committed_cents"], line["spent_cents"]) == (100_000, 60_000, 0)


async def test_payments_and_returns_count_against_the_line(world: PathwaysWorld) -> None:
    """What is paid is spent, what comes back can be granted again; list and line say the same."""
    await opened_line(world)
    pathway, grant_id = await world.enrolled(new_id()), new_id()
    await world.tell(pathway, "support", grant(100_000, grant_id))
    await world.tell(pathway, "support-payments", {"payment_id": str(new_id()), "grant_id": str(grant_id), "amount_cents": 90_000})
    back = {"return_id": str(new_id()), "grant_id": str(grant_id), "amount_cents": 90_001}
    assert (await world.ask(pathway, "support-returns", back)).content["type"] == "urn:ancora:problem:return-exceeded"
    await world.tell(pathway, "support-returns", back | {"amount_cents": 80_000})
    await world.tell(pathway, "support", grant(80_000))
    await world.catch_up()
    line = (await world.get(f"/budget-lines/{LINE}")).content
    assert (line["committed_cents"], line["spent_cents"]) == (100_000, 10_000)
    assert (await world.get("/budget-lines")).content["items"] == [line]


async def test_a_repeated_grant_is_counted_once(world: PathwaysWorld) -> None:
    """I4: the same key is the same command, on the line as on the pathway."""
    await opened_line(world)
    pathway, body = await world.enrolled(new_id()), grant()
    answers = [await world.post(f"/pathways/{pathway}/support", body, version=1, key="once") for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert (await world.get(f"/budget-lines/{LINE}")).content["committed_cents"] == 60_000


async def test_ceilings_are_the_lead_partners_and_lines_their_organisations(world: PathwaysWorld) -> None:
    """I8: who grants does not set the ceiling; another organisation sees no line of ours, the lead partner sees all."""
    await opened_line(world)
    await world.catch_up()
    path = f"/budget-lines/{LINE}/ceiling"
    assert (await world.post(path, {"ceiling_cents": 1_000_000}, version=1)).status == 403
    assert (await world.post(path, {"ceiling_cents": 50_000}, version=1, ancora_org="ics", **LEAD)).status == 200
    await world.tell(await world.enrolled(new_id()), "support", grant(50_000))
    below = await world.post(path, {"ceiling_cents": 49_999}, version=3, **LEAD)
    assert (below.status, below.content["type"]) == (409, "urn:ancora:problem:budget-ceiling-below-committed")
    assert (await world.get(f"/budget-lines/{LINE}", ancora_org="ics")).status == 404
    assert (await world.get("/budget-lines", ancora_org="ics")).content["items"] == []
    assert (await world.get(f"/budget-lines/{LINE}", ancora_org="ics", **LEAD)).status == 200
    assert [row["organisation"] for row in (await world.get("/budget-lines", ancora_org="ics", **LEAD)).content["items"]] == ["ciac"]


async def test_a_grant_on_a_line_that_nobody_opened_is_refused_on_both_streams(world: PathwaysWorld) -> None:
    """Neither is the grant on the pathway, nor is there a line by it; the answer says what to do, and opening makes it possible."""
    pathway, body = await world.enrolled(new_id()), grant()
    refused = await world.ask(pathway, "support", body)
    assert (refused.status, refused.content["type"]) == (409, "urn:ancora:problem:budget-line-not-open")
    assert "/budget-lines" in refused.content["detail"]
    assert len(await world.store.load(f"pathway-{pathway}")) == 1
    assert await world.store.load(f"budget-{LINE}") == []
    await opened_line(world)
    await world.tell(pathway, "support", body)


async def test_a_line_is_opened_once(world: PathwaysWorld) -> None:
    """Whoever opens it again is asked for the version that they saw, and then told to change the ceiling instead."""
    await opened_line(world)
    body = {"organisation": "ciac", "budget_line": "b-1", "ceiling_cents": 1}
    assert (await world.post("/budget-lines", body, **LEAD)).status == 428
    again = await world.post("/budget-lines", body, version=1, **LEAD)
    assert (again.status, again.content["type"]) == (409, "urn:ancora:problem:budget-line-opened-already")


async def held_activity(world: PathwaysWorld, organisation: str = "ciac") -> UUID:
    """Record an activity of two hours."""
    activity = new_id()
    body = {"territory": "PR", "kind": "group-activity", "minutes": 120, "occurred_on": "2021-05-04"}
    assert (await world.post(f"/activities/{activity}", body, ancora_org=organisation)).status == 201
    return activity


def came(activity: UUID, **changes: object) -> Body:
    """Return the body of an attendance."""
    return {"attendance_id": str(new_id()), "activity_id": str(activity), "attended": True, "minutes": 90, **changes}


async def test_who_came_is_recorded_on_their_pathway_and_nobody_on_the_activity(world: PathwaysWorld) -> None:
    """I6: the activity's stream knows nobody; the pathway knows the activity by its id."""
    activity, person = await held_activity(world), new_id()
    pathway = await world.enrolled(person)
    first = came(activity)
    await world.tell(pathway, "attendances", first)
    twice = await world.ask(pathway, "attendances", came(activity))
    assert (twice.status, twice.content["type"]) == (409, "urn:ancora:problem:attendance-recorded-already")
    corrected = came(activity, attended=False, minutes=0, corrects=first["attendance_id"])
    await world.tell(pathway, "attendances", corrected)
    view = (await world.get(f"/pathways/{pathway}")).content
    assert [(one["attendance_id"], one["attended"]) for one in view["attendances"]] == [(corrected["attendance_id"], False)]
    (held,) = await world.store.load(f"activity-{activity}")
    assert str(person) not in held.recorded.data.decode()
    await world.catch_up()
    (row,) = (await world.get("/activities")).content["items"]
    assert (row["activity_id"], row["kind"], row["held_on"]) == (str(activity), "group-activity", "2021-05-04")
    assert (await world.get("/activities", ancora_org="ics")).content["items"] == []


async def test_nobody_attends_what_was_not_held_or_not_by_their_organisation(world: PathwaysWorld) -> None:
    """Nothing is stored on the pathway; one who is not there and one of another organisation's are told the same."""
    pathway, theirs = await world.enrolled(new_id()), await held_activity(world, "ics")
    for activity in (new_id(), theirs):
        refused = await world.ask(pathway, "attendances", came(activity))
        assert (refused.status, refused.content["type"]) == (404, "urn:ancora:problem:unknown")
    too_long = await world.ask(pathway, "attendances", came(await held_activity(world), minutes=121))
    assert (too_long.status, too_long.content["type"]) == (422, "urn:ancora:problem:attendance-too-long")
    assert len(await world.store.load(f"pathway-{pathway}")) == 1


async def test_an_activity_of_a_sensitive_area_is_refused(world: PathwaysWorld) -> None:
    """I6: it is recorded as a service on each pathway instead."""
    body = {"territory": "PR", "kind": "psychological-support", "minutes": 60}
    refused = await world.post(f"/activities/{new_id()}", body)
    assert (refused.status, refused.content["type"]) == (422, "urn:ancora:problem:activity-of-sensitive-area")


CONCERN = {"kind": "violence", "description": "un livido sul braccio"}


async def concerned(world: PathwaysWorld) -> tuple[UUID, str]:
    """Raise a concern, as a mediator who heard of it."""
    pathway, concern = await world.enrolled(new_id()), str(new_id())
    await world.tell(pathway, "concerns", CONCERN | {"concern_id": concern}, ancora_role="cultural-mediator", sub="mediator-1")
    return pathway, concern


async def test_a_stale_command_tells_a_mediator_of_no_concern(world: PathwaysWorld) -> None:
    """I8: what came in between is told with its types, and that there is a concern is told to the care team alone."""
    pathway, _ = await concerned(world)
    await world.tell(pathway, "notes", {"note_id": str(new_id()), "text": "inventato"})
    for role, types in (("cultural-mediator", []), ("case-worker", ["pathways.concern_raised"])):
        note = {"note_id": str(new_id()), "text": "inventato"}
        stale = await world.post(f"/pathways/{pathway}/notes", note, version=1, ancora_role=role)
        assert (stale.status, stale.content["current_version"]) == (412, 3)
        assert [each["type"] for each in stale.content["unseen"]] == [*types, "pathways.note_added"]


async def test_a_concern_is_told_to_the_care_team_and_closed_by_it(world: PathwaysWorld) -> None:
    """Raised by whoever heard of it; followed up by whoever may act."""
    pathway, concern = await concerned(world)
    (told,) = (await world.get(f"/pathways/{pathway}/concerns")).content["items"]
    assert (told["concern_id"], told["status"], told["raised_by"]) == (concern, "open", "mediator-1")
    assert (told["kind"], told["description"]) == ("violence", "un livido sul braccio")
    closing = {"concern_id": concern, "outcome": "referred-to-services", "notes": "la segue il centro"}
    await world.tell(pathway, "concern-closings", closing)
    (told,) = (await world.get(f"/pathways/{pathway}/concerns")).content["items"]
    assert (told["status"], told["outcome"], told["notes"]) == ("closed", "referred-to-services", "la segue il centro")


async def test_whoever_leaves_with_an_open_concern_leaves_it_handed_over(world: PathwaysWorld) -> None:
    """The exit is not held back, and the concern is not lost."""
    person, concern = new_id(), str(new_id())
    pathway = await world.enrolled(person)
    await world.tell(pathway, "concerns", CONCERN | {"concern_id": concern})
    await world.exited(person)
    (told,) = (await world.get(f"/pathways/{pathway}/concerns")).content["items"]
    assert (told["status"], told["description"]) == ("handed-over", "un livido sul braccio")


@pytest.mark.parametrize(
    "role", ["cultural-mediator", "tutor", "tutor-coordinator", "municipality", "lead-partner", "auditor", "beneficiary"]
)
async def test_a_concern_is_not_told_to_whoever_is_not_of_the_care_team(world: PathwaysWorld, role: str) -> None:
    """I8: neither by its own address nor in the pathway, not even that there is one; another organisation's worker has nothing either."""
    pathway, concern = await concerned(world)
    assert (await world.get(f"/pathways/{pathway}/concerns", ancora_role=role)).status == 403
    assert (await world.get(f"/pathways/{pathway}/concerns", ancora_org="ics")).status == 404
    for claims in ({"ancora_role": role}, {}):
        seen = json.dumps((await world.get(f"/pathways/{pathway}", **claims)).content)
        assert not [word for word in (concern, "concern", "violence", "livido") if word in seen]
