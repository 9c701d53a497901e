"""Plans of teams without a second member, over HTTP, in memory and on PostgreSQL."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from services._runtime.ids import new_id
from tests.integration.pathways.test_http_in import AGREEMENT, SECOND, proposal, with_baseline

if TYPE_CHECKING:
    from uuid import UUID

    from tests.integration.pathways.world import PathwaysWorld

COORDINATOR: dict[str, Any] = {"ancora_role": "team-coordinator"}
CONTACT: dict[str, Any] = {"ancora_role": "lead-partner", "sub": "contact-1", "ancora_org": "lead"}


async def proposed_to_a_team_of_one(world: PathwaysWorld) -> tuple[UUID, UUID]:
    """Propose a plan on a pathway whose team is its author alone."""
    pathway, team = await with_baseline(world, new_id()), new_id()
    assert (await world.post(f"/teams/{team}", {"territory": "PR"}, **COORDINATOR)).status == 201
    member = {"member": "worker-1", "organisation": "ciac", "profession": "educator", "since": "2021-01-01"}
    assert (await world.post(f"/teams/{team}/members", member, version=1, **COORDINATOR)).status == 200
    await world.tell(pathway, "team", {"team_id": str(team)}, **COORDINATOR)
    await world.tell(pathway, "plan-proposals", proposal())
    return pathway, team


async def test_the_leads_contact_confirms_the_plan_of_a_team_of_one(world: PathwaysWorld) -> None:
    """I8: they read it without the person, from acceptance until it is agreed and no longer, behind the second fence too."""
    pathway, _ = await proposed_to_a_team_of_one(world)
    path, nowhere = f"/pathways/{pathway}/plan-to-confirm", f"/pathways/{new_id()}/plan-to-confirm"
    before = await world.get(path, **CONTACT)
    assert (before.status, before.content["detail"]) == (404, (await world.get(nowhere, **CONTACT)).content["detail"])
    await world.tell(pathway, "plan-acceptances", AGREEMENT)
    view = (await world.get(f"/pathways/{pathway}")).content
    assert (view["plan"]["status"], view["plan"]["runs_from"]) == ("proposed", "2021-03-24")
    told = await world.get(path, **CONTACT)
    assert told.status == 200, told.content
    assert not [word for word in ("ginocchio", "una casa", '"fr"', view["beneficiary_id"]) if word in json.dumps(told.content)]
    assert (await world.get(f"/pathways/{pathway}", **CONTACT)).status == 403
    assert (await world.get(path)).status == 403
    await world.tell(pathway, "plan-confirmations", {"plan_version": 1}, **CONTACT)
    assert (await world.get(path, **CONTACT)).status == 404
    view = (await world.get(f"/pathways/{pathway}")).content
    assert (view["plan"]["status"], view["plan"]["confirmed"]) == ("agreed", True)
    assert view["history"][-1]["fields"]["confirmation"] == "methodology-contact"


async def test_a_pathway_without_a_plan_to_confirm_is_to_the_contact_like_none(world: PathwaysWorld) -> None:
    """I8: whatever version they send, they learn neither that there is such a pathway nor what happened on it, before or afterwards."""
    pathway, _ = await proposed_to_a_team_of_one(world)
    now = len(await world.store.load(f"pathway-{pathway}"))
    await _told_like_none(world, pathway, 1, now, now + 1)
    await world.tell(pathway, "plan-acceptances", AGREEMENT)
    await world.tell(pathway, "notes", {"note_id": str(new_id()), "text": "inventato"})
    stale = await world.post(f"/pathways/{pathway}/plan-confirmations", {"plan_version": 1}, version=now, **CONTACT)
    assert (stale.status, [each["type"] for each in stale.content["unseen"]]) == (412, ["pathways.plan_accepted"])
    confirmed = await world.post(f"/pathways/{pathway}/plan-confirmations", {"plan_version": 1}, version=now + 2, key="once", **CONTACT)
    again = await world.post(f"/pathways/{pathway}/plan-confirmations", {"plan_version": 1}, version=now + 2, key="once", **CONTACT)
    assert (confirmed.status, again.status, again.content) == (200, 200, confirmed.content)
    await _told_like_none(world, pathway, 1, now + 3)


async def _told_like_none(world: PathwaysWorld, pathway: UUID, *versions: int) -> None:
    """Demand that the contact is told of a pathway, decided on at these versions, what they are told of none."""
    nowhere = new_id()
    none = await world.post(f"/pathways/{nowhere}/plan-confirmations", {"plan_version": 1}, version=1, **CONTACT)
    for version in versions:
        told = await world.post(f"/pathways/{pathway}/plan-confirmations", {"plan_version": 1}, version=version, **CONTACT)
        assert (told.status, told.content["type"]) == (404, "urn:ancora:problem:unknown"), told.content
        assert told.content["detail"] == none.content["detail"].replace(str(nowhere), str(pathway))
        assert "etag" not in told.headers


async def test_a_day_in_a_year_whose_holidays_nobody_wrote_down_is_told_to_be_one(world: PathwaysWorld) -> None:
    """Ten working days are counted in years that the calendar knows: it guesses none, and whoever asks is told which it knows."""
    pathway, _ = await proposed_to_a_team_of_one(world)
    refused = await world.ask(pathway, "plan-acceptances", AGREEMENT | {"occurred_on": "1999-03-10"})
    assert (refused.status, refused.content["type"]) == (422, "urn:ancora:problem:validation")
    expected = "a day within the years whose holidays are known, 2019 to 2040"
    assert refused.content["errors"] == [{"field": "body.occurred_on", "expected": expected}]


async def test_a_team_with_a_second_member_has_no_need_of_the_contact(world: PathwaysWorld) -> None:
    """The refusal says who confirms; they do."""
    pathway, team = await proposed_to_a_team_of_one(world)
    member = {"member": SECOND, "organisation": "ciac", "profession": "lawyer", "since": "2021-01-01"}
    assert (await world.post(f"/teams/{team}/members", member, version=2, **COORDINATOR)).status == 200
    refused = await world.ask(pathway, "plan-acceptances", AGREEMENT)
    assert (refused.status, refused.content["type"]) == (409, "urn:ancora:problem:second-member-there")
    await world.tell(pathway, "plan-agreements", AGREEMENT, sub=SECOND)


async def test_a_team_says_what_it_lacks_and_who_was_trained(world: PathwaysWorld) -> None:
    """One profession is a warning; a version that there is not is refused."""
    _, team = await proposed_to_a_team_of_one(world)
    training = {"member": "worker-1", "methodology_version": "1.0", "occurred_on": "2021-02-01"}
    unknown = await world.post(f"/teams/{team}/trainings", training | {"methodology_version": "9.9"}, version=2, **COORDINATOR)
    assert (unknown.status, unknown.content["type"]) == (422, "urn:ancora:problem:not-in-methodology")
    assert (await world.post(f"/teams/{team}/trainings", training, version=2, **COORDINATOR)).status == 200
    view = (await world.get(f"/teams/{team}")).content
    assert (view["trained"], view["warnings"]) == ({"worker-1": ["1.0"]}, ["fewer-than-two-professions"])
    member = {"member": SECOND, "organisation": "ciac", "profession": "lawyer", "since": "2021-01-01"}
    assert (await world.post(f"/teams/{team}/members", member, version=3, **COORDINATOR)).status == 200
    assert (await world.get(f"/teams/{team}")).content["warnings"] == []
