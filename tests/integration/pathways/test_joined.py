"""A pathway whose record another one goes on for, over HTTP: in memory, and on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.duplicates import DuplicateConfirmed, DuplicateSplit
from services._runtime.ids import new_id
from tests.integration.pathways.test_budget_and_activities import grant, opened_line

if TYPE_CHECKING:
    from tests.integration.pathways.world import PathwaysWorld


async def test_what_is_new_is_told_where_to_go_and_what_was_promised_is_paid(world: PathwaysWorld) -> None:
    """The pathway and its row in the list tell which record goes on, until the two are split."""
    await opened_line(world)
    person, survivor, promised = new_id(), new_id(), new_id()
    pathway = await world.enrolled(person)
    await world.tell(pathway, "support", grant(60_000, promised))
    await world.decided(DuplicateConfirmed, person, survivor, version=5)

    refused = await world.ask(pathway, "support", grant(10_000))
    assert (refused.status, refused.content["type"]) == (409, "urn:ancora:problem:recorded-elsewhere")
    assert str(survivor) in refused.content["detail"]
    await world.tell(pathway, "support-payments", {"payment_id": str(new_id()), "grant_id": str(promised), "amount_cents": 60_000})
    assert await _goes_on_under(world, pathway) == [str(survivor), str(survivor)]

    await world.decided(DuplicateSplit, person, survivor, version=6)
    await world.tell(pathway, "support", grant(10_000))
    assert await _goes_on_under(world, pathway) == [None, None]


async def _goes_on_under(world: PathwaysWorld, pathway: object) -> list[str | None]:
    await world.catch_up()
    (row,) = [one for one in (await world.get("/pathways")).content["items"] if one["pathway_id"] == str(pathway)]
    return [(await world.get(f"/pathways/{pathway}")).content["goes_on_under"], row["goes_on_under"]]
