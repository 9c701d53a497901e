"""What time asks of documents: a look at those of a person on each day on which a reminder is due."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from services._runtime.clock import ROME
from services._runtime.handling import Step, TimerChanges
from services._runtime.ids import derived_id
from services._runtime.store.port import Timer
from services.intake.app.deciders import PERSON
from services.intake.domain.document_commands import RemindOfExpiry
from services.intake.domain.documents import reminder_days

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from contracts.envelope import Envelope
    from contracts.intake import DocumentRecorded
    from services._runtime.decider import Context
    from services._runtime.handling import Commands
    from services._runtime.scheduling import TimerHandler

DOCUMENT_EXPIRING = "document-expiring"


def timetable(event: DocumentRecorded, envelope: Envelope) -> TimerChanges:
    """Return the timers of the reminders that are still to come. None is ever withdrawn: each looks again when it is due."""
    if event.expires_on is None:
        return TimerChanges()
    timers = (_timer(day, envelope) for day in reminder_days(event.expires_on, envelope.occurred_on))
    return TimerChanges(set=tuple(timer for timer in timers if timer.due_at > envelope.recorded_at))


async def remind(timer: Timer, commands: Commands, context: Context) -> None:
    """Tell which documents of the person are soon to expire, by what is recorded now: replaced ones, and a person who left, are none."""
    person = PERSON.aggregate(timer.stream_id)
    step = Step(PERSON, person, RemindOfExpiry(beneficiary_id=person, on=context.occurred_on))
    await commands.execute(step, context=context, settles=(timer.timer_id,))


TIMERS: Mapping[str, TimerHandler] = {DOCUMENT_EXPIRING: remind}
"""What each kind of timer asks when it is due."""


def _timer(day: date, envelope: Envelope) -> Timer:
    """Return the timer that falls due as the day begins in Rome; one for each day of each document that was recorded."""
    moment = datetime.combine(day, time(), tzinfo=ROME).astimezone(UTC)
    return Timer(derived_id(DOCUMENT_EXPIRING, envelope.event_id, day), DOCUMENT_EXPIRING, envelope.stream_id, moment, envelope.clock)
