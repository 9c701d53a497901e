"""The caseload's filters and its count, in memory and on PostgreSQL behind the second fence."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from tests.integration.intake.test_http_in import eligible, enrolled

if TYPE_CHECKING:
    from tests.support.intake_worlds import IntakeWorld


async def _shown(world: IntakeWorld, query: str) -> tuple[set[UUID], int]:
    told = await world.get(f"/beneficiaries?{query}")
    assert told.status == 200, told.content
    return {UUID(one["beneficiary_id"]) for one in told.content["items"]}, told.content["count"]


async def test_the_caseload_is_filtered_and_counted(world: IntakeWorld) -> None:
    """By province, by present programme, by the day on which care began; filters hold together, and the count is of all pages."""
    old, new, elsewhere = await eligible(world), await enrolled(world, occurred_on="2021-09-01"), await enrolled(world, territory="BO")
    await world.tell(old, "admissions", {"programme": "ancora-2.0", "occurred_on": "2021-03-02"})
    await world.catch_up()
    assert await _shown(world, "") == ({old, new, elsewhere}, 3)
    assert await _shown(world, "territory=PR") == ({old, new}, 2)
    assert await _shown(world, "programme=ancora-2.0") == ({old}, 1)
    assert await _shown(world, "programme=another") == (set(), 0)
    assert await _shown(world, "in_care_since=2021-03-02") == ({new}, 1)
    assert await _shown(world, "in_care_since=2021-03-01&territory=BO") == ({elsewhere}, 1)
    page, count = await _shown(world, "limit=1&territory=PR")
    assert (len(page), count) == (1, 2)


async def test_who_left_is_in_care_since_no_day_and_in_no_programme(world: IntakeWorld) -> None:
    """Until care begins again."""
    person = await eligible(world)
    await world.tell(person, "admissions", {"programme": "ancora-2.0", "occurred_on": "2021-03-02"})
    await world.tell(person, "exit", {"reason": "moved-away", "destination": "own-home"})
    await world.catch_up()
    for query in ("in_care_since=2020-01-01", "programme=ancora-2.0"):
        assert await _shown(world, query) == (set(), 0)
    await world.tell(person, "readmission", {"territory": "PR", "occurred_on": "2021-12-01"})
    await world.catch_up()
    assert await _shown(world, "in_care_since=2021-12-01") == ({person}, 1)


async def test_another_organisation_counts_nobody_of_ours(world: IntakeWorld) -> None:
    """I8: a count is an answer, too."""
    await enrolled(world)
    await world.catch_up()
    told = await world.get("/beneficiaries", ancora_org="another")
    assert (told.content["items"], told.content["count"]) == ([], 0)


async def test_a_filter_of_another_form_is_refused(world: IntakeWorld) -> None:
    """By field, as a body's."""
    for query in ("territory=parma", "in_care_since=March", "programme=%20", "limit=0"):
        assert (await world.get(f"/beneficiaries?{query}")).status == 422, query
