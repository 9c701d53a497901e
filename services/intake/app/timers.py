"""What time asks for: an emergency access's review, a referral's answer, a look at documents, the lapse of a transfer; an erasure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.emergency import EmergencyAccessOpened, EmergencyAccessReviewed
from contracts.intake import DocumentRecorded
from contracts.referrals import ReferralEvent
from contracts.transfers import TransferAccepted, TransferDeclined, TransferRequested, TransferRevoked
from services._runtime.clock import ROME, day_of
from services._runtime.handling import Step, TimerChanges
from services._runtime.ids import derived_id
from services._runtime.store.port import Timer
from services.intake.app import documents, referrals, retention
from services.intake.app.deciders import EMERGENCY, PERSON
from services.intake.domain.emergency import MarkReviewOverdue
from services.intake.domain.transfer import LapseTransfer

if TYPE_CHECKING:
    from contracts.envelope import Envelope
    from contracts.event import Event
    from services._runtime.decider import Context
    from services._runtime.handling import Commands

EMERGENCY_REVIEW_DUE = "emergency-review-due"
TRANSFER_LAPSES = "transfer-lapses"


def timetable(event: Event, envelope: Envelope) -> TimerChanges:  # noqa: PLR0911 - a case per kind of event
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
        case TransferRequested(transfer_id=transfer_id, lapses_on=last):
            return TimerChanges(set=(_lapse(transfer_id, last, envelope),))
        case (
            TransferAccepted(transfer_id=transfer_id) | TransferDeclined(transfer_id=transfer_id) | TransferRevoked(transfer_id=transfer_id)
        ):
            return TimerChanges(settle=(_lapse_id(transfer_id),))
        case _:
            return retention.timetable(event, envelope)


async def mark_review_overdue(timer: Timer, commands: Commands, context: Context) -> None:
    """Record that the review is overdue. One that was made meanwhile is refused, and that settles the timer."""
    step = Step(EMERGENCY, EMERGENCY.aggregate(timer.stream_id), MarkReviewOverdue())
    await commands.execute(step, context=context, settles=(timer.timer_id,))


async def lapse_transfer(timer: Timer, commands: Commands, context: Context) -> None:
    """Let a transfer lapse that nobody has answered. Where it was answered meanwhile this is refused, and that settles the timer."""
    step = Step(PERSON, PERSON.aggregate(timer.stream_id), LapseTransfer(on=day_of(context.now)))
    await commands.execute(step, context=context, settles=(timer.timer_id,))


TIMERS = {
    EMERGENCY_REVIEW_DUE: mark_review_overdue,
    TRANSFER_LAPSES: lapse_transfer,
    **documents.TIMERS,
    **referrals.TIMERS,
    **retention.TIMERS,
}
"""What the scheduler does, by kind of timer."""


def _timer_id(emergency_id: UUID) -> UUID:
    return derived_id(EMERGENCY_REVIEW_DUE, emergency_id)


def _lapse(transfer_id: UUID, last: date, envelope: Envelope) -> Timer:
    """Return the timer that falls due as the day after the last one begins in Rome."""
    moment = datetime.combine(last + timedelta(days=1), time(), tzinfo=ROME).astimezone(UTC)
    return Timer(_lapse_id(transfer_id), TRANSFER_LAPSES, envelope.stream_id, moment, envelope.clock)


def _lapse_id(transfer_id: UUID) -> UUID:
    return derived_id(TRANSFER_LAPSES, transfer_id)
