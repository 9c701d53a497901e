"""Assigning, ending and handing over, each as one append: the assignment, the request, the tutor's capacity; and matches before it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from services._runtime.handling import Step
from services._runtime.ids import derived_id
from services.tutors.app.deciders import ASSIGNMENT, REQUEST, TUTOR
from services.tutors.domain.assignment_commands import AssignTutor, AssignVolunteer, EndAssignment, HandAssignmentOver, LoseVolunteer
from services.tutors.domain.assignment_state import AssignmentState, NotAssigned, Running, earliest_end
from services.tutors.domain.follow_up_commands import CheckVolunteer, ReleaseVolunteer
from services.tutors.domain.matching_commands import CheckAssignable, ProposeMatch
from services.tutors.domain.request_commands import CloseForExit, HandRequestOver, MeetRequest, ReleaseRequest
from services.tutors.domain.tutor_commands import FreeCapacity, TakeCapacity
from services.tutors.domain.tutor_request_state import Met, NotRequested, RequestState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID


def match_id_of(assignment_id: UUID) -> UUID:
    """Return the id of the match that was agreed outside the matching: whoever knows its assignment finds it."""
    return derived_id("match", assignment_id)


def assigning(request_id: UUID, request: RequestState, told: MeetRequest, *, version: int | None) -> tuple[Step, ...]:
    """Return the steps that meet a request: RequestMet (after a match agreed outside, where there is one), TutorAssigned, CapacityTaken.

    The request's step comes first, so that one that is not open is refused as such; a repeated call gives the same steps.
    """
    meet = Step(REQUEST, request_id, told, version)
    if isinstance(request, NotRequested):
        return (meet,)
    wish = request.wish
    assign = AssignTutor(
        assignment_id=told.assignment_id,
        request_id=request_id,
        tutor_id=told.tutor_id,
        beneficiary_id=wish.beneficiary_id,
        pathway_id=wish.pathway_id,
        episode=wish.episode,
        organisation=wish.organisation,
        territory=wish.territory,
        municipality=wish.municipality,
        starts_on=told.starts_on,
        continues=told.instead_of,
    )
    met_on = None if told.agreed is None else told.agreed.first_meeting_on
    take = TakeCapacity(assignment_id=told.assignment_id, territory=wish.territory, on=told.starts_on, first_meeting_on=met_on)
    return (meet, Step(ASSIGNMENT, told.assignment_id, assign), Step(TUTOR, told.tutor_id, take))


def reassigning(
    assignment_id: UUID, assignment: AssignmentState, request: RequestState, told: MeetRequest, end: EndAssignment, *, version: int
) -> tuple[Step, ...]:
    """Return the steps by which another tutor takes over: AssignmentEnded, then as in `assigning`, and CapacityFreed.

    The assignment that ends comes first, so that one that has ended is refused as such; a repeated call gives the same steps. As in
    `ending`, the place that is free again may be in another organisation's register.
    """
    ends = Step(ASSIGNMENT, assignment_id, replace(end, continued_by=told.assignment_id), version)
    if isinstance(assignment, NotAssigned):
        return (ends,)
    support = assignment.support
    begins = assigning(support.request_id, request, replace(told, instead_of=assignment_id), version=None)
    return (ends, *begins, Step(TUTOR, support.tutor_id, FreeCapacity(assignment_id=assignment_id), follows=True))


def volunteering(assignment_id: UUID, assignment: AssignmentState, told: AssignVolunteer, *, version: int) -> tuple[Step, ...]:
    """Return the steps by which a volunteer joins: VolunteerAssigned, if the tutor names them and they are insured on that day.

    The tutor may be in another organisation's register: a transfer leaves them where they are.
    """
    joins = Step(ASSIGNMENT, assignment_id, told, version)
    if isinstance(assignment, NotAssigned):
        return (joins,)
    check = CheckVolunteer(volunteer_id=told.volunteer_id, on=told.since)
    return (joins, Step(TUTOR, assignment.support.tutor_id, check, follows=True))


def releasing(tutor_id: UUID, told: ReleaseVolunteer, running: Iterable[UUID], *, version: int) -> tuple[Step, ...]:
    """Return the steps by which a volunteer leaves a group or an association, and with it whomever they stand beside.

    `running` are the assignments for which the tutor's places are taken. A transfer may have made another organisation answer for some.
    """
    lost = LoseVolunteer(volunteer_id=told.volunteer_id, until=told.until)
    return (Step(TUTOR, tutor_id, told, version), *(Step(ASSIGNMENT, one, lost, follows=True) for one in sorted(running)))


def ending(
    assignment_id: UUID, assignment: AssignmentState, command: EndAssignment, *, version: int, still_wanted: bool
) -> tuple[Step, ...]:
    """Return the steps that end an assignment: AssignmentEnded, CapacityFreed, and RequestReopened or RequestWithdrawn.

    The assignment's step comes first, so that one that has ended is refused as such; a repeated call gives the same steps. The place
    that is free again may be in another organisation's register: a transfer leaves the tutor where they are.
    """
    end = Step(ASSIGNMENT, assignment_id, command, version)
    if isinstance(assignment, NotAssigned):
        return (end,)
    support = assignment.support
    release = ReleaseRequest(assignment_id=assignment_id, still_wanted=still_wanted)
    return (
        end,
        Step(TUTOR, support.tutor_id, FreeCapacity(assignment_id=assignment_id), follows=True),
        Step(REQUEST, support.request_id, release),
    )


def handing_over(
    hand: HandRequestOver, request: RequestState, assignment: AssignmentState, *, version: int, end: EndAssignment
) -> tuple[Step, ...]:
    """Return the steps by which a transfer reaches whatever a request is at, decided on this version of it.

    A tutor who stands beside the person goes on where the person stays in the province. Elsewhere the assignment ends, on its last
    meeting's day if that is later, and the wish is open again with the receiver.
    """
    if not isinstance(request, Met) or not isinstance(assignment, Running) or request.wish.responsibility >= hand.to.responsibility:
        return (Step(REQUEST, hand.request_id, hand, version),)
    if assignment.support.territory == hand.to.territory:
        return (Step(REQUEST, hand.request_id, hand, version), Step(ASSIGNMENT, request.assignment_id, HandAssignmentOver(to=hand.to)))

    def end_of(state: AssignmentState) -> EndAssignment:
        return end if isinstance(state, NotAssigned) else replace(end, ended_on=earliest_end(state, end.ended_on))

    return (
        Step(REQUEST, hand.request_id, replace(hand, ending=request.assignment_id), version),
        Step(ASSIGNMENT, request.assignment_id, end_of),
        Step(TUTOR, request.tutor_id, FreeCapacity(assignment_id=request.assignment_id)),
    )


def exiting(close: CloseForExit, request: RequestState, *, version: int, end: EndAssignment) -> tuple[Step, ...]:
    """Return the steps by which a person's exit concludes whatever their request is at, decided on this version of it.

    The assignment ends on the day of the exit, or on its last meeting's where that is later.
    """
    if not isinstance(request, Met):
        return (Step(REQUEST, close.request_id, close, version),)
    assignment_id = request.assignment_id

    def end_of(state: AssignmentState) -> EndAssignment:
        return end if isinstance(state, NotAssigned) else replace(end, ended_on=earliest_end(state, end.ended_on))

    return (
        Step(REQUEST, close.request_id, replace(close, assignment_id=assignment_id), version),
        Step(ASSIGNMENT, assignment_id, end_of),
        Step(TUTOR, request.tutor_id, FreeCapacity(assignment_id=assignment_id)),
    )


def proposing(request_id: UUID, request: RequestState, propose: ProposeMatch, *, version: int) -> tuple[Step, ...]:
    """Return the steps that propose a match: MatchProposed, if the tutor could be assigned on that day."""
    first = Step(REQUEST, request_id, propose, version)
    if isinstance(request, NotRequested):
        return (first,)
    return (first, Step(TUTOR, propose.tutor_id, CheckAssignable(territory=request.wish.territory, on=propose.on)))
