"""Referrals as the machinery takes them, and what time asks of them: an answer that is late, and a declined one that is forgotten."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, assert_never
from uuid import UUID

from contracts.erasure import IntakeAcknowledged
from contracts.erasure_codes import SubjectKind
from contracts.referrals import ReferralAccepted, ReferralDeclined, ReferralEvent, ReferralReceived
from services._runtime.clock import ROME
from services._runtime.decider import Decider, Placement
from services._runtime.erasing.destroying import ACKNOWLEDGEMENT, Acknowledge
from services._runtime.handling import Step, TimerChanges
from services._runtime.ids import derived_id
from services._runtime.store.port import Timer
from services.intake.app.deciders import PERSON
from services.intake.domain import referral
from services.intake.domain.commands import BeginByReferral
from services.intake.domain.referral import (
    Accepted,
    AcceptReferral,
    Declined,
    MarkReferralUnanswered,
    NeverReceived,
    NoteReferralErased,
    Received,
    Referral,
    ReferralCommand,
)
from services.intake.domain.referral_terms import answer_due, kept_after_decline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.envelope import Envelope
    from services._runtime.decider import Context
    from services._runtime.handling import Commands
    from services._runtime.scheduling import TimerHandler

ANSWER_DUE = "referral-answer-due"
KEPT_UNTIL = "referral-kept-until"


def _place(state: Referral) -> Placement:
    match state:
        case NeverReceived():
            return Placement()
        case Received(received) | Accepted(received) | Declined(received):
            return Placement(responsible_organisation=received.organisation, territory=received.territory)
        case _:
            assert_never(state)


def _whose(state: Referral) -> UUID | None:
    return None if isinstance(state, NeverReceived) else state.received.beneficiary_id


REFERRAL: Decider[ReferralCommand, Referral, ReferralEvent] = Decider(
    category="referral", initial=NeverReceived(), decide=referral.decide, evolve=referral.evolve, place=_place, partition=_whose
)


def accepting(referral_id: UUID, state: Referral, version: int) -> tuple[Step, ...]:
    """Return the steps by which a referral is accepted: a record of the person begins with it. A repeated call gives the same steps."""
    accept = Step(REFERRAL, referral_id, AcceptReferral(), version)
    if isinstance(state, NeverReceived):
        return (accept,)
    received = state.received
    begin = BeginByReferral(
        beneficiary_id=received.beneficiary_id,
        referral_id=referral_id,
        organisation=received.organisation,
        territory=received.territory,
    )
    return (accept, Step(PERSON, received.beneficiary_id, begin))


def timetable(event: ReferralEvent, envelope: Envelope) -> TimerChanges:
    """Return the timers that an event of a referral sets and settles."""
    settled = (derived_id(ANSWER_DUE, event.referral_id),)
    match event:
        case ReferralReceived():
            return TimerChanges(set=(_timer(ANSWER_DUE, event.referral_id, answer_due(envelope.occurred_on), envelope),))
        case ReferralAccepted():
            return TimerChanges(settle=settled)
        case ReferralDeclined():
            kept = _timer(KEPT_UNTIL, event.referral_id, kept_after_decline(envelope.occurred_on), envelope)
            return TimerChanges(set=(kept,), settle=settled)
        case _:
            return TimerChanges()


async def mark_unanswered(timer: Timer, commands: Commands, context: Context) -> None:
    """Record that a referral was not answered in time. One that was answered meanwhile is refused, and that settles the timer."""
    step = Step(REFERRAL, REFERRAL.aggregate(timer.stream_id), MarkReferralUnanswered())
    await commands.execute(step, context=context, settles=(timer.timer_id,))


async def forget(timer: Timer, commands: Commands, context: Context) -> None:
    """Destroy what opens a declined referral's personal data, and say so. Nobody approves it: no care hangs on it.

    Cut off anywhere it is repeated, with the same result. The acknowledgement lets it be done again after a backup is put back.
    """
    referral_id = REFERRAL.aggregate(timer.stream_id)
    state = (await commands.read(REFERRAL, referral_id)).state
    if not isinstance(state, Declined):
        return
    person, expires = state.received.beneficiary_id, context.occurred_on + commands.destruction.key_backups
    await commands.destruction.destroy(person)
    said = IntakeAcknowledged(subject_id=person, kind=SubjectKind.BENEFICIARY, key_backups_expire_on=expires)
    await commands.execute(
        Step(REFERRAL, referral_id, NoteReferralErased(key_backups_expire_on=expires)),
        Step(ACKNOWLEDGEMENT, person, Acknowledge(said)),
        context=context,
        settles=(timer.timer_id,),
    )


TIMERS: Mapping[str, TimerHandler] = {ANSWER_DUE: mark_unanswered, KEPT_UNTIL: forget}
"""What each kind of timer asks when it is due."""


def _timer(kind: str, referral_id: UUID, last: date, envelope: Envelope) -> Timer:
    """Return the timer that falls due as the day after `last` begins in Rome."""
    moment = datetime.combine(last + timedelta(days=1), time(), tzinfo=ROME).astimezone(UTC)
    return Timer(derived_id(kind, referral_id), kind, envelope.stream_id, moment, envelope.clock)
