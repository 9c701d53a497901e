"""A municipality reaches its own persons: by ISTAT code, never by province. Invariant I8."""

from __future__ import annotations

import pytest

from services._runtime.ids import new_id
from tests.support.intake_worlds import intake_world
from tests.support.read_models import happened
from tests.support.reporting import Reporting
from tests.support.reporting_examples import enrolled, person

PARMA, FIDENZA = "034027", "034014"


async def test_fidenza_is_refused_a_person_of_parma() -> None:
    """Both lie in the Province of Parma; refused in the words for somebody who is not there."""
    reporting = Reporting()
    of_parma, of_fidenza = enrolled(1), enrolled(2)
    await reporting.append(
        [happened(one.event, **one.envelope | {"municipality": code}) for one, code in ((of_parma, PARMA), (of_fidenza, FIDENZA))]
    )
    async with reporting.client(ancora_role="municipality", ancora_org="comune-fidenza") as client:
        refused = await client.get(f"/persons/{person(1)}/timeline")
        missing = await client.get(f"/persons/{new_id()}/timeline")
        assert refused.status_code == missing.status_code == 404
        assert refused.json()["detail"] == missing.json()["detail"]
        assert (await client.get(f"/persons/{person(2)}/timeline")).status_code == 200
    async with reporting.client(ancora_role="municipality", ancora_org="comune-parma") as client:
        assert (await client.get(f"/persons/{person(1)}/timeline")).status_code == 200
        assert (await client.get(f"/persons/{person(2)}/timeline")).status_code == 404


@pytest.mark.parametrize("organisation", ["ciac", "comune-somewhere"])
async def test_who_acts_for_no_partner_municipality_follows_nobody(organisation: str) -> None:
    """A person whose municipality is not known is nobody's; a caller without a code is not taken for theirs."""
    reporting = Reporting()
    await reporting.append([enrolled(1)])
    async with reporting.client(ancora_role="municipality", ancora_org=organisation) as client:
        assert (await client.get(f"/persons/{person(1)}/timeline")).status_code in (403, 404)
    async with intake_world(None) as intake:
        assert (await intake.get("/beneficiaries", ancora_role="municipality", ancora_org=organisation)).status == 403
