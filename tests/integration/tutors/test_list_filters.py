"""Tutors, requests and assignments as lists: filtered together and counted; in memory and on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services._runtime.ids import new_id

if TYPE_CHECKING:
    from tests.integration.tutors.api import Api


async def counted(api: Api, path: str, **claims: object) -> int:
    """Return how many items a list says that all its pages hold; a page of one holds one of them."""
    answer = await api.get(path, **claims)
    assert answer.status_code == 200, answer.text
    first = (await api.get(f"{path}{'&' if '?' in path else '?'}limit=1", **claims)).json()
    count: int = answer.json()["count"]
    assert first["count"] == count == len(answer.json()["items"])
    assert len(first["items"]) == min(count, 1)
    return count


async def test_tutors_requests_and_assignments_are_filtered_and_counted(api: Api) -> None:
    """By status, province, kind, days; filters hold together, and the count is of all pages."""
    person, tutor, _, _ = await api.assigned()
    await api.registered(territory="BO", municipality=None)
    await api.requested()
    await api.project()
    for path, shown in (
        ("/tutors", 2),
        ("/tutors?territory=BO", 1),
        ("/tutors?kind=citizen&territory=PR", 1),
        ("/tutors?kind=association", 0),
        ("/tutors?status=approved", 1),
        ("/tutors?status=approved&territory=BO", 0),
        ("/tutor-requests", 2),
        ("/tutor-requests?status=open", 1),
        ("/tutor-requests?status=open&territory=BO", 0),
        ("/tutor-requests?until=2000-01-01", 0),
        ("/assignments", 1),
        ("/assignments?status=running&territory=PR", 1),
        ("/assignments?territory=BO", 0),
        (f"/assignments?beneficiary-id={person}&tutor-id={tutor.rpartition('/')[2]}", 1),
        (f"/assignments?tutor-id={new_id()}", 0),
        (f"/assignments?since={api.day(-201)}&until={api.day(-199)}", 1),
        (f"/assignments?since={api.day(-199)}", 0),
        ("/supervised-tutors", 0),
        ("/supervisor-absences?since=2020-01-01", 0),
    ):
        assert await counted(api, path) == shown, path
    for path in ("/tutors", "/tutor-requests", "/assignments"):
        assert await counted(api, path, ancora_org="another") == 0, "I8: a count is an answer, too"
