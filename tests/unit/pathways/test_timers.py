"""Reviews that fall due: the timers that events set, and what waking them records."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.envelope import ClockKind
from contracts.pathways import ReviewOverdue
from services._runtime.clock import SimulatedClock
from services._runtime.decider import Context
from services._runtime.handling import Commands, Step
from services._runtime.scheduling import Scheduler
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.memory import MemoryEventStore
from services._runtime.store.recording import Recorder
from services.pathways.app.timers import REVIEW_DUE, timer_handlers, timetable
from services.pathways.domain.commands import ClosePathway, PathwayCommand, ResumePathway, ReviewPathway, SuspendPathway
from tests.unit.pathways.cases import AGREED, FIRST_REVIEW, PATHWAY, PATHWAY_ID, an_id

AGREED_AT = datetime(2021, 3, 10, 9, tzinfo=UTC)
LAST_MOMENT = datetime(2021, 6, 8, 21, 59, 59, tzinfo=UTC)
"""The last second of the day of the review, in Rome's summer."""


class Life:
    """One pathway, lived on a clock that the test moves."""

    def __init__(self) -> None:
        """Start in the moment of the agreement."""
        self.clock = SimulatedClock(AGREED_AT)
        self.store = MemoryEventStore("pathways", clock=self.clock)
        self.commands = Commands(self.store, Recorder(MemoryKeyring()), timetable)
        self.scheduler = Scheduler("pathways", self.store, self.commands, timer_handlers(PATHWAY), self.clock)

    async def live(self, *commands: PathwayCommand, at: datetime | None = None) -> None:
        """Carry out the commands, at a moment."""
        self.clock.move_to(at or self.clock.now())
        for command in commands:
            now = self.clock.now()
            context = Context(
                actor="worker-1",
                organisation="ciac",
                role="case-worker",
                purpose="integration",
                correlation=an_id("correlation"),
                now=now,
                occurred_on=now.date(),
            )
            await self.commands.execute(Step(PATHWAY, PATHWAY_ID, command), context=context)

    async def overdue(self, at: datetime) -> list[date]:
        """Let time pass until `at`; return the days of the reviews that were recorded as overdue so far."""
        self.clock.move_to(at)
        await self.scheduler.wake_due()
        events = (await self.commands.read(PATHWAY, PATHWAY_ID)).events
        return [event.was_due for event in events if isinstance(event, ReviewOverdue)]


@pytest.fixture
async def life() -> Life:
    """Give a pathway with an agreed plan."""
    life = Life()
    await life.live(*AGREED)
    return life


async def test_a_review_is_overdue_as_soon_as_its_day_is_over_in_rome(life: Life) -> None:
    """Not a second earlier; recorded once, however often time is asked."""
    assert await life.overdue(LAST_MOMENT) == []
    assert await life.overdue(LAST_MOMENT + timedelta(seconds=1)) == [FIRST_REVIEW]
    assert await life.overdue(LAST_MOMENT + timedelta(days=30)) == [FIRST_REVIEW]
    assert await life.store.due_timers(LAST_MOMENT + timedelta(days=365)) == []


async def test_a_review_that_was_held_settles_its_timer_and_sets_the_next(life: Life) -> None:
    """The next day is ninety days after the review."""
    await life.live(ReviewPathway(review_id=an_id("review"), on=date(2021, 6, 1)), at=datetime(2021, 6, 1, 9, tzinfo=UTC))
    assert await life.overdue(LAST_MOMENT + timedelta(days=1)) == []
    assert await life.overdue(datetime(2021, 8, 31, 9, tzinfo=UTC)) == [date(2021, 8, 30)]


async def test_a_review_after_its_day_settles_nothing_that_was_served(life: Life) -> None:
    """Overdue, then held: the next one is awaited as ever."""
    await life.overdue(LAST_MOMENT + timedelta(days=1))
    await life.live(ReviewPathway(review_id=an_id("review"), on=date(2021, 7, 1)), at=datetime(2021, 7, 1, 9, tzinfo=UTC))
    assert await life.overdue(datetime(2021, 9, 30, 9, tzinfo=UTC)) == [FIRST_REVIEW, date(2021, 9, 29)]


async def test_no_review_is_overdue_while_the_pathway_rests(life: Life) -> None:
    """The timer wakes, the decider refuses, and nothing is recorded."""
    await life.live(SuspendPathway(reason_code="other"))
    assert await life.overdue(LAST_MOMENT + timedelta(days=1)) == []
    assert await life.store.due_timers(LAST_MOMENT + timedelta(days=365)) == []


async def test_a_rest_of_less_than_a_day_forgets_no_review(life: Life) -> None:
    """Suspended and resumed on the day of the agreement, the same review is awaited again."""
    await life.live(SuspendPathway(reason_code="other"), ResumePathway(on=AGREED_AT.date()))
    assert await life.overdue(LAST_MOMENT + timedelta(seconds=1)) == [FIRST_REVIEW]


async def test_a_resumed_pathway_awaits_its_review_from_the_resumption_on(life: Life) -> None:
    """The earlier day passes without being overdue."""
    await life.live(SuspendPathway(reason_code="other"))
    await life.live(ResumePathway(on=date(2021, 5, 1)), at=datetime(2021, 5, 1, 9, tzinfo=UTC))
    assert await life.overdue(LAST_MOMENT + timedelta(days=1)) == []
    assert await life.overdue(datetime(2021, 7, 31, 9, tzinfo=UTC)) == [date(2021, 7, 30)]


async def test_a_closed_pathway_awaits_no_review(life: Life) -> None:
    """Closing settles the timer."""
    await life.live(ClosePathway(outcome="withdrew"))
    assert await life.store.due_timers(LAST_MOMENT + timedelta(days=365)) == []


async def test_timers_follow_the_clock_of_the_event_that_sets_them(life: Life) -> None:
    """A demonstration's review falls due in the demonstration's time."""
    opened = await life.commands.read(PATHWAY, PATHWAY_ID)
    envelope = opened.stored[-1].recorded.envelope
    (timer,) = timetable(opened.events[-1], replace(envelope, clock=ClockKind.DEMONSTRATION)).set
    assert (timer.kind, timer.clock) == (REVIEW_DUE, ClockKind.DEMONSTRATION)
    assert timer.due_at == LAST_MOMENT + timedelta(seconds=1)
    assert timetable(opened.events[0], envelope).set == ()
