"""Which volunteers of a group or an association stand beside a person: several at a time, each for their time, and who was at a meeting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.assignments import VolunteerAssigned, VolunteerWithdrawn
from contracts.errors import Invalid, Refusal
from services.tutors.domain.assignment_commands import WithdrawVolunteer
from services.tutors.domain.assignment_state import Ended, Running
from services.tutors.domain.meetings import AssignmentHasEnded, OutsideAssignment, VolunteerNotThere

if TYPE_CHECKING:
    from services.tutors.domain.assignment_commands import AssignVolunteer, LoseVolunteer
    from services.tutors.domain.assignment_state import AssignmentEvent


class VolunteerThereAlready(Refusal):
    """The volunteer stands beside the person already."""

    code = "volunteer-there-already"


class VolunteerMetLater(Refusal):
    """A meeting on that day or later says that the volunteer was there."""

    code = "volunteer-met-later"


def assign(command: AssignVolunteer, state: Running | Ended) -> VolunteerAssigned:
    """Return that a volunteer stands there. Whether they are of the tutor, and insured, is asked of the tutor in the same append."""
    if isinstance(state, Ended):
        raise AssignmentHasEnded(f"the assignment ended on {state.ended_on}: nobody joins it any more")
    if not state.support.starts_on <= command.since <= command.today:
        raise OutsideAssignment(f"a volunteer joins on a day of the assignment, which runs from {state.support.starts_on}, up to today")
    if any(one.until is None or command.since < one.until for one in state.volunteers if one.volunteer_id == command.volunteer_id):
        raise VolunteerThereAlready("the volunteer stands beside this person already, or did until a later day")
    support = state.support
    return VolunteerAssigned(
        assignment_id=support.assignment_id,
        beneficiary_id=support.beneficiary_id,
        tutor_id=support.tutor_id,
        volunteer_id=command.volunteer_id,
        since=command.since,
    )


def lose(command: LoseVolunteer, state: Running | Ended) -> list[AssignmentEvent]:
    """Return that whoever left the group stands there no longer; nothing where they did not."""
    if isinstance(state, Ended) or not state.has(command.volunteer_id):
        return []
    return [withdraw(WithdrawVolunteer(volunteer_id=command.volunteer_id, until=command.until), state)]


def withdraw(command: WithdrawVolunteer, state: Running | Ended) -> VolunteerWithdrawn:
    """Return that a volunteer stands there no longer; not before a meeting at which they were."""
    if isinstance(state, Ended):
        raise AssignmentHasEnded(f"the assignment ended on {state.ended_on}, and with it whoever stood there")
    there = next((one for one in state.volunteers if one.volunteer_id == command.volunteer_id and one.until is None), None)
    if there is None:
        raise VolunteerNotThere("no volunteer who stands beside this person is recorded under this id")
    if command.until < there.since:
        raise Invalid("a volunteer does not leave before they came")
    if any(command.volunteer_id in one.volunteers and one.held_on >= command.until for one in state.meetings):
        raise VolunteerMetLater("a meeting on that day or later says that they were there: correct it, or name a later day")
    support = state.support
    return VolunteerWithdrawn(
        assignment_id=support.assignment_id,
        beneficiary_id=support.beneficiary_id,
        tutor_id=support.tutor_id,
        volunteer_id=command.volunteer_id,
        until=command.until,
    )
