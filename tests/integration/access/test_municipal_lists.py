"""A municipality's list of its persons, in memory and on PostgreSQL behind the second fence. Invariant I8."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services._runtime.ids import new_id
from tests.integration.intake.test_http_in import enrolled
from tests.support.intake_worlds import intake_world

if TYPE_CHECKING:
    from tests.support.database import Cluster


@pytest.fixture(params=["memory", "postgres"])
def where(request: pytest.FixtureRequest) -> Cluster | None:
    """Give the server to store on, or None for memory."""
    cluster: Cluster | None = request.getfixturevalue("cluster") if request.param == "postgres" else None
    return cluster


async def test_a_municipality_lists_its_own_persons_and_reads_no_record(where: Cluster | None) -> None:
    """Fidenza lists nobody of Parma, though both are in its province; names are for nobody there."""
    async with intake_world(where) as world:
        of_parma, of_fidenza = await enrolled(world), await enrolled(world, municipality="034014")
        await world.catch_up()
        for organisation, person in (("comune-parma", of_parma), ("comune-fidenza", of_fidenza)):
            listed = await world.get("/beneficiaries", ancora_role="municipality", ancora_org=organisation)
            assert [one["beneficiary_id"] for one in listed.content["items"]] == [str(person)]
            for record in (person, new_id()):
                assert (await world.get(f"/beneficiaries/{record}", ancora_role="municipality", ancora_org=organisation)).status == 403
        assert len((await world.get("/beneficiaries")).content["items"]) == 2
        assert (await world.get("/beneficiaries", ancora_org="another")).content["items"] == []
