"""What time asks for: a review is overdue once its day has passed, an accepted plan runs once nobody confirmed it in time.

Timers follow from events, and wake a command.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.joining import PathwayParted
from contracts.pathways import PathwayClosed, PathwayResumed, PathwayReviewed
from contracts.plans import PlanAccepted, PlanAgreed
from services._runtime.clock import ROME, day_of
from services._runtime.handling import Step, TimerChanges
from services._runtime.ids import derived_id
from services._runtime.store.port import Timer
from services.pathways.domain.commands import MarkReviewOverdue
from services.pathways.domain.confirming import RunPlan

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from contracts.envelope import Envelope
    from contracts.event import Event
    from services._runtime.decider import Context
    from services._runtime.handling import Commands
    from services.pathways.app.decider import PathwayDecider

REVIEW_DUE = "review-due"
PLAN_RUNS = "plan-runs"


def timetable(event: Event, envelope: Envelope) -> TimerChanges:
    """Return the timers that an event of a pathway sets and settles.

    A suspension settles none: a resumption on the same day would await the same review again, and the decider asks the
    state anyway before it records that a review is overdue. So it is where another record goes on.
    """
    match event:
        case PlanAccepted(runs_from=day):
            return TimerChanges(set=(_at_dawn(derived_id(PLAN_RUNS, event.pathway_id, day), PLAN_RUNS, day, envelope),))
        case PlanAgreed(review_due=date() as due) | PathwayResumed(review_due=date() as due):
            return TimerChanges(set=(_timer(event.pathway_id, due, envelope),))
        case PathwayReviewed(was_due=was_due, review_due=due):
            settled = _timer_id(event.pathway_id, was_due)
            return TimerChanges(set=(_timer(event.pathway_id, due, envelope),), settle=(settled,))
        case PathwayParted():
            return TimerChanges(set=_awaited_again(event, envelope))
        case PathwayClosed(review_due=due) if due is not None:
            return TimerChanges(settle=(_timer_id(event.pathway_id, due),))
        case _:
            return TimerChanges()


def timer_handlers(pathways: PathwayDecider) -> Mapping[str, Callable[[Timer, Commands, Context], Awaitable[None]]]:
    """Return what the scheduler does by kind of timer. A review that is awaited no longer is refused, and that settles it."""

    async def mark_overdue(timer: Timer, commands: Commands, context: Context) -> None:
        pathway_id = pathways.aggregate(timer.stream_id)
        due = day_of(timer.due_at) - timedelta(days=1)
        step = Step(pathways, pathway_id, MarkReviewOverdue(due=due))
        await commands.execute(step, context=context, settles=(timer.timer_id,))

    async def run_plan(timer: Timer, commands: Commands, context: Context) -> None:
        day = day_of(timer.due_at)
        step = Step(pathways, pathways.aggregate(timer.stream_id), RunPlan(runs_from=day, on=day))
        await commands.execute(step, context=context, settles=(timer.timer_id,))

    return {REVIEW_DUE: mark_overdue, PLAN_RUNS: run_plan}


def _awaited_again(parted: PathwayParted, envelope: Envelope) -> tuple[Timer, ...]:
    """Return timers of their own for what is awaited again: the ones before may have been served in vain meanwhile."""
    timers: list[Timer] = []
    if (due := parted.review_due) is not None:
        again = derived_id(REVIEW_DUE, parted.pathway_id, due, parted.decided)
        timers.append(_at_dawn(again, REVIEW_DUE, due + timedelta(days=1), envelope))
    if (day := parted.plan_runs_from) is not None:
        timers.append(_at_dawn(derived_id(PLAN_RUNS, parted.pathway_id, day, parted.decided), PLAN_RUNS, day, envelope))
    return tuple(timers)


def _timer(pathway_id: UUID, due: date, envelope: Envelope) -> Timer:
    """Return the timer that falls due as the day after `due` begins in Rome."""
    return _at_dawn(_timer_id(pathway_id, due), REVIEW_DUE, due + timedelta(days=1), envelope)


def _at_dawn(timer_id: UUID, kind: str, day: date, envelope: Envelope) -> Timer:
    """Return the timer that falls due as a day begins in Rome."""
    moment = datetime.combine(day, time(), tzinfo=ROME).astimezone(UTC)
    return Timer(timer_id, kind, envelope.stream_id, moment, envelope.clock)


def _timer_id(pathway_id: UUID, due: date) -> UUID:
    return derived_id(REVIEW_DUE, pathway_id, due)
