"""The assignment as a state: who stands beside whom, what was entered, and how each event changes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import assert_never
from uuid import UUID

from contracts.assignments import (
    AssignmentEnded,
    ConnectionIntroduced,
    EarlierNotesOpened,
    MeetingCorrected,
    MeetingLogged,
    SilenceNoticed,
    TutorAssigned,
    VolunteerAssigned,
    VolunteerWithdrawn,
)
from contracts.errors import Unknown
from contracts.handing_over import AssignmentHandedOver
from contracts.tutor_codes import EndReason, MeetingKind, SilenceKind
from contracts.tutor_follow_up import SilencePaused, SilenceResumed
from services.tutors.domain.entries import Beside, Connection, Meeting, Pause, connection_of, meeting_of, pause_of, resumed, withdrawn

_DAY = timedelta(days=1)

AssignmentEvent = (
    TutorAssigned
    | MeetingLogged
    | MeetingCorrected
    | ConnectionIntroduced
    | SilenceNoticed
    | SilencePaused
    | SilenceResumed
    | AssignmentHandedOver
    | AssignmentEnded
    | EarlierNotesOpened
    | VolunteerAssigned
    | VolunteerWithdrawn
)


class AssignmentUnknown(Unknown):
    """No assignment is recorded under this id."""

    code = "assignment-unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Who stands beside whom, by which request, since when, who coordinates it, and which assignment of another tutor it continues.

    `responsibility` is intake's version of who is responsible, where a transfer was followed.
    """

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
    responsibility: int = 0
    continues: UUID | None = None


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
    pauses: tuple[Pause, ...] = ()
    volunteers: tuple[Beside, ...] = ()

    def has(self, volunteer_id: UUID) -> bool:
        """Tell whether a volunteer stands beside the person and has not left."""
        return any((one.volunteer_id, one.until) == (volunteer_id, None) for one in self.volunteers)

    def pause(self, day: date) -> Pause | None:
        """Return the pause that covers a day, or None while the clocks run."""
        return next((one for one in self.pauses if one.covers(day)), None)


@dataclass(frozen=True, slots=True)
class Ended:
    """The assignment is over; it keeps its meetings. `opened_to` are the later ones to whose tutors its notes were opened."""

    support: Support
    meetings: tuple[Meeting, ...]
    connections: tuple[Connection, ...]
    noticed: frozenset[tuple[SilenceKind, date]]
    ended_on: date
    reason: EndReason
    pauses: tuple[Pause, ...] = ()
    continued_by: UUID | None = None
    opened_to: frozenset[UUID] = frozenset()
    volunteers: tuple[Beside, ...] = ()


AssignmentState = NotAssigned | Running | Ended


def last_contact(state: Running | Ended, kind: SilenceKind, on: date) -> date:
    """Return the day from which a clock counts on a day: what it asks for last, or the day after the last pause, or the start.

    The tutor who came or called in vain kept contact, and met nobody; escalation asks for somebody who was really met or spoken with.
    """
    counted = (meeting.held_on for meeting in state.meetings if _counts(meeting, kind))
    anew = (pause.paused_until + _DAY for pause in state.pauses if pause.paused_until < on)
    return max([state.support.starts_on, *counted, *anew])


def _counts(meeting: Meeting, kind: SilenceKind) -> bool:
    match kind:
        case SilenceKind.CONTACT:
            return True
        case SilenceKind.MEETING:
            return meeting.took_place and meeting.kind is not MeetingKind.REMOTE
        case SilenceKind.ESCALATION:
            return meeting.took_place
        case _:
            assert_never(kind)


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


def _evolve_begun(state: Running | Ended, event: AssignmentEvent) -> AssignmentState:  # noqa: C901, PLR0911, PLR0912 - a case per event
    match event:
        case TutorAssigned():
            return Running(_support(event))
        case MeetingLogged():
            return replace(state, meetings=(*state.meetings, meeting_of(event)))
        case MeetingCorrected():
            corrected = (meeting_of(event) if m.meeting_id == event.meeting_id else m for m in state.meetings)
            return replace(state, meetings=tuple(corrected))
        case ConnectionIntroduced():
            return replace(state, connections=(*state.connections, connection_of(event)))
        case SilenceNoticed():
            return replace(state, noticed=state.noticed | {(event.kind, event.since)})
        case SilencePaused():
            return replace(state, pauses=(*state.pauses, pause_of(event)))
        case SilenceResumed():
            return replace(state, pauses=tuple(resumed(one, event.resumed_on) for one in state.pauses))
        case AssignmentHandedOver():
            return replace(state, support=_handed_over(state.support, event))
        case AssignmentEnded():
            return _ended(state, event)
        case VolunteerAssigned():
            return replace(state, volunteers=(*state.volunteers, Beside(volunteer_id=event.volunteer_id, since=event.since)))
        case VolunteerWithdrawn():
            return replace(state, volunteers=tuple(withdrawn(one, event) for one in state.volunteers))
        case EarlierNotesOpened():
            return replace(state, opened_to=state.opened_to | {event.opened_to}) if isinstance(state, Ended) else state
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
        continues=event.continues,
    )


def _ended(state: Running | Ended, event: AssignmentEnded) -> Ended:
    return Ended(
        state.support,
        state.meetings,
        state.connections,
        state.noticed,
        event.ended_on,
        event.reason,
        state.pauses,
        event.continued_by,
        volunteers=state.volunteers,
    )


def _handed_over(support: Support, event: AssignmentHandedOver) -> Support:
    return replace(
        support,
        organisation=event.organisation,
        territory=event.territory,
        municipality=event.municipality,
        responsibility=event.responsibility,
    )
