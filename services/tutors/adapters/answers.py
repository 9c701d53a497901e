"""What callers get back: one record with its personal values, for its own organisation; list items without any."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import assert_never
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.errors import Unknown
from contracts.tutor_codes import (
    ConnectionKind,
    MeetingKind,
    RetirementReason,
    SuspensionReason,
    TutorKind,
    VettingOutcome,
    WithdrawalReason,
)
from services.tutors.adapters.follow_up_answers import FollowUpAnswer, PauseAnswer, follow_up_answer
from services.tutors.adapters.talks_answers import DeclinedAnswer, MatchAnswer, TraitsAnswer, talks_answer, traits_answer
from services.tutors.domain.assignment_state import AssignmentState, Ended, NotAssigned, Running
from services.tutors.domain.tutor_request_state import Met, NotRequested, Open, RequestState, Unasked, Withdrawn
from services.tutors.domain.tutor_state import Approval, Registered, Retired, Suspended, TutorState, Unregistered
from services.tutors.projections.assignments import AssignmentRow, AssignmentStatus
from services.tutors.projections.tutor_requests import RequestStatus
from services.tutors.projections.tutors import TutorStatus


class Answer(BaseModel):
    """Read from the fields of a record or a row."""

    model_config = ConfigDict(from_attributes=True)


class InsuranceAnswer(Answer):
    """A period of cover, both days included."""

    valid_from: date
    valid_until: date


class VettingAnswer(Answer):
    """The last check of suitability."""

    outcome: VettingOutcome
    valid_until: date | None


class TutorAnswer(Answer):
    """A tutor as the own organisation sees them. Personal values are null once erased."""

    tutor_id: UUID
    status: TutorStatus
    kind: TutorKind
    organisation: str
    territory: str
    municipality: str | None
    runts: str | None
    name: str | None
    birth_date: date | None
    languages: tuple[str, ...] | None
    volunteers: tuple[str, ...] | None
    email: str | None
    phone: str | None
    capacity: int
    available: bool
    assignments: tuple[UUID, ...]
    interviewed: bool
    trainings: tuple[str, ...]
    vetting: VettingAnswer | None
    insurances: tuple[InsuranceAnswer, ...]
    follow_up: FollowUpAnswer
    approved_on: date | None = None
    approval_valid_until: date | None = None
    reason: SuspensionReason | RetirementReason | None = None
    offer: TraitsAnswer


class RequestAnswer(Answer):
    """A request for a tutor. `reason` says why it was withdrawn, `goes_on_under` which record of the same person goes on instead."""

    request_id: UUID
    status: RequestStatus
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None
    goes_on_under: UUID | None
    plan_version: int
    assignment_id: UUID | None = None
    tutor_id: UUID | None = None
    reason: WithdrawalReason | None = None
    wishes: TraitsAnswer
    match: MatchAnswer | None
    declined: tuple[DeclinedAnswer, ...]


class MeetingAnswer(Answer):
    """A meeting as last corrected."""

    meeting_id: UUID
    held_on: date
    duration_minutes: int
    kind: MeetingKind
    took_place: bool
    volunteers: tuple[UUID, ...]
    notes: str | None


class BesideAnswer(Answer):
    """A volunteer of the group or association beside the person; `until` is the first day without them. Names are the tutor's record's."""

    volunteer_id: UUID
    since: date
    until: date | None


class ConnectionAnswer(Answer):
    """An introduction."""

    connection_id: UUID
    kind: ConnectionKind
    introduced_on: date
    notes: str | None


class AssignmentAnswer(Answer):
    """An assignment with its meetings. `continues` and `continued_by` name the one of the tutor before, and of the tutor who took over."""

    assignment_id: UUID
    status: AssignmentStatus
    request_id: UUID
    tutor_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None
    starts_on: date
    ended_on: date | None
    continues: UUID | None
    continued_by: UUID | None
    notes_opened_to: tuple[UUID, ...]
    volunteers: tuple[BesideAnswer, ...]
    meetings: tuple[MeetingAnswer, ...]
    connections: tuple[ConnectionAnswer, ...]
    pauses: tuple[PauseAnswer, ...]


class TutorItem(Answer):
    """A tutor in a list: nobody's name."""

    tutor_id: UUID
    status: TutorStatus
    kind: TutorKind
    territory: str
    capacity: int
    taken: int
    available: bool
    insured_until: date | None
    vetting_valid_until: date | None
    approval_valid_until: date | None


