"""The assignment as a state: who stands beside whom, what was entered, and how each event changes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from contracts.errors import Unknown
from contracts.tutor_codes import ConnectionKind, MeetingKind, SilenceKind
from contracts.tutors import (
    AssignmentEnded,
    ConnectionIntroduced,
    MeetingCorrected,
    MeetingLogged,
    SilenceNoticed,
    TutorAssigned,
)

AssignmentEvent = TutorAssigned | MeetingLogged | MeetingCorrected | ConnectionIntroduced | SilenceNoticed | AssignmentEnded


class AssignmentUnknown(Unknown):
    """No assignment is recorded under this id."""

    code = "assignment-unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Who stands beside whom, by which request, since when."""

    assignment_id: UUID
    request_id: UUID
    tutor_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None
    starts_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """One meeting as last corrected. Its notes are None once their key is destroyed."""

    meeting_id: UUID
    held_on: date
    duration_minutes: int
    kind: MeetingKind
    took_place: bool
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One introduction."""

    connection_id: UUID
    kind: ConnectionKind
    introduced_on: date
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class NotAssigned:
    """Nothing is recorded under this id."""


@dataclass(frozen=True, slots=True)
class Running:
    """The tutor stands beside the person. `noticed` are the silences already told, by clock and the day they count from."""

    support: Support
    meetings: tuple[Meeting, ...] = ()
    connections: tuple[Connection, ...] = ()
    noticed: frozenset[tuple[SilenceKind, date]] = frozenset()


@dataclass(frozen=True, slots=True)
class Ended:
    """The assignment is over; it keeps its meetings."""

    support: Support
    meetings: tuple[Meeting, ...]
    connections: tuple[Connection, ...]
    noticed: frozenset[tuple[SilenceKind, date]]
    ended_on: date


AssignmentState = NotAssigned | Running | Ended


def last_contact(state: Running | Ended, kind: SilenceKind) -> date:
    """Return the day from which a clock counts: the last meeting that it asks for, or the start."""
    in_person = kind is SilenceKind.MEETING
    days = (m.held_on for m in state.meetings if m.took_place and not (in_person and m.kind is MeetingKind.REMOTE))
    return max(days, default=state.support.starts_on)


def earliest_end(state: Running | Ended, wished: date) -> date:
    """Return the day an assignment can end on at the earliest, not before `wished`: nothing that is recorded lies after its end."""
    recorded = [*(meeting.held_on for meeting in state.meetings), *(each.introduced_on for each in state.connections)]
    return max([wished, state.support.starts_on, *recorded])


def evolve(state: AssignmentState, event: AssignmentEvent) -> AssignmentState:
    """Return the state after an event of this stream."""
    if isinstance(event, TutorAssigned):
        return Running(_support(event))
    match state:
        case NotAssigned():
            raise AssignmentUnknown("the stream does not begin with an assignment")
        case Running() | Ended():
            return _evolve_begun(state, event)
        case _:
            assert_never(state)


def _evolve_begun(state: Running | Ended, event: AssignmentEvent) -> AssignmentState:
    match event:
        case TutorAssigned():
            return Running(_support(event))
        case MeetingLogged():
            return replace(state, meetings=(*state.meetings, _meeting(event)))
        case MeetingCorrected():
            corrected = (_meeting(event) if m.meeting_id == event.meeting_id else m for m in state.meetings)
            return replace(state, meetings=tuple(corrected))
        case ConnectionIntroduced():
            return replace(state, connections=(*state.connections, _connection(event)))
        case SilenceNoticed():
            return replace(state, noticed=state.noticed | {(event.kind, event.since)})
        case AssignmentEnded():
            return Ended(state.support, state.meetings, state.connections, state.noticed, event.ended_on)
        case _:
            assert_never(event)


def _support(event: TutorAssigned) -> Support:
    return Support(
        assignment_id=event.assignment_id,
        request_id=event.request_id,
        tutor_id=event.tutor_id,
        beneficiary_id=event.beneficiary_id,
        pathway_id=event.pathway_id,
        episode=event.episode,
        organisation=event.organisation,
        territory=event.territory,
        municipality=event.municipality,
        starts_on=event.starts_on,
    )


def _meeting(event: MeetingLogged | MeetingCorrected) -> Meeting:
    return Meeting(
        meeting_id=event.meeting_id,
        held_on=event.held_on,
        duration_minutes=event.duration_minutes,
        kind=event.kind,
        took_place=event.took_place,
        notes=event.notes,
    )


def _connection(event: ConnectionIntroduced) -> Connection:
    return Connection(connection_id=event.connection_id, kind=event.kind, introduced_on=event.introduced_on, notes=event.notes)
