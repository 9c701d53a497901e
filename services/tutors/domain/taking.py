"""What stands between a tutor and one more assignment: the one rule that assigning, proposing and matching all ask."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from contracts.errors import Refusal
from contracts.tutors import CapacityTaken
from services.tutors.domain import approval
from services.tutors.domain.approval import TutorNotInsured
from services.tutors.domain.commands import TakeCapacity
from services.tutors.domain.tutor_state import Approval, Facts, Registered, Suspended


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


def take(command: TakeCapacity, state: Registered | Suspended) -> CapacityTaken:
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
            raise TutorNotApproved(f"the tutor is not approved on {day}")
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
        raise TutorNotInsured(f"no insurance covers {day}: every volunteer is insured before the first meeting")
