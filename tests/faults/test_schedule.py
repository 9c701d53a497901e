"""Schedules: the same for ever, and nothing left out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.faults.schedule import BETWEEN_STEPS, LENGTH_S, OF_PROCESSES, PARTS, ROUND, schedule

SEEDS = st.integers(min_value=0, max_value=10**6)


@given(SEEDS)
def test_a_seed_gives_the_same_faults_each_time(seed: int) -> None:
    """What a run found can be run again."""
    assert schedule(seed) == schedule(seed)
    assert [planned.at_s for planned in schedule(seed)] == sorted(planned.at_s for planned in schedule(seed))
    assert all(0 < planned.at_s <= LENGTH_S and planned.for_s >= 0 for planned in schedule(seed))


@given(SEEDS)
def test_ten_seeds_inflict_every_fault_on_every_target(seed: int) -> None:
    """Whatever number a round begins with."""
    first = seed - seed % ROUND
    inflicted = {(planned.fault, planned.target) for each in range(first, first + ROUND) for planned in schedule(each)}
    assert inflicted == {(fault, target) for fault, target, _ in (*PARTS, *OF_PROCESSES, *BETWEEN_STEPS)}


def test_seeds_differ() -> None:
    """A hundred of them are a hundred different schedules."""
    assert len({schedule(seed) for seed in range(100)}) == 100
