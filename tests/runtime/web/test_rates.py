"""What one caller may ask for in a time, and that nobody else pays for it."""

from __future__ import annotations

import pytest

from services._runtime.ids import new_id
from services._runtime.web.problems import Problem
from services._runtime.web.rates import WINDOW_S, Rates
from tests.runtime.web.records import problem, running


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _requests(rates: Rates, who: str) -> int:
    """Return how many requests go through now."""
    for count in range(1000):
        try:
            rates.request(who)
        except Problem as refused:
            return count if int(refused.headers["Retry-After"]) >= 1 else -1
    return 1000


def test_requests_go_through_at_a_rate_after_a_burst_and_each_caller_has_their_own() -> None:
    clock = _Clock()
    rates = Rates(requests=10, records=1, clock=clock)
    assert _requests(rates, "one") == 20
    assert _requests(rates, "two") == 20
    clock.now += 0.5
    assert _requests(rates, "one") == 5
    clock.now += 3600
    assert _requests(rates, "one") == 20, "what was not asked for is not saved up"


def test_different_records_are_counted_for_an_hour_and_the_same_one_once() -> None:
    clock = _Clock()
    rates = Rates(requests=1000, records=3, clock=clock)
    records = [new_id() for _ in range(4)]
    for record in (*records[:3], *records[:3]):
        rates.record("one", record)
        clock.now += 60
    with pytest.raises(Problem) as refused:
        rates.record("one", records[3])
    assert refused.value.headers["Retry-After"] == str(int(WINDOW_S - clock.now))
    rates.record("two", records[3])
    clock.now = WINDOW_S
    rates.record("one", records[3])
    with pytest.raises(Problem):
        rates.record("one", new_id())


async def test_over_http_it_is_429_whether_the_records_exist_or_not() -> None:
    """Whoever tries ids is stopped too, and what they already read stays open to them."""
    async with running(demonstration=False, rates=Rates(requests=1000, records=2)) as setup:
        mine, nobodys = await setup.record(), f"/records/{new_id()}"
        assert (await setup.client.get(mine, headers=setup.headers())).status_code == 200
        assert (await setup.client.get(nobodys, headers=setup.headers())).status_code == 404
        answer = await setup.client.get(f"/records/{new_id()}", headers=setup.headers())
        problem(answer, 429, "too-many-requests")
        assert int(answer.headers["retry-after"]) > 3000
        assert (await setup.client.get(mine, headers=setup.headers())).status_code == 200
        assert (await setup.client.get(nobodys, headers=setup.headers(sub="worker-2"))).status_code == 404


async def test_too_many_requests_are_refused_before_anything_is_looked_at() -> None:
    async with running(demonstration=False, rates=Rates(requests=2, records=100)) as setup:
        answers = [await setup.client.get("/whoami", headers=setup.headers()) for _ in range(12)]
    assert [answer.status_code for answer in answers[:4]] == [200] * 4
    problem(answers[-1], 429, "too-many-requests")


async def test_the_demonstration_lives_years_in_minutes_and_is_not_bounded() -> None:
    """Its people and their records are invented; its tokens are for nothing else."""
    async with running(demonstration=True, rates=Rates(requests=1, records=1)) as setup:
        headers = setup.headers(ancora_clock="demonstration")
        assert {(await setup.client.get("/whoami", headers=headers)).status_code for _ in range(12)} == {200}


async def test_a_token_of_the_demonstration_is_bounded_where_there_is_none() -> None:
    """What lifts the bounds is that the records are invented, and never a claim alone."""
    async with running(demonstration=False, rates=Rates(requests=1, records=1)) as setup:
        headers = setup.headers(ancora_clock="demonstration")
        answers = [await setup.client.get("/whoami", headers=headers) for _ in range(12)]
    problem(answers[-1], 429, "too-many-requests")
