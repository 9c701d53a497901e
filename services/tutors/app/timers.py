"""What time does in the tutors service: approvals run out, silence is noticed, absences begin and end. The decider looks again each time.

No timer is ever moved or withdrawn: one whose reason has passed meanwhile finds nothing to do.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from contracts.assignments import MeetingCorrected, MeetingLogged, SilenceNoticed, TutorAssigned
from contracts.tutor_codes import MeetingKind, SilenceKind
from contracts.tutor_follow_up import SilencePaused, SilenceResumed, SupervisorAbsenceRecorded
from contracts.tutors import InsuranceRecorded, TutorApproved, TutorRetired, VettingRecorded
from services._runtime.clock import ROME, day_of
from services._runtime.erasing.retaining import RETENTION_ENDS, retention_timer
from services._runtime.handling import Commands, Step, TimerChanges
from services._runtime.ids import derived_id
from services._runtime.store.port import Request, Timer
from services.tutors.app.deciders import ASSIGNMENT, TUTOR
from services.tutors.app.retention import end_of_retention
from services.tutors.app.supervising import reassign
from services.tutors.domain.assignment_commands import NoticeSilence
from services.tutors.domain.policies import contact_policy
from services.tutors.domain.retention import kept_in_register
from services.tutors.domain.tutor_commands import LapseApproval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.envelope import Envelope
    from contracts.event import Event
    from services._runtime.decider import Context
    from services._runtime.scheduling import TimerHandler

APPROVAL_EXPIRES = "approval-expires"
ABSENCE = "supervisor-absence"
SILENCES = {kind: f"silence-{kind}" for kind in SilenceKind}
_DAY = timedelta(days=1)


def timetable(event: Event, envelope: Envelope) -> TimerChanges:
    """Return the timers that an event of this service sets."""
    kept = (retention_timer(envelope, kept_in_register(envelope.occurred_on)),) if isinstance(event, TutorRetired) else ()
    return TimerChanges(
        set=kept
        + tuple(
            Timer(
                timer_id=derived_id("timer", envelope.event_id, kind, due_at),
                kind=kind,
                stream_id=envelope.stream_id,
                due_at=due_at,
                clock=envelope.clock,
            )
            for kind, due_at in _due(event, envelope.recorded_at)
        )
    )


def _due(event: Event, recorded_at: datetime) -> list[tuple[str, datetime]]:  # noqa: PLR0911 - a case per event
    match event:
        case VettingRecorded(valid_until=date() as last) | InsuranceRecorded(valid_until=last) | TutorApproved(valid_until=last):
            return [(APPROVAL_EXPIRES, _start_of(last + _DAY))]
        case SupervisorAbsenceRecorded(absent_from=first, absent_until=last):
            return [(ABSENCE, _start_of(first)), (ABSENCE, _start_of(last + _DAY))]
        case TutorAssigned(starts_on=since):
            return _silences(since, *SilenceKind)
        case MeetingLogged(held_on=since):
            return _silences(since, *_clocks(event))
        case MeetingCorrected(held_on=since):
            # What counts may now be an earlier meeting, whose own timer has passed: look at once as well.
            at_once = [(SILENCES[clock], recorded_at) for clock in SilenceKind]
            return [*at_once, *_silences(since, *_clocks(event))]
        case SilenceNoticed(kind=SilenceKind.CONTACT, since=since):
            # For assignments of the time when escalation had no timer of its own.
            return _silences(since, SilenceKind.ESCALATION)
        case SilencePaused(paused_until=last):
            return _silences(last + _DAY, *SilenceKind)
        case SilenceResumed(resumed_on=since):
            return _silences(since, *SilenceKind)
        case _:
            return []


def _clocks(meeting: MeetingLogged | MeetingCorrected) -> tuple[SilenceKind, ...]:
    """Return the clocks that a meeting sets back: an attempt is a contact, a call no meeting in person."""
    if not meeting.took_place:
        return (SilenceKind.CONTACT,)
    return (SilenceKind.CONTACT, SilenceKind.ESCALATION) if meeting.kind is MeetingKind.REMOTE else tuple(SilenceKind)


def _silences(since: date, *kinds: SilenceKind) -> list[tuple[str, datetime]]:
    policy = contact_policy(since)
    return [(SILENCES[kind], _start_of(since + timedelta(days=policy.days(kind)))) for kind in kinds]


def _start_of(day: date) -> datetime:
    """Return the moment in UTC at which a day begins in Rome."""
    return datetime.combine(day, time(), ROME).astimezone(UTC)


async def expire_approval(timer: Timer, commands: Commands, context: Context) -> None:
    """Ask the tutor's decider whether the approval still stands on this day."""
    command = LapseApproval(on=day_of(context.now))
    await _execute(Step(TUTOR, TUTOR.aggregate(timer.stream_id), command), timer, commands, context)


def _noticing(kind: SilenceKind) -> TimerHandler:
    async def notice_silence(timer: Timer, commands: Commands, context: Context) -> None:
        command = NoticeSilence(kind=kind, on=day_of(context.now))
        await _execute(Step(ASSIGNMENT, ASSIGNMENT.aggregate(timer.stream_id), command), timer, commands, context)

    return notice_silence


HANDLERS: Mapping[str, TimerHandler] = {
    APPROVAL_EXPIRES: expire_approval,
    RETENTION_ENDS: end_of_retention,
    ABSENCE: reassign,
    **{SILENCES[kind]: _noticing(kind) for kind in SilenceKind},
}
"""What each kind of timer asks when it is due."""


async def _execute(step: Step, timer: Timer, commands: Commands, context: Context) -> None:
    request = Request(client=context.actor, key=str(timer.timer_id), body_hmac=sha256(timer.timer_id.bytes).digest())
    await commands.execute(step, context=context, request=request, settles=(timer.timer_id,))
