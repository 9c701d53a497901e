"""Referrals and transfers as lists: filtered together, counted over all pages, read on by cursor; in memory and on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services._runtime.ids import new_id
from tests.integration.intake.test_http_in import IDENTITY, enrolled

if TYPE_CHECKING:
    from tests.support.intake_worlds import IntakeWorld

SENT: dict[str, Any] = {"ancora_role": "municipality", "ancora_org": "comune-parma"}


async def told(world: IntakeWorld, path: str, **claims: object) -> tuple[int, int]:
    """Return how many items a page of a list holds, and how many all pages, as it says."""
    answer = await world.get(path, **claims)
    assert answer.status == 200, answer.content
    assert answer.headers["ancora-as-of-position"]
    return len(answer.content["items"]), answer.content["count"]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", 2),
        ("?status=received", 2),
        ("?status=accepted", 0),
        ("?territory=PR", 2),
        ("?territory=FE", 0),
        ("?since=2021-02-01", 1),
        ("?until=2021-01-31&status=received", 1),
        ("?since=2021-01-10&until=2021-02-10&territory=PR", 2),
    ],
)
async def test_referrals_are_filtered_and_counted(world: IntakeWorld, query: str, shown: int) -> None:
    """By status, province and the days on which they were received: what one filter leaves out, no other brings back."""
    for day in ("2021-01-10", "2021-02-10"):
        body = {
            "by": "municipality",
            "organisation": "ciac",
            "reason": "Inventato.",
            "person": {"family_name": "Prova"},
            "occurred_on": day,
        }
        answer = await world.post(f"/referrals/{new_id()}", body, **SENT)
        assert answer.status == 201, answer.content
    await world.catch_up()
    for claims in (SENT, {}):
        assert await told(world, f"/referrals{query}", **claims) == (shown, shown)
    assert await told(world, f"/referrals{query}", ancora_org="cidas") == (0, 0), "I8: a count is an answer, too"


async def test_transfers_are_filtered_and_counted_over_all_pages(world: IntakeWorld) -> None:
    """A page holds what was asked for, the count everything; the cursor leads through all of it once."""
    for number, day in enumerate(("2021-03-02", "2021-03-05", "2021-04-01")):
        family, born = ("Uno", "Duevolte", "Trentatre")[number], f"19{6 + number}0-05-0{2 + number}"
        who = IDENTITY | {"given_names": f"Prova{'abc'[number]}", "family_name": family, "birth_date": born}
        person = await enrolled(world, identity=who)
        asked = {"transfer_id": str(new_id()), "receiver": "cidas", "territory": "FE", "reason": "Inventato.", "occurred_on": day}
        await world.tell(person, "transfer-requests", asked)
    await world.catch_up()
    for query, shown in (
        ("status=requested", 3),
        ("status=declined", 0),
        ("direction=outgoing", 3),
        ("direction=incoming", 0),
        ("territory=FE&since=2021-03-05", 2),
        ("until=2021-03-05", 2),
    ):
        assert await told(world, f"/transfers?{query}") == (shown, shown), query
    seen, cursor = set[str](), ""
    for left in (2, 1):
        page = (await world.get(f"/transfers?limit=2{cursor}")).content
        assert (len(page["items"]), page["count"]) == (left, 3)
        seen |= {one["beneficiary_id"] for one in page["items"]}
        cursor = f"&cursor={page['next_cursor']}"
    assert len(seen) == 3
    assert cursor == "&cursor=None"


async def test_a_filter_of_another_form_is_refused_by_its_name(world: IntakeWorld) -> None:
    """As a body's fields are."""
    for path in ("/referrals?territory=parma", "/transfers?since=March", "/referrals?status=lost", "/transfers?cursor=none"):
        answer = await world.get(path)
        assert (answer.status, len(answer.content["errors"])) == (422, 1), path
