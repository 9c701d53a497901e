"""The tutor's decisions: registered, approved while every condition holds, holding at most as many assignments as offered."""

from __future__ import annotations

from typing import assert_never

from contracts.errors import Invalid, Refusal
from contracts.tutor_codes import TutorKind
from contracts.tutors import (
    AvailabilityChanged,
    CapacityFreed,
    CapacityTaken,
    InsuranceRecorded,
    TutorInterviewed,
    TutorRegistered,
    TutorRetired,
    TutorSuspended,
    TutorTrained,
)
from services.tutors.domain import approval, following
from services.tutors.domain.commands import (
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
    Approval,
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


class TutorNotApproved(Refusal):
    """The tutor is not approved, or was not yet on that day."""

    code = "tutor-not-approved"


class TutorIsSuspended(Refusal):
    """The tutor is suspended: approve again first."""

    code = "tutor-is-suspended"


class TutorNotAvailable(Refusal):
    """The tutor takes no new assignments at present."""

    code = "tutor-not-available"


class TutorAtCapacity(Refusal):
    """Every place the tutor offered is taken."""

    code = "tutor-at-capacity"


class TutorElsewhere(Refusal):
    """The tutor's territory is not the request's."""

    code = "tutor-elsewhere"


class AssignmentsRunning(Refusal):
    """Running assignments stand against it: end or reassign them first."""

    code = "assignments-running"


class CapacityNotHeld(Refusal):
    """The assignment holds no place of this tutor."""

    code = "capacity-not-held"


class CapacityAlreadyHeld(Refusal):
    """The assignment holds a place of this tutor already."""

    code = "capacity-already-held"


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
        case ChangeAvailability():
            return [_change_availability(command, facts)]
        case TakeCapacity():
            return [_take(command, state)]
        case FreeCapacity():
            if command.assignment_id not in facts.taken:
                raise CapacityNotHeld("the assignment holds no place of this tutor")
            return [CapacityFreed(tutor_id=tutor_id, assignment_id=command.assignment_id)]
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


def _change_availability(command: ChangeAvailability, facts: Facts) -> AvailabilityChanged:
    if command.capacity < 0:
        raise Invalid("a capacity is zero or more")
    if command.capacity < len(facts.taken):
        raise AssignmentsRunning(f"{len(facts.taken)} assignments are running: end some first, or say that no new ones are welcome")
    return AvailabilityChanged(tutor_id=facts.profile.tutor_id, capacity=command.capacity, available=command.available)


def _take(command: TakeCapacity, state: Registered | Suspended) -> CapacityTaken:
    facts = state.facts
    if command.assignment_id in facts.taken:
        raise CapacityAlreadyHeld("the assignment holds a place of this tutor already")
    match state:
        case Suspended():
            raise TutorIsSuspended("the tutor is suspended: approve again first")
        case Registered(approval=Approval(approved_on=since)) if since <= command.on:
            approval.valid_until(facts, command.on)
        case Registered():
            raise TutorNotApproved(f"the tutor is not approved on {command.on}")
        case _:
            assert_never(state)
    if facts.profile.territory != command.territory:
        raise TutorElsewhere(f"the tutor stands in {facts.profile.territory}, the request in {command.territory}")
    if not facts.available:
        raise TutorNotAvailable("the tutor takes no new assignments at present")
    if len(facts.taken) >= facts.capacity:
        raise TutorAtCapacity(f"all {facts.capacity} places are taken")
    return CapacityTaken(tutor_id=facts.profile.tutor_id, assignment_id=command.assignment_id)
