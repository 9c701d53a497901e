"""A file of many rows to a whole Ancora whose intake dies in the middle: the same file again, and everybody is enrolled exactly once."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Any

import httpx

from services._runtime.ids import new_id
from tests.journeys.callers import LEADER, Callers
from tests.support.enrolment_files import SELAM, as_csv
from tests.support.identities import unlike_anybody
from tests.support.whole import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.whole import Ancora

ROWS = 60
_ENROLLED = "select count(*) from store.events where type = 'intake.beneficiary_enrolled'"


def test_a_file_is_carried_out_exactly_once_although_intake_is_killed_in_the_middle(ancora: Ancora) -> None:
    """I1, I4: what was done before the kill is found again, what was not is done, nothing is done by halves."""
    raw = as_csv([SELAM | unlike_anybody() | {"row": str(at)} for at in range(ROWS)])
    key = str(new_id())
    with Callers(ancora) as callers:
        before = enrolled(ancora)
        headers = {"Authorization": f"Bearer {callers.token(LEADER)}", "Idempotency-Key": key, "Content-Type": "text/csv"}

        def send() -> httpx.Response:
            return httpx.post(f"{ancora.url('intake')}/enrolment-files", content=raw, headers=headers, timeout=60)

        first = Thread(target=_until_it_dies, args=(send,))
        first.start()
        eventually(lambda: enrolled(ancora) >= before + ROWS // 6)
        ancora.processes()["service-intake"].kill()
        first.join()
        between = enrolled(ancora)
        assert before < between < before + ROWS, "it died in the middle"

        answer = eventually(lambda: _answered(send), within_s=60)
        assert answer is not None
        items: list[dict[str, Any]] = answer.json()["items"]
        assert [one["outcome"] for one in items] == ["enrolled"] * ROWS
        assert enrolled(ancora) == before + ROWS
        assert len({one["beneficiary_id"] for one in items}) == ROWS
        assert {one["version"] for one in items} == {2}, "the notice and the enrolment, of each, once"
        again = send()
        assert again.json() == answer.json()
        assert enrolled(ancora) == before + ROWS


def enrolled(ancora: Ancora) -> int:
    """Return how many enrolments are stored."""
    with ancora.superuser("intake") as connection:
        row = connection.execute(_ENROLLED).fetchone()
    assert row is not None
    return int(row[0])


def _until_it_dies(send: Callable[[], httpx.Response]) -> None:
    try:
        send()
    except httpx.TransportError:
        return


def _answered(send: Callable[[], httpx.Response]) -> httpx.Response | None:
    try:
        answer = send()
    except httpx.TransportError:
        return None
    return answer if answer.status_code == 200 else None
