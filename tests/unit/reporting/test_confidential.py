"""What reporting tells to few: that a safeguarding concern was raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from contracts.safeguarding import ConcernClosed, ConcernHandedOver, ConcernRaised
from tests.support.reporting import Reporting
from tests.support.reporting_examples import admitted, enrolled, person

if TYPE_CHECKING:
    from contracts.event import Event
    from tests.support.read_models import Happened

OF: Any = {"pathway_id": person(9), "beneficiary_id": person(1), "concern_id": person(7)}
CONCERNS: list[Event] = [ConcernRaised(**OF), ConcernClosed(**OF), ConcernHandedOver(**OF)]
HAPPENED: list[Happened | Event] = [enrolled(1), *CONCERNS, admitted(1)]
OWN = {"ancora_role": "beneficiary", "ancora_person": str(person(1))}


@pytest.fixture
def reporting() -> Reporting:
    return Reporting()


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({}, 3),
        ({"ancora_role": "team-coordinator"}, 3),
        ({"ancora_role": "auditor", "ancora_org": "ics"}, 3),
        ({"ancora_role": "data-protection-officer", "ancora_org": "ics"}, 3),
        (OWN, 0),
    ],
)
async def test_a_timeline_tells_of_concerns_only_the_care_team_and_whoever_reviews_the_trail(
    reporting: Reporting, claims: dict[str, str], told: int
) -> None:
    """I8: who else may read the timeline reads it whole but for these; pages are as full as any, so that no gap tells of them."""
    await reporting.append(HAPPENED)
    async with reporting.client(**claims) as client:
        page = (await client.get(f"/persons/{person(1)}/timeline?limit={2 + told}")).json()
    types = [one["type"] for one in page["items"]]
    assert sum(type_.startswith("pathways.concern_") for type_ in types) == told
    assert (types[0], types[-1], page["next_cursor"]) == ("intake.beneficiary_enrolled", "intake.programme_admitted", None)


async def test_no_figure_and_no_list_of_what_is_new_has_a_concern(reporting: Reporting) -> None:
    """A day and a province would be enough for whoever knows the person."""
    await reporting.append(HAPPENED)
    async with reporting.client() as client:
        seen = (await client.get("/activity")).text
    assert "intake.programme_admitted" in seen
    assert "concern" not in seen
