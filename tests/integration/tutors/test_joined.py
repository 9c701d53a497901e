"""A request whose record another one goes on for, over HTTP: in memory, and on PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.duplicates import DuplicateConfirmed, DuplicateSplit
from services._runtime.ids import new_id

if TYPE_CHECKING:
    from tests.integration.tutors.api import Api


async def test_a_request_and_its_row_in_the_list_tell_which_record_goes_on(api: Api) -> None:
    """Until the two are split."""
    person, request = await api.requested()
    survivor = new_id()
    await api.decided(DuplicateConfirmed, person, survivor, version=5)
    assert await _goes_on_under(api, request) == [str(survivor), str(survivor)]
    await api.decided(DuplicateSplit, person, survivor, version=6)
    assert await _goes_on_under(api, request) == [None, None]


async def test_a_record_that_goes_on_elsewhere_is_in_no_list_until_somebody_asks(api: Api) -> None:
    """Neither is it counted."""
    person, survivor = new_id(), new_id()
    await api.decided(DuplicateConfirmed, person, survivor, version=5)
    await api.project()
    page = (await api.get("/tutor-requests")).json()
    assert (page["items"], page["count"]) == ([], 0)


async def _goes_on_under(api: Api, request: str) -> list[str | None]:
    await api.project()
    (row,) = (await api.get("/tutor-requests")).json()["items"]
    return [(await api.get(request)).json()["goes_on_under"], row["goes_on_under"]]
