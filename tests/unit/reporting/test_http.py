"""Reporting's JSON: figures as of a position, timelines with causes, activity without names."""

from __future__ import annotations

import pytest

from contracts.intake import HouseholdFormed
from contracts.pathways import PathwayOpened
from contracts.reference import consortium
from tests.support.read_models import Happened, feed_of, happened
from tests.support.reporting import Reporting
from tests.support.reporting_examples import admitted, enrolled, left, person


@pytest.fixture
def reporting() -> Reporting:
    return Reporting()


async def test_figures_count_international_protection_against_both_targets(reporting: Reporting) -> None:
    """380 in all of Italy and, as a part of it, 30 in the Province of Parma."""
    await reporting.append([admitted(1), admitted(2), admitted(3, "BG"), admitted(4, "BG", protected=False), left(2)])
    async with reporting.client() as client:
        answer = await client.get("/territory-progress")
        assert answer.status_code == 200
        assert answer.headers["etag"] == '"5"'
        body = answer.json()
        assert body["as_of_position"] == 5
        assert [(one["code"], one["counted"], one["at_least"], one["missing"], one["reached"]) for one in body["targets"]] == [
            ("national", 3, 380, 377, False),
            ("parma", 2, 30, 28, False),
        ]
        assert body["targets"][1]["part_of"] == "national"
        provinces = {one["territory"]: one for one in body["territories"]}
        assert len(provinces) == 14
        assert provinces["BG"] == {"territory": "BG", "region": "Lombardia", "admitted": 2, "counted": 1, "left": 0}
        assert provinces["PR"]["left"] == 1
        again = await client.get("/territory-progress", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_figures_count_admissions_per_programme_each_against_its_own_targets(reporting: Reporting) -> None:
    """Whoever is carried on counts once in each; leaving the first takes nothing from the next."""
    (following,) = consortium().successors
    carried = [admitted(number, programme=following.code) for number in (1, 2)]
    await reporting.append([admitted(1), admitted(2), admitted(3, "BG"), *carried, left(1)])
    async with reporting.client() as client:
        told = [(await client.get("/territory-progress", params=asked)).json() for asked in ({}, {"programme": following.code})]
        assert [one["programme"] for one in told] == ["ancora-2.0", following.code]
        counted = [[(target["code"], target["counted"], target["at_least"]) for target in one["targets"]] for one in told]
        assert counted == [[("national", 3, 380), ("parma", 2, 30)], [("national", 2, 120), ("parma", 2, 12)]]
        provinces = [{one["territory"]: one for one in each["territories"]}["PR"] for each in told]
        assert [(one["admitted"], one["left"]) for one in provinces] == [(2, 1), (2, 0)]
        unknown = await client.get("/territory-progress", params={"programme": "ancora-9"})
        assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:ancora:problem:unknown")


async def test_a_timeline_tells_causes_and_pages_and_names_nobody(reporting: Reporting) -> None:
    cause = feed_of("intake", [enrolled(1)])[0].recorded.envelope.event_id
    opened = PathwayOpened(
        pathway_id=person(9),
        beneficiary_id=person(1),
        episode=1,
        organisation="ciac",
        territory="PR",
        municipality=None,
        methodology_version="1",
    )
    other = happened(HouseholdFormed(household_id=person(8), organisation="ciac", territory="PR"))
    await reporting.append([enrolled(1), happened(opened, causation=cause), other, enrolled(2), admitted(1)])
    async with reporting.client() as client:
        first = (await client.get(f"/persons/{person(1)}/timeline?limit=2")).json()
        assert [(one["type"], one["cause"]) for one in first["items"]] == [
            ("intake.beneficiary_enrolled", None),
            ("pathways.pathway_opened", {"event_id": str(cause), "type": "intake.beneficiary_enrolled"}),
        ]
        assert first["items"][0]["label"] == {"it": "Presa in carico", "en": "Enrolment"}
        assert len(first["items"][0]["digest"]) == 64
        assert first["as_of_position"] == 5
        assert "Rossi" not in str(first)
        second = (await client.get(f"/persons/{person(1)}/timeline", params={"limit": 2, "cursor": first["next_cursor"]})).json()
        assert [one["type"] for one in second["items"]] == ["intake.programme_admitted"]
        assert second["next_cursor"] is None
        unknown = await client.get(f"/persons/{person(5)}/timeline")
        assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:ancora:problem:unknown")
        for cursor in ("x", "WyJhIiwgImIiXQ"):
            assert (await client.get(f"/persons/{person(1)}/timeline", params={"cursor": cursor})).status_code == 422


async def test_activity_counts_days_and_shows_the_latest_first_without_ids_of_anyone(reporting: Reporting) -> None:
    await reporting.append([enrolled(1), enrolled(2, "BG"), admitted(1)])
    async with reporting.client() as client:
        answer = await client.get("/activity")
        body = answer.json()
        assert [(one["type"], one["territory"]) for one in body["latest"]] == [
            ("intake.programme_admitted", "PR"),
            ("intake.beneficiary_enrolled", "BG"),
            ("intake.beneficiary_enrolled", "PR"),
        ]
        assert sum(one["events"] for one in body["days"]) == 3
        assert str(person(1)) not in answer.text
        assert "person-" not in answer.text


async def test_positions_tell_the_journal_and_each_model_with_its_lag(reporting: Reporting) -> None:
    await reporting.append([enrolled(1)])
    reporting.journal.events = feed_of("intake", [enrolled(1), enrolled(2), enrolled(3)])
    async with reporting.client() as client:
        body = (await client.get("/journal-position")).json()
    assert (body["journal"], body["as_of_position"], body["lag"]) == (3, 1, 2)
    assert {one["name"] for one in body["models"]} == {
        "territory_progress",
        "person_timeline",
        "activity",
        "latest_activity",
        "person_reads",
    }


@pytest.mark.parametrize(
    "path", ["/territory-progress", "/activity", "/journal-position", "/stream", "/live", f"/persons/{person(1)}/timeline"]
)
async def test_without_a_token_or_with_a_role_that_may_not_there_are_no_figures(reporting: Reporting, path: str) -> None:
    """I8."""
    async with reporting.client(sub=None) as nobody:
        assert (await nobody.get(path)).status_code == 401
    async with reporting.client(ancora_role="administrator") as administrator:
        assert (await administrator.get(path)).status_code == 403


async def test_a_timeline_is_for_the_responsible_organisation_for_reviewers_and_for_the_person(reporting: Reporting) -> None:
    """I8: by the newest entry of the person's own record; whoever may not is told what they would be told of nobody."""
    await reporting.append([enrolled(1)])
    path, nobody = f"/persons/{person(1)}/timeline", f"/persons/{person(5)}/timeline"
    own, another = str(person(1)), str(person(2))
    for status, claims in (
        (200, {}),
        (200, {"ancora_role": "auditor", "ancora_org": "ics"}),
        (200, {"ancora_role": "data-protection-officer", "ancora_org": "ics"}),
        (200, {"ancora_role": "beneficiary", "ancora_person": own}),
        (404, {"ancora_org": "ics"}),
        (404, {"ancora_role": "beneficiary", "ancora_person": another}),
    ):
        async with reporting.client(**claims) as client:
            found, missing = await client.get(path), await client.get(nobody)
        assert found.status_code == status, claims
        if status == 404:
            assert found.json()["detail"] == missing.json()["detail"]


async def test_responsibility_for_a_timeline_follows_the_person(reporting: Reporting) -> None:
    """Who handed a person over reads no more of them, what happened before included."""
    moved = enrolled(1)
    await reporting.append([enrolled(1), Happened(moved.event, moved.envelope | {"responsible_organisation": "ics"})])
    for organisation, status in (("ciac", 404), ("ics", 200)):
        async with reporting.client(ancora_org=organisation) as client:
            assert (await client.get(f"/persons/{person(1)}/timeline")).status_code == status


async def test_a_timeline_is_not_for_those_who_read_figures_only(reporting: Reporting) -> None:
    """I8."""
    await reporting.append([enrolled(1)])
    async with reporting.client(ancora_role="reporting-consumer") as consumer:
        assert (await consumer.get(f"/persons/{person(1)}/timeline")).status_code == 403
        assert (await consumer.get("/territory-progress")).status_code == 200
