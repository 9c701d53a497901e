"""A tutor's places: how many are offered, and what stands between a tutor and one more assignment.

That is the one rule which assigning, proposing and matching all ask.
"""

from __future__ import annotations

from datetime import date
from typing import assert_never

from contracts.errors import Invalid, Refusal
from contracts.tutors import AvailabilityChanged, CapacityFreed, CapacityTaken
from services.tutors.domain import approval
from services.tutors.domain.approval import TutorNotInsured
from services.tutors.domain.matching_commands import CheckAssignable
from services.tutors.domain.tutor_commands import ChangeAvailability, FreeCapacity, TakeCapacity
from services.tutors.domain.tutor_state import Approval, Facts, Registered, Suspended, TutorEvent

PlaceCommand = ChangeAvailability | TakeCapacity | FreeCapacity | CheckAssignable


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


class CapacityAlreadyHeld(Refusal):
    """The assignment holds a place of this tutor already."""

    code = "capacity-already-held"


class AssignmentsRunning(Refusal):
    """Running assignments stand against it: end or reassign them first."""

    code = "assignments-running"


class CapacityNotHeld(Refusal):
    """The assignment holds no place of this tutor."""

    code = "capacity-not-held"


def decide(command: PlaceCommand, state: Registered | Suspended) -> list[TutorEvent]:
    """Return what follows from a command about the places of a tutor on the register; raises a `Refusal`."""
    facts = state.facts
    match command:
        case ChangeAvailability():
            return [_change_availability(command, facts)]
        case TakeCapacity():
            return [_take(command, state)]
        case CheckAssignable():
            check_assignable(state, command.territory, command.on)
            return []
        case FreeCapacity():
            if command.assignment_id not in facts.taken:
                raise CapacityNotHeld("the assignment holds no place of this tutor")
            return [CapacityFreed(tutor_id=facts.profile.tutor_id, assignment_id=command.assignment_id)]
        case _:
            assert_never(command)


def _take(command: TakeCapacity, state: Registered | Suspended) -> CapacityTaken:
    """Return the place that goes to an assignment; raises the refusal that names what stands against it."""
    facts = state.facts
    if command.assignment_id in facts.taken:
        raise CapacityAlreadyHeld("the assignment holds a place of this tutor already")
    check_assignable(state, command.territory, command.on)
    if command.first_meeting_on is not None:
        check_insured(facts, command.first_meeting_on)
    return CapacityTaken(tutor_id=facts.profile.tutor_id, assignment_id=command.assignment_id)


def check_assignable(state: Registered | Suspended, territory: str, day: date) -> None:
    """Refuse a tutor who may not begin an assignment in this territory on a day, or has no place left."""
    facts = state.facts
    match state:
        case Suspended():
            raise TutorIsSuspended("the tutor is suspended: approve again first")
        case Registered(approval=Approval(approved_on=since)) if since <= day:
            approval.valid_until(facts, day)
        case Registered():
            raise TutorNotApproved("the tutor is not approved on that day")
        case _:
            assert_never(state)
    if facts.profile.territory != territory:
        raise TutorElsewhere(f"the tutor stands in {facts.profile.territory}, the request in {territory}")
    if not facts.available:
        raise TutorNotAvailable("the tutor takes no new assignments at present")
    if len(facts.taken) >= facts.capacity:
        raise TutorAtCapacity(f"all {facts.capacity} places are taken")


def check_insured(facts: Facts, day: date) -> None:
    """Refuse a first meeting on a day that no insurance covers."""
    if facts.insured_until(day) is None:
        raise TutorNotInsured("no insurance covers that day: every volunteer is insured before the first meeting")


def _change_availability(command: ChangeAvailability, facts: Facts) -> AvailabilityChanged:
    if command.capacity < 0:
        raise Invalid("a capacity is zero or more")
    if command.capacity < len(facts.taken):
        raise AssignmentsRunning(f"{len(facts.taken)} assignments are running: end some first, or say that no new ones are welcome")
    return AvailabilityChanged(tutor_id=facts.profile.tutor_id, capacity=command.capacity, available=command.available)
