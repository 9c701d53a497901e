"""What time asks for: a review is overdue once its day has passed. Timers follow from events, and wake a command."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.pathways import PathwayClosed, PathwayResumed, PathwayReviewed, PlanAgreed
from services._runtime.clock import ROME, day_of
from services._runtime.handling import Step, TimerChanges
from services._runtime.ids import derived_id
from services._runtime.store.port import Timer
from services.pathways.domain.commands import MarkReviewOverdue

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import date

    from contracts.envelope import Envelope
    from contracts.event import Event
    from services._runtime.decider import Context
    from services._runtime.handling import Commands
    from services.pathways.app.decider import PathwayDecider

REVIEW_DUE = "review-due"


def timetable(event: Event, envelope: Envelope) -> TimerChanges:
    """Return the timers that an event of a pathway sets and settles.

    A suspension settles none: a resumption on the same day would await the same review again, and the decider asks the
    state anyway before it records that a review is overdue.
    """
    match event:
        case PlanAgreed(review_due=due):
            return TimerChanges(set=(_timer(event.pathway_id, due, envelope),))
        case PathwayReviewed(was_due=was_due, review_due=due):
            settled = _timer_id(event.pathway_id, was_due)
            return TimerChanges(set=(_timer(event.pathway_id, due, envelope),), settle=(settled,))
        case PathwayResumed(review_due=due) if due is not None:
            return TimerChanges(set=(_timer(event.pathway_id, due, envelope),))
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

    return {REVIEW_DUE: mark_overdue}


def _timer(pathway_id: UUID, due: date, envelope: Envelope) -> Timer:
    """Return the timer that falls due as the day after `due` begins in Rome."""
    moment = datetime.combine(due + timedelta(days=1), time(), tzinfo=ROME).astimezone(UTC)
    return Timer(_timer_id(pathway_id, due), REVIEW_DUE, envelope.stream_id, moment, envelope.clock)


def _timer_id(pathway_id: UUID, due: date) -> UUID:
    return derived_id(REVIEW_DUE, pathway_id, due)
