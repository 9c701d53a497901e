"""What every store promises about timers: one suite, run on memory and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from contracts.envelope import ClockKind
from services._runtime.clock import SystemClock
from services._runtime.ids import new_id
from services._runtime.store.port import Append, ConcurrencyError, StreamAppend, Timer
from tests.support.recorded import SIMULATED, new_events, new_stream, opening

if TYPE_CHECKING:
    from datetime import datetime

    from tests.runtime.store.conftest import World

DAY = timedelta(days=1)
NOW = SystemClock().now()


def _timer(due: datetime, clock: ClockKind = ClockKind.SYSTEM) -> Timer:
    return Timer(new_id(), "review-due", new_stream(), due, clock)


async def test_timers_are_due_from_their_moment_on_earliest_first(world: World) -> None:
    """A timer waits for its moment; the one that waited longest is served first."""
    late, early, future = _timer(NOW), _timer(NOW - DAY), _timer(NOW + DAY)
    await world.store.append(replace(opening(new_stream()), timers=(late, early, future)))

    assert await world.store.due_timers(NOW) == [early, late]
    assert await world.store.due_timers(NOW, limit=1) == [early]
    assert await world.store.due_timers(NOW + DAY) == [early, late, future]
    assert await world.store.due_timers(NOW - 2 * DAY) == []


async def test_a_settled_timer_is_never_due_again(world: World) -> None:
    """Whether an append settled it or nothing went with it, and even where it is set once more."""
    first, second = _timer(NOW), _timer(NOW)
    await world.store.append(replace(opening(new_stream()), timers=(first, second)))
    await world.store.append(replace(opening(new_stream()), settled_timers=(first.timer_id, new_id())))
    assert await world.store.due_timers(NOW) == [second]

    await world.store.settle_timer(second.timer_id)
    await world.store.settle_timer(second.timer_id)
    await world.store.settle_timer(new_id())
    await world.store.append(replace(opening(new_stream()), timers=(first, second)))
    assert await world.store.due_timers(NOW) == []


async def test_setting_a_timer_twice_sets_it_once(world: World) -> None:
    """The id is derived from its cause, so that a repetition finds what is there."""
    timer = _timer(NOW)
    await world.store.append(replace(opening(new_stream()), timers=(timer,)))
    await world.store.append(replace(opening(new_stream()), timers=(replace(timer, due_at=NOW + DAY),)))
    assert await world.store.due_timers(NOW) == [timer]


async def test_a_timer_set_and_settled_by_one_append_is_settled(world: World) -> None:
    """A command may do and undo."""
    timer = _timer(NOW)
    await world.store.append(replace(opening(new_stream()), timers=(timer,), settled_timers=(timer.timer_id,)))
    assert await world.store.due_timers(NOW) == []


async def test_a_refused_append_sets_and_settles_nothing(world: World) -> None:
    """Timers are stored with the events or not at all."""
    stream, timer = new_stream(), _timer(NOW)
    await world.store.append(replace(opening(stream), timers=(timer,)))
    with pytest.raises(ConcurrencyError):
        await world.store.append(replace(opening(stream), timers=(_timer(NOW),), settled_timers=(timer.timer_id,)))
    assert await world.store.due_timers(NOW) == [timer]


async def test_timers_of_the_demonstration_follow_its_latest_event(demonstration_world: World) -> None:
    """The simulated clock stands where the latest simulated event put it, whatever the machine's says."""
    simulated, real = _timer(SIMULATED + DAY, ClockKind.DEMONSTRATION), _timer(NOW)
    await demonstration_world.store.append(replace(opening(new_stream()), timers=(simulated, real)))
    assert await demonstration_world.store.due_timers(NOW + DAY) == [real]

    await demonstration_world.store.append(_simulated_at(SIMULATED))
    assert await demonstration_world.store.due_timers(NOW - DAY) == []
    await demonstration_world.store.append(_simulated_at(SIMULATED + DAY))
    assert await demonstration_world.store.due_timers(NOW - DAY) == [simulated]
    assert await demonstration_world.store.due_timers(NOW) == [simulated, real]


def _simulated_at(moment: datetime) -> Append:
    stream = new_stream()
    return Append((StreamAppend(stream, 0, new_events(stream, at=moment, clock=ClockKind.DEMONSTRATION)),))
