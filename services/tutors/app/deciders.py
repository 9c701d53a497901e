"""The aggregates as the machinery takes them: where their facts belong, and whose order they keep."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from contracts.erasure_codes import SubjectKind
from services._runtime.decider import Decider, Placement, Unique
from services._runtime.erasing.erasable import erasable
from services._runtime.erasing.process import EVENTS, Standing
from services._runtime.ids import derived_id
from services.tutors.domain import (
    assignment,
    assignment_state,
    register,
    supervisor,
    tutor,
    tutor_request,
    tutor_request_state,
    tutor_state,
)
from services.tutors.domain.assignment_commands import AssignmentCommand
from services.tutors.domain.assignment_state import AssignmentEvent, AssignmentState, NotAssigned
from services.tutors.domain.follow_up_commands import RegisterCommand, SupervisorCommand
from services.tutors.domain.meetings import MeetingAlreadyLogged
from services.tutors.domain.register import Register, RegisterEvent
from services.tutors.domain.request_commands import RequestCommand
from services.tutors.domain.supervisor import NotEnrolled, SupervisorEvent, SupervisorState
from services.tutors.domain.tutor_commands import TutorCommand
from services.tutors.domain.tutor_request_state import Met, NotRequested, Open, RequestEvent, RequestState, Unasked, Withdrawn
from services.tutors.domain.tutor_state import TutorEvent, TutorState, Unregistered

if TYPE_CHECKING:
    from uuid import UUID


def _place_tutor(state: TutorState) -> Placement:
    match state:
        case Unregistered():
            return Placement()
        case tutor_state.Registered(facts) | tutor_state.Suspended(facts) | tutor_state.Retired(facts):
            at = facts.profile
            return Placement(responsible_organisation=at.organisation, territory=at.territory)
        case _:
            assert_never(state)


def _place_request(state: RequestState) -> Placement:
    match state:
        case NotRequested():
            return Placement()
        case Unasked(wish) | Open(wish) | Met(wish) | Withdrawn(wish):
            return Placement(responsible_organisation=wish.organisation, territory=wish.territory, municipality=wish.municipality)
        case _:
            assert_never(state)


def _place_assignment(state: AssignmentState) -> Placement:
    match state:
        case NotAssigned():
            return Placement()
        case assignment_state.Running(at) | assignment_state.Ended(at):
            return Placement(responsible_organisation=at.organisation, territory=at.territory, municipality=at.municipality)
        case _:
            assert_never(state)


def _place_register(state: Register) -> Placement:
    return Placement(responsible_organisation=state.organisation)


def _place_supervisor(state: SupervisorState) -> Placement:
    return Placement() if isinstance(state, NotEnrolled) else Placement(responsible_organisation=state.organisation)


def _nobody(_state: object) -> None:
    """Key the stream of a tutor, a register or a supervisor by itself: it belongs to no beneficiary."""


def _whose_request(state: RequestState) -> UUID | None:
    return None if isinstance(state, NotRequested) else state.wish.beneficiary_id


def _whose_assignment(state: AssignmentState) -> UUID | None:
    return None if isinstance(state, NotAssigned) else state.support.beneficiary_id


def _elsewhere() -> MeetingAlreadyLogged:
    return MeetingAlreadyLogged("a meeting is logged under this id, in this assignment or another: it is one tutor's, once")


def _meetings(state: AssignmentState) -> tuple[Unique, ...]:
    """Return the meetings, each of which no other assignment has: nobody is credited with what another tutor did."""
    held = () if isinstance(state, NotAssigned) else state.meetings
    return tuple(Unique(f"meeting {one.meeting_id}", str(one.meeting_id), _elsewhere) for one in held)


def _standing(state: TutorState) -> Standing:
    match state:
        case Unregistered():
            return Standing.UNKNOWN
        case tutor_state.Registered() | tutor_state.Suspended():
            return Standing.NEEDED
        case tutor_state.Retired():
            return Standing.FREE
        case _:
            assert_never(state)


SERVING: Decider[TutorCommand, TutorState, TutorEvent] = Decider(
    category="tutor",
    initial=Unregistered(),
    decide=tutor.decide,
    evolve=tutor_state.evolve,
    place=_place_tutor,
    partition=_nobody,
)
"""A tutor's service, by itself."""

TUTOR = erasable(SERVING, EVENTS[SubjectKind.TUTOR], _standing)
"""A tutor: their service, and the erasure of their personal data."""

REQUEST: Decider[RequestCommand, RequestState, RequestEvent] = Decider(
    category="request",
    initial=NotRequested(),
    decide=tutor_request.decide,
    evolve=tutor_request_state.evolve,
    place=_place_request,
    partition=_whose_request,
)

ASSIGNMENT: Decider[AssignmentCommand, AssignmentState, AssignmentEvent] = Decider(
    category="assignment",
    initial=NotAssigned(),
    decide=assignment.decide,
    evolve=assignment_state.evolve,
    place=_place_assignment,
    partition=_whose_assignment,
    unique=_meetings,
)

REGISTER: Decider[RegisterCommand, Register, RegisterEvent] = Decider(
    category="register",
    initial=Register(),
    decide=register.decide,
    evolve=register.evolve,
    place=_place_register,
    partition=_nobody,
)

SUPERVISOR: Decider[SupervisorCommand, SupervisorState, SupervisorEvent] = Decider(
    category="supervisor",
    initial=NotEnrolled(),
    decide=supervisor.decide,
    evolve=supervisor.evolve,
    place=_place_supervisor,
    partition=_nobody,
)


def register_of(organisation: str) -> UUID:
    """Return the id of an organisation's register. Organisations are public, so it may be recomputed by anyone."""
    return derived_id("register", organisation)


def supervisor_of(organisation: str, pseudonym: str) -> UUID:
    """Return the id under which an organisation's supervisor of this pseudonym is recorded."""
    return derived_id("supervisor", organisation, pseudonym)
