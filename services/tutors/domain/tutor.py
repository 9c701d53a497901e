"""The tutor's decisions: registered, approved while every condition holds, holding at most as many assignments as offered."""

from __future__ import annotations

from typing import assert_never

from contracts.errors import Invalid, Refusal
from contracts.tutor_codes import TutorKind
from contracts.tutors import (
    InsuranceRecorded,
    TutorInterviewed,
    TutorRegistered,
    TutorRetired,
    TutorSuspended,
    TutorTrained,
)
from services.tutors.domain import approval, following, taking
from services.tutors.domain.matching_commands import CheckAssignable, DescribeOffer
from services.tutors.domain.taking import AssignmentsRunning, TutorIsSuspended
from services.tutors.domain.traits import offer_described
from services.tutors.domain.tutor_commands import (
    ApproveTutor,
    ChangeAvailability,
    FreeCapacity,
    LapseApproval,
    RecordInsurance,
    RecordInterview,
    RecordTraining,
    RecordVetting,
    RegisterTutor,
    RetireTutor,
    SuspendTutor,
    TakeCapacity,
    TutorCommand,
)
from services.tutors.domain.tutor_state import (
    Facts,
    Registered,
    Retired,
    Suspended,
    TutorEvent,
    TutorState,
    TutorUnknown,
    Unregistered,
)


class TutorAlreadyRegistered(Refusal):
    """The id is taken: choose another one."""

    code = "tutor-already-registered"


class TutorIsRetired(Refusal):
    """The tutor left the register; who comes back is registered anew."""

    code = "tutor-is-retired"


class TutorIsPaidStaff(Refusal):
    """A volunteer cannot be paid staff of the same organisation (D.Lgs. 117/2017 art. 17)."""

    code = "tutor-is-paid-staff"


def decide(command: TutorCommand, state: TutorState) -> list[TutorEvent]:
    """Return what follows from a command to a tutor; raises a `Refusal`."""
    match state:
        case Unregistered():
            if isinstance(command, RegisterTutor):
                return [_register(command)]
            raise TutorUnknown("no tutor is registered under this id: check it, or register the tutor first")
        case Retired():
            return _decide_retired(command)
        case Registered() | Suspended():
            return _decide_registered(command, state)
        case _:
            assert_never(state)


def _decide_retired(command: TutorCommand) -> list[TutorEvent]:
    match command:
        case RegisterTutor():
            raise TutorAlreadyRegistered("this id belongs to a retired tutor: register under another one")
        case LapseApproval():
            return []
        case _:
            raise TutorIsRetired("the tutor left the register: who comes back is registered anew")


def _decide_registered(command: TutorCommand, state: Registered | Suspended) -> list[TutorEvent]:  # noqa: C901, PLR0911, PLR0912 - a case each
    facts = state.facts
    tutor_id = facts.profile.tutor_id
    match command:
        case RegisterTutor():
            raise TutorAlreadyRegistered("this id is taken: choose another one")
        case RecordInterview():
            return [TutorInterviewed(tutor_id=tutor_id, notes=command.notes)]
        case RecordTraining():
            return [TutorTrained(tutor_id=tutor_id, course=command.course, hours=command.hours)]
        case RecordVetting():
            return approval.record_vetting(command, state)
        case RecordInsurance():
            return [_insured(command, facts)]
        case ApproveTutor():
            return [approval.approve(command.on, state)]
        case LapseApproval():
            return approval.lapse(command.on, state)
        case SuspendTutor():
            if isinstance(state, Suspended):
                raise TutorIsSuspended("the tutor is suspended already")
            return [TutorSuspended(tutor_id=tutor_id, reason=command.reason, notes=command.notes)]
        case RetireTutor():
            if facts.taken:
                raise AssignmentsRunning(f"{len(facts.taken)} assignments are running: end them first")
            return [TutorRetired(tutor_id=tutor_id, reason=command.reason, notes=command.notes)]
        case ChangeAvailability() | TakeCapacity() | FreeCapacity() | CheckAssignable():
            return taking.decide(command, state)
        case DescribeOffer():
            return [offer_described(command.traits, tutor_id=tutor_id)]
        case _:
            return [*following.decide(command, facts)]


def _register(command: RegisterTutor) -> TutorRegistered:
    if command.paid_staff:
        raise TutorIsPaidStaff("a volunteer cannot be paid staff of the same organisation")
    if not command.name.strip():
        raise Invalid("a tutor has a name: the person's, the group's or the association's")
    if command.capacity < 1:
        raise Invalid("a tutor offers at least one place")
    if command.kind is TutorKind.ASSOCIATION and not command.volunteers:
        raise Invalid("an association names the volunteers who will be tutors")
    if command.kind is TutorKind.CITIZEN and command.volunteers:
        raise Invalid("a citizen volunteers alone: register a group or an association")
    if command.kind is not TutorKind.ASSOCIATION and command.runts is not None:
        raise Invalid("only an association has a RUNTS number")
    return TutorRegistered(
        tutor_id=command.tutor_id,
        kind=command.kind,
        organisation=command.organisation,
        territory=command.territory,
        municipality=command.municipality,
        capacity=command.capacity,
        runts=command.runts,
        name=command.name,
        birth_date=command.birth_date,
        languages=command.languages or None,
        volunteers=command.volunteers or None,
        email=command.email,
        phone=command.phone,
    )


def _insured(command: RecordInsurance, facts: Facts) -> InsuranceRecorded:
    if command.valid_until < command.valid_from:
        raise Invalid("an insurance ends on or after the day it begins")
    return InsuranceRecorded(
        tutor_id=facts.profile.tutor_id, valid_from=command.valid_from, valid_until=command.valid_until, kept_by=command.kept_by
    )