class RequestItem(Answer):
    """A request in a list, at its status since a day; `goes_on_under` is the record of the same person that goes on instead."""

    request_id: UUID
    status: RequestStatus
    since: date
    beneficiary_id: UUID
    pathway_id: UUID
    territory: str
    municipality: str | None
    goes_on_under: UUID | None
    assignment_id: UUID | None
    tutor_id: UUID | None


class AssignmentItem(Answer):
    """An assignment in a list, its meetings counted."""

    assignment_id: UUID
    status: AssignmentStatus
    request_id: UUID
    tutor_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    territory: str
    starts_on: date
    ended_on: date | None
    meetings: int
    minutes: int
    last_contact: date | None
    silent_since: date | None
    connections: int


def tutor_answer(state: TutorState) -> TutorAnswer:
    """Return what is said of a tutor."""
    approval: Approval | None = None
    reason: SuspensionReason | RetirementReason | None = None
    match state:
        case Unregistered():
            raise Unknown("no tutor is registered under this id")
        case Registered(facts, approval):
            status = TutorStatus.APPROVED if approval else TutorStatus.REGISTERED
        case Suspended(facts, reason):
            status = TutorStatus.SUSPENDED
        case Retired(facts, reason):
            status = TutorStatus.RETIRED
        case _:
            assert_never(state)
    return TutorAnswer(
        **asdict(facts.profile),
        status=status,
        capacity=facts.capacity,
        available=facts.available,
        assignments=tuple(sorted(facts.taken)),
        interviewed=facts.interviewed,
        trainings=facts.trainings,
        vetting=VettingAnswer.model_validate(facts.vetting) if facts.vetting else None,
        insurances=tuple(InsuranceAnswer.model_validate(period) for period in facts.insurances),
        follow_up=follow_up_answer(facts.follow_up),
        approved_on=approval.approved_on if approval else None,
        approval_valid_until=approval.valid_until if approval else None,
        reason=reason,
        offer=traits_answer(facts.traits),
    )


def request_answer(state: RequestState) -> RequestAnswer:
    """Return what is said of a request."""
    match state:
        case NotRequested() | Unasked():
            raise Unknown("no request is recorded under this id")
        case Open(wish):
            told: dict[str, object] = {"status": RequestStatus.OPEN}
        case Met(wish, assignment_id, tutor_id):
            told = {"status": RequestStatus.MET, "assignment_id": assignment_id, "tutor_id": tutor_id}
        case Withdrawn(wish, reason):
            told = {"status": RequestStatus.WITHDRAWN, "reason": reason}
        case _:
            assert_never(state)
    return RequestAnswer.model_validate({**asdict(wish), **told, **talks_answer(state.talks)})


def assignment_answer(state: AssignmentState) -> AssignmentAnswer:
    """Return what is said of an assignment."""
    match state:
        case NotAssigned():
            raise Unknown("no assignment is recorded under this id")
        case Running():
            status, ended = AssignmentStatus.RUNNING, None
        case Ended() as ended:
            status = AssignmentStatus.ENDED
        case _:
            assert_never(state)
    return AssignmentAnswer(
        **asdict(state.support),
        status=status,
        ended_on=ended.ended_on if ended else None,
        continued_by=ended.continued_by if ended else None,
        notes_opened_to=tuple(sorted(ended.opened_to)) if ended else (),
        volunteers=tuple(BesideAnswer.model_validate(one) for one in state.volunteers),
        meetings=tuple(MeetingAnswer.model_validate(meeting) for meeting in state.meetings),
        connections=tuple(ConnectionAnswer.model_validate(connection) for connection in state.connections),
        pauses=tuple(PauseAnswer.model_validate(pause) for pause in state.pauses),
    )


def assignment_item(row: AssignmentRow) -> AssignmentItem:
    """Return a list's item for a row."""
    return AssignmentItem(
        assignment_id=row.assignment_id,
        status=row.status,
        request_id=row.request_id,
        tutor_id=row.tutor_id,
        beneficiary_id=row.beneficiary_id,
        pathway_id=row.pathway_id,
        territory=row.territory,
        starts_on=row.starts_on,
        ended_on=row.ended_on,
        meetings=len(row.took_place),
        minutes=sum(mark.minutes for mark in row.took_place),
        last_contact=row.last_contact,
        silent_since=row.silent_since,
        connections=row.connections,
    )
