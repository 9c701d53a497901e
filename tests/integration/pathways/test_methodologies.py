"""Versions of the methodology over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contracts.reference import consortium
from services._runtime.ids import new_id

if TYPE_CHECKING:
    from tests.integration.pathways.world import PathwaysWorld

LEAD: dict[str, Any] = {"ancora_role": "lead-partner"}


async def test_the_version_of_the_first_day_is_published_and_nothing_is_recorded_of_it(world: PathwaysWorld) -> None:
    """It is neither proposed nor endorsed any more; a version without files is answered like none."""
    founding, _ = (await world.get("/methodologies", ancora_role="municipality")).content["items"]
    assert (founding["version"], founding["status"], founding["record_version"]) == ("1.0", "published", 0)
    assert (founding["effective_from"], founding["needed"]) == ("2020-06-01", 11)
    body = {"content_sha256": founding["content_sha256"]}
    for version in ("1.0", "9.9"):
        assert (await world.post(f"/methodologies/{version}/proposal", body, **LEAD)).status == 404
        answer = await world.post(f"/methodologies/{version}/endorsements", {}, version=1, ancora_role="researcher", ancora_org="iprs")
        assert answer.status == 404
    assert (await world.post("/methodologies/1.1/proposal", body)).status == 403


async def test_the_next_version_is_proposed_endorsed_published_and_endorsed_on(world: PathwaysWorld) -> None:
    """A draft until the lead proposes the very files that are here; published by the eleventh partner; used with its notice."""
    _, draft = (await world.get("/methodologies", **LEAD)).content["items"]
    assert (draft["version"], draft["status"], draft["effective_from"], draft["record_version"]) == ("1.1", "draft", None, 0)
    other = await world.post("/methodologies/1.1/proposal", {"content_sha256": "ab" * 32}, **LEAD)
    assert (other.status, other.content["type"]) == (422, "urn:ancora:problem:methodology-content-differs")
    proposed = await world.post("/methodologies/1.1/proposal", {"content_sha256": draft["content_sha256"]}, **LEAD)
    assert proposed.status == 201, proposed.content
    third_sector = [one.code for one in consortium().organisations if one.kind == "third_sector"]
    partners = [("municipality", "comune-parma"), ("researcher", "iprs"), *(("team-coordinator", one) for one in third_sector[:9])]
    for version, (role, organisation) in enumerate(partners, 1):
        endorsed = await world.post("/methodologies/1.1/endorsements", {}, version=version, ancora_role=role, ancora_org=organisation)
        assert endorsed.status == 200, endorsed.content
    assert [one["type"] for one in endorsed.content["events"]] == ["pathways.methodology_endorsed", "pathways.methodology_published"]
    _, published = (await world.get("/methodologies", **LEAD)).content["items"]
    assert (published["status"], len(published["endorsed_by"])) == ("published", 11)
    # Pathways that open before its day keep the version of that day.
    opened = await world.get(f"/pathways/{await world.enrolled(new_id())}")
    assert opened.content["methodology_version"] == "1.0"
