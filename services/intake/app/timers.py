"""What time asks for: an emergency access's review, a referral's answer, a look at documents; an erasure, once retention has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from contracts.emergency import EmergencyAccessOpened, EmergencyAccessReviewed
from contracts.intake import DocumentRecorded
from contracts.referrals import ReferralEvent
from services._runtime.handling import Step, TimerChanges
from services._runtime.ids import derived_id
from services._runtime.store.port import Timer
from services.intake.app import documents, referrals, retention
from services.intake.app.deciders import EMERGENCY
from services.intake.domain.emergency import MarkReviewOverdue

if TYPE_CHECKING:
    from contracts.envelope import Envelope
    from contracts.event import Event
    from services._runtime.decider import Context
    from services._runtime.handling import Commands

EMERGENCY_REVIEW_DUE = "emergency-review-due"


def timetable(event: Event, envelope: Envelope) -> TimerChanges:
    """Return the timers that an event of intake sets and settles."""
    match event:
        case EmergencyAccessOpened(emergency_id=emergency_id, review_due=due):
            timer = Timer(_timer_id(emergency_id), EMERGENCY_REVIEW_DUE, envelope.stream_id, due, envelope.clock)
            return TimerChanges(set=(timer,))
        case EmergencyAccessReviewed(emergency_id=emergency_id):
            return TimerChanges(settle=(_timer_id(emergency_id),))
        case DocumentRecorded():
            return documents.timetable(event, envelope)
        case _ if isinstance(event, ReferralEvent):
            return referrals.timetable(event, envelope)
        case _:
            return retention.timetable(event, envelope)


async def mark_review_overdue(timer: Timer, commands: Commands, context: Context) -> None:
    """Record that the review is overdue. One that was made meanwhile is refused, and that settles the timer."""
    step = Step(EMERGENCY, EMERGENCY.aggregate(timer.stream_id), MarkReviewOverdue())
    await commands.execute(step, context=context, settles=(timer.timer_id,))


TIMERS = {EMERGENCY_REVIEW_DUE: mark_review_overdue, **documents.TIMERS, **referrals.TIMERS, **retention.TIMERS}
"""What the scheduler does, by kind of timer."""


def _timer_id(emergency_id: UUID) -> UUID:
    return derived_id(EMERGENCY_REVIEW_DUE, emergency_id)
