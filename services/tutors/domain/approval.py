"""The tutor's approval: what it asks for, when it is given, and when it lapses."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from contracts.errors import Invalid, Refusal
from contracts.tutor_codes import LapseReason, VettingOutcome
from contracts.tutors import TutorApprovalLapsed, TutorApproved, VettingRecorded
from services.tutors.domain.tutor_commands import RecordVetting
from services.tutors.domain.tutor_state import Approval, Facts, Registered, Suspended, TutorEvent, lapse_reason


class InterviewMissing(Refusal):
    """The tutor was not interviewed yet."""

    code = "interview-missing"


class TrainingMissing(Refusal):
    """The tutor completed no training yet."""

    code = "training-missing"


class VettingNotPassed(Refusal):
    """No passed vetting is recorded."""

    code = "vetting-not-passed"


class VettingExpired(Refusal):
    """The vetting is not valid on that day."""

    code = "vetting-expired"


class TutorNotInsured(Refusal):
    """No recorded insurance covers that day: every volunteer is insured before the first meeting."""

    code = "tutor-not-insured"


class TutorAlreadyApproved(Refusal):
    """The approval stands, and nothing recorded since would prolong it."""

    code = "tutor-already-approved"


def record_vetting(command: RecordVetting, state: Registered | Suspended) -> list[TutorEvent]:
    """Return the vetting; a failed one ends an approval in the same breath."""
    failed = command.outcome is VettingOutcome.FAILED
    if failed and command.valid_until is not None:
        raise Invalid("a failed vetting is valid until no day")
    if not failed and (command.valid_until is None or command.valid_until < command.on):
        raise Invalid("a passed vetting says until when it is valid, a day not before it was made")
    tutor_id = state.facts.profile.tutor_id
    recorded = VettingRecorded(tutor_id=tutor_id, outcome=command.outcome, valid_until=command.valid_until, notes=command.notes)
    if failed and isinstance(state, Registered) and state.approval:
        return [recorded, TutorApprovalLapsed(tutor_id=tutor_id, reason=LapseReason.VETTING_FAILED, lapsed_on=command.on)]
    return [recorded]


def approve(day: date, state: Registered | Suspended) -> TutorApproved:
    """Return the approval from a day; raises the refusal that names what is missing."""
    facts = state.facts
    if not facts.interviewed:
        raise InterviewMissing("record the interview first")
    if not facts.trainings:
        raise TrainingMissing("record a completed training first")
    last = valid_until(facts, day)
    match state:
        case Registered(approval=Approval() as standing) if last <= standing.valid_until:
            raise TutorAlreadyApproved(f"the approval of {standing.approved_on} stands, and nothing since prolongs it")
        case Registered() | Suspended():
            return TutorApproved(tutor_id=facts.profile.tutor_id, approved_on=day, valid_until=last)
        case _:
            assert_never(state)


def valid_until(facts: Facts, day: date) -> date:
    """Return the last day on which every condition known now holds; raises the refusal that names the one that does not on `day`."""
    vetted = facts.vetting.valid_until if facts.vetting else None
    insured = facts.insured_until(day)
    match lapse_reason(facts, day):
        case LapseReason.VETTING_FAILED:
            raise VettingNotPassed("record a passed vetting first")
        case LapseReason.VETTING_EXPIRED:
            raise VettingExpired("the vetting is not valid on that day: record a new one")
        case LapseReason.INSURANCE_EXPIRED:
            raise TutorNotInsured("no insurance covers that day: every volunteer is insured before the first meeting")
        case None:
            return min(last for last in (vetted, insured) if last is not None)


def lapse(day: date, state: Registered | Suspended) -> list[TutorEvent]:
    """Return the end of an approval whose conditions no longer hold on a day, or nothing."""
    match state:
        case Registered(approval=Approval()) if (reason := lapse_reason(state.facts, day)) is not None:
            return [TutorApprovalLapsed(tutor_id=state.facts.profile.tutor_id, reason=reason, lapsed_on=day)]
        case Registered() | Suspended():
            return []
        case _:
            assert_never(state)
