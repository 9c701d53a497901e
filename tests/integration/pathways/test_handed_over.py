"""A pathway whose person was transferred, over HTTP: in memory, and on PostgreSQL behind the second fence. Invariant I8."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services._runtime.ids import new_id
from tests.integration.access.test_teams import COORDINATOR, MEMBER, change, formed, seen, today
from tests.integration.pathways.world import pathways_world

if TYPE_CHECKING:
    from tests.support.database import Cluster

RECEIVER: dict[str, Any] = {"sub": "worker-9", "ancora_org": "cidas"}


@pytest.fixture(params=["memory", "postgres"])
def where(request: pytest.FixtureRequest) -> Cluster | None:
    """Give the server to store on, or None for memory."""
    cluster: Cluster | None = request.getfixturevalue("cluster") if request.param == "postgres" else None
    return cluster


async def test_the_receiver_has_the_pathway_and_neither_the_sender_nor_its_team_finds_it(where: Cluster | None) -> None:
    """One by one, in the list, and through the database's own fence."""
    async with pathways_world(where) as world:
        person, bystander = new_id(), new_id()
        moving, staying = await world.enrolled(person), await world.enrolled(bystander)
        team = await formed(world, moving, staying)
        await change(world, team, "members", organisation="comune-parma", profession="social-worker", since=today())
        both, stays = ({moving, staying}, {str(moving), str(staying)}), ({staying}, {str(staying)})
        for caller in (COORDINATOR, MEMBER):
            assert await seen(world, [moving, staying], **caller) == both
        assert await seen(world, [moving, staying], **RECEIVER) == (set(), set())

        await world.transferred(person, "cidas", version=5)
        for caller in (COORDINATOR, MEMBER):
            assert await seen(world, [moving, staying], **caller) == stays
        assert await seen(world, [moving, staying], **RECEIVER) == ({moving}, {str(moving)})
        note = {"note_id": str(new_id()), "text": "una nota"}
        assert (await world.ask(moving, "notes", note)).status == 404
        await world.tell(moving, "notes", note, **RECEIVER)
        own = await formed_by_receiver(world)
        await world.tell(moving, "team", {"team_id": own}, **RECEIVER | {"ancora_role": "team-coordinator"})


async def formed_by_receiver(world: Any) -> str:  # noqa: ANN401 - a world of pathways
    """Form a team of the receiver's."""
    team = new_id()
    body = {"territory": "FE"}
    assert (await world.post(f"/teams/{team}", body, **RECEIVER | {"ancora_role": "team-coordinator"})).status == 201
    return str(team)


async def test_notes_of_an_earlier_organisation_are_withheld_and_counted(where: Cluster | None) -> None:
    """History is the receiver's, notes are whose they are: who has the person back finds them again."""
    async with pathways_world(where) as world:
        person = new_id()
        pathway = await world.enrolled(person)
        for text in ("prima", "seconda"):
            await world.tell(pathway, "notes", {"note_id": str(new_id()), "text": text})
        await world.transferred(person, "cidas", version=5)
        await world.tell(pathway, "notes", {"note_id": str(new_id()), "text": "terza"}, **RECEIVER)
        read = (await world.get(f"/pathways/{pathway}", **RECEIVER)).content
        assert (_notes(read), read["withheld_notes"]) == (["terza"], 2)
        assert [fact["type"] for fact in read["history"]] == [
            "pathways.pathway_opened",
            "pathways.pathway_handed_over",
            "pathways.note_added",
        ]
        await world.transferred(person, "ciac", version=9, sender="cidas")
        read = (await world.get(f"/pathways/{pathway}")).content
        assert (_notes(read), read["withheld_notes"]) == (["prima", "seconda"], 1)


def _notes(read: dict[str, Any]) -> list[str]:
    return [fact["fields"]["text"] for fact in read["history"] if fact["type"] == "pathways.note_added"]
