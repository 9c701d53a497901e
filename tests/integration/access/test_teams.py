"""A member from another organisation, over HTTP: in memory, and on PostgreSQL behind the second fence. Invariant I8."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from services._runtime.clock import SystemClock, day_of
from services._runtime.ids import new_id
from tests.integration.pathways.world import pathways_world

if TYPE_CHECKING:
    from uuid import UUID

    from tests.integration.pathways.world import PathwaysWorld
    from tests.support.database import Cluster

COORDINATOR: dict[str, Any] = {"ancora_role": "team-coordinator", "sub": "coordinator-1"}
MEMBER: dict[str, Any] = {"ancora_role": "case-worker", "ancora_org": "comune-parma", "sub": "social-worker-7"}


@pytest.fixture(params=["memory", "postgres"])
def where(request: pytest.FixtureRequest) -> Cluster | None:
    """Give the server to store on, or None for memory."""
    cluster: Cluster | None = request.getfixturevalue("cluster") if request.param == "postgres" else None
    return cluster


def today(days: int = 0) -> date:
    return day_of(SystemClock().now()) + timedelta(days=days)


async def formed(world: PathwaysWorld, *pathways: UUID) -> UUID:
    """Form a team and give it these pathways."""
    team = new_id()
    assert (await world.post(f"/teams/{team}", {"territory": "PR"}, **COORDINATOR)).status == 201
    for pathway in pathways:
        await world.tell(pathway, "team", {"team_id": str(team)}, **COORDINATOR)
    return team


async def change(world: PathwaysWorld, team: UUID, what: str, **body: object) -> Any:  # noqa: ANN401 - an answer
    """Have somebody join or leave."""
    version = len(await world.store.load(f"team-{team}"))
    told: dict[str, Any] = {"member": MEMBER["sub"]} | {name: str(value) for name, value in body.items()}
    return await world.post(f"/teams/{team}/{what}", told, version=version, **COORDINATOR)


async def seen(world: PathwaysWorld, pathways: list[UUID], **caller: str) -> tuple[set[UUID], set[str]]:
    """Return which of the pathways the caller reads one by one, and which their list holds."""
    await world.catch_up()
    read = {one for one in pathways if (await world.get(f"/pathways/{one}", **caller)).status == 200}
    return read, {one["pathway_id"] for one in (await world.get("/pathways", **caller)).content["items"]}


async def test_a_mediator_is_told_what_was_noted_and_of_no_score_in_health(where: Cluster | None) -> None:
    """By class of data, through the real keyring; null is told apart from nothing by the header, which the worker's answer has not."""
    needs = {"instrument": "needs-and-resources", "instrument_version": "1.0", "respondent": "worker", "moment": "baseline"}
    async with pathways_world(where) as world:
        pathway = await world.enrolled(new_id())
        told = needs | {"assessment_id": str(new_id()), "scores": {"housing": 2, "health": 3}, "notes": "Una nota inventata."}
        await world.tell(pathway, "assessments", told)
        scores = {"case-worker": {"health": 3}, "cultural-mediator": None}
        for role, seen_of_health in (*scores.items(), *scores.items()):
            answer = await world.get(f"/pathways/{pathway}", ancora_role=role)
            (assessed,) = (one["fields"] for one in answer.content["history"] if one["type"] == "pathways.needs_assessed")
            assert (assessed["sensitive_scores"], assessed["notes"]) == (seen_of_health, "Una nota inventata.")
            withheld = "evidence,health,judicial,protection,vulnerability"
            assert answer.headers.get("ancora-withheld") == (None if seen_of_health else withheld)


async def test_a_member_from_another_organisation_sees_exactly_the_teams_pathways(where: Cluster | None) -> None:
    """Before joining nothing, then the team's and no other, whoever's the others are; colleagues of theirs see nothing."""
    async with pathways_world(where) as world:
        shared, unshared, theirs = await world.enrolled(new_id()), await world.enrolled(new_id()), await world.enrolled(new_id(), "another")
        every = [shared, unshared, theirs]
        team = await formed(world, shared)
        assert await seen(world, every, **MEMBER) == (set(), set())
        joined = await change(world, team, "members", organisation="comune-parma", profession="social-worker", since=today())
        assert joined.status == 200, joined.content
        assert await seen(world, every, **MEMBER) == ({shared}, {str(shared)})
        for other in ({"sub": "social-worker-8"}, {"ancora_org": "comune-fidenza"}, {"ancora_role": "municipality"}):
            refused = await world.get(f"/pathways/{shared}", **MEMBER | other)
            assert refused.status in (403, 404), other
        noted = await world.ask(shared, "notes", {"note_id": str(new_id()), "text": "una nota"}, **MEMBER)
        assert noted.status == 404, "seeing is not writing"
        assert await seen(world, every, **COORDINATOR) == ({shared, unshared}, {str(shared), str(unshared)})


@pytest.mark.parametrize(("since", "until", "sees"), [(-9, None, True), (-9, 1, True), (-9, 0, False), (0, 0, False), (1, None, False)])
async def test_a_membership_counts_from_its_first_day_until_the_day_it_ends(
    where: Cluster | None, since: int, until: int | None, *, sees: bool
) -> None:
    """What ends today has ended; what begins tomorrow has not begun."""
    async with pathways_world(where) as world:
        pathway = await world.enrolled(new_id())
        team = await formed(world, pathway)
        await change(world, team, "members", organisation="comune-parma", profession="social-worker", since=today(since))
        if until is not None:
            assert (await change(world, team, "departures", until=today(until))).status == 200
        assert await seen(world, [pathway], **MEMBER) == (({pathway}, {str(pathway)}) if sees else (set(), set()))


async def test_a_departure_counts_before_any_list_knows_of_it(where: Cluster | None) -> None:
    """Who may read is asked of the team's own stream: a projector that stands still lets nobody in."""
    async with pathways_world(where) as world:
        pathway = await world.enrolled(new_id())
        team = await formed(world, pathway)
        await change(world, team, "members", organisation="comune-parma", profession="social-worker", since=today(-1))
        assert (await seen(world, [pathway], **MEMBER))[0] == {pathway}
        await change(world, team, "departures", until=today())
        assert (await world.get(f"/pathways/{pathway}", **MEMBER)).status == 404


async def test_another_organisation_neither_changes_a_team_nor_gives_it_a_pathway(where: Cluster | None) -> None:
    """Who could take themselves into a team could read everything."""
    async with pathways_world(where) as world:
        pathway = await world.enrolled(new_id())
        team = await formed(world, pathway)
        other = COORDINATOR | {"ancora_org": "another"}
        body = {"member": "somebody", "organisation": "another", "profession": "spy", "since": str(today())}
        assert (await world.post(f"/teams/{team}/members", body, version=1, **other)).status == 404
        assert (await world.get(f"/teams/{team}", **other)).status == 404
        assert (await world.get(f"/teams/{team}", **COORDINATOR)).content["members"] == {}
        stray = new_id()
        assert (await world.post(f"/teams/{stray}", {"territory": "PR"}, **other)).status == 201
        refused = await world.ask(pathway, "team", {"team_id": str(stray)}, **COORDINATOR)
        missing = await world.ask(pathway, "team", {"team_id": str(pathway)}, **COORDINATOR)
        assert refused.status == missing.status == 404
        assert refused.content["detail"] == missing.content["detail"]
