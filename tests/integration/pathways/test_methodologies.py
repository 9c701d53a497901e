"""Versions of the methodology over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.integration.pathways.world import PathwaysWorld

LEAD: dict[str, Any] = {"ancora_role": "lead-partner"}


async def test_the_version_of_the_first_day_is_published_and_nothing_is_recorded_of_it(world: PathwaysWorld) -> None:
    """It is neither proposed nor endorsed any more; a version without files is answered like none."""
    (founding,) = (await world.get("/methodologies", ancora_role="municipality")).content["items"]
    assert (founding["version"], founding["status"], founding["record_version"]) == ("1.0", "published", 0)
    assert (founding["effective_from"], founding["needed"]) == ("2020-06-01", 11)
    body = {"content_sha256": founding["content_sha256"]}
    for version in ("1.0", "9.9"):
        assert (await world.post(f"/methodologies/{version}/proposal", body, **LEAD)).status == 404
        answer = await world.post(f"/methodologies/{version}/endorsements", {}, version=1, ancora_role="researcher", ancora_org="iprs")
        assert answer.status == 404
    assert (await world.post("/methodologies/1.1/proposal", body)).status == 403
