"""Pathways, activities and budget lines as lists: filtered together and counted; in memory and on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services._runtime.ids import new_id
from tests.integration.pathways.test_budget_and_activities import LEAD, opened_line

if TYPE_CHECKING:
    from tests.integration.pathways.world import PathwaysWorld


async def counted(world: PathwaysWorld, path: str, **claims: object) -> int:
    """Return how many items a list says that all its pages hold; a page of one holds one of them."""
    answer = await world.get(path, **claims)
    assert answer.status == 200, answer.content
    first = await world.get(f"{path}{'&' if '?' in path else '?'}limit=1", **claims)
    count: int = answer.content["count"]
    assert first.content["count"] == count == len(answer.content["items"])
    assert len(first.content["items"]) == min(count, 1)
    return count


async def test_pathways_are_filtered_and_counted(world: PathwaysWorld) -> None:
    """By status, plan, person, province, opening; filters hold together."""
    person = new_id()
    await world.enrolled(person)
    other = await world.enrolled(new_id())
    await world.tell(other, "suspension", {"reason_code": "unreachable"})
    await world.catch_up()
    opened_on = (await world.get(f"/pathways?beneficiary-id={person}")).content["items"][0]["opened_on"]
    for query, shown in (
        ("", 2),
        ("?status=open", 1),
        ("?status=suspended", 1),
        ("?status=suspended&plan=agreed", 0),
        ("?plan=none&territory=PR", 2),
        ("?territory=BO", 0),
        (f"?beneficiary-id={person}&status=open", 1),
        (f"?beneficiary-id={person}&status=closed", 0),
        (f"?since={opened_on}&until={opened_on}", 2),
        ("?until=2000-01-01", 0),
        ("?review-overdue=true", 0),
        ("?contact-lost=false", 2),
        (f"?team-id={new_id()}", 0),
    ):
        assert await counted(world, f"/pathways{query}") == shown, query
    assert await counted(world, "/pathways", ancora_org="another") == 0, "I8: a count is an answer, too"


async def test_activities_and_budget_lines_are_filtered_and_counted(world: PathwaysWorld) -> None:
    """By province, kind and day; by line and programme, and for the lead partner by organisation."""
    for territory, day in (("PR", "2021-03-01"), ("BO", "2021-04-01")):
        body = {"territory": territory, "kind": "group-activity", "minutes": 60, "occurred_on": day}
        assert (await world.post(f"/activities/{new_id()}", body)).status == 201
    await opened_line(world)
    await world.catch_up()
    for query, shown in (
        ("", 2),
        ("?territory=PR", 1),
        ("?since=2021-03-02", 1),
        ("?kind=group-activity&until=2021-12-31", 2),
        ("?kind=none", 0),
    ):
        assert await counted(world, f"/activities{query}") == shown, query
    for query, shown in (("", 1), ("?programme=ancora-2.0", 1), ("?budget-line=b-2", 0), ("?organisation=cidas", 0)):
        assert await counted(world, f"/budget-lines{query}", **LEAD) == shown, query
    assert await counted(world, "/budget-lines?organisation=cidas") == 1, "an organisation sees its own, whatever it asks for"
