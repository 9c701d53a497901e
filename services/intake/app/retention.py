"""What time asks of intake: where the data of somebody are kept no longer, their erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.intake import BeneficiaryExited, NoticeGiven
from contracts.referrals import PersonReferred
from services._runtime.erasing.retaining import RETENTION_ENDS, requesting_erasure, retention_timer
from services._runtime.handling import TimerChanges
from services.intake.app.deciders import PERSON
from services.intake.domain.person import Exited, Informed, Referred
from services.intake.domain.retention import kept_after_care, kept_after_notice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from contracts.envelope import Envelope
    from contracts.event import Event
    from services._runtime.erasing.erasable import Erasable
    from services._runtime.opening import Opened
    from services._runtime.scheduling import TimerHandler
    from services.intake.domain.person import Person


def timetable(event: Event, envelope: Envelope) -> TimerChanges:
    """Return the timer that an event of this service sets: none is withdrawn, for it looks again when it is due."""
    match event:
        case BeneficiaryExited():
            return TimerChanges(set=(retention_timer(envelope, kept_after_care(envelope.occurred_on)),))
        case NoticeGiven() | PersonReferred():
            return TimerChanges(set=(retention_timer(envelope, kept_after_notice(envelope.occurred_on)),))
        case _:
            return TimerChanges()


def kept_until(opened: Opened[Erasable[Person]]) -> date | None:
    """Return the last day for which a person's data are kept, by what is recorded now; None while they are in care."""
    days = {type(event): stored.recorded.envelope.occurred_on for event, stored in zip(opened.events, opened.stored, strict=True)}
    match opened.state.held:
        case Exited():
            return kept_after_care(days[BeneficiaryExited])
        case Informed():
            return kept_after_notice(days[NoticeGiven])
        case Referred():
            return kept_after_notice(days[PersonReferred])
        case _:
            return None


TIMERS: Mapping[str, TimerHandler] = {RETENTION_ENDS: requesting_erasure(PERSON, kept_until)}
"""What each kind of timer asks when it is due."""
