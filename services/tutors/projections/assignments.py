"""The assignments: who stands beside whom, how often they meet, and where it has gone silent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.assignments import AssignmentEnded, ConnectionIntroduced, MeetingCorrected, MeetingLogged, SilenceNoticed, TutorAssigned
from contracts.handing_over import AssignmentHandedOver
from services._runtime.projecting.lists import narrowed
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query


class AssignmentStatus(StrEnum):
    """Whether the tutor still stands beside the person."""

    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class MeetingMark:
    """One meeting as last corrected; zero minutes where it did not take place."""

    meeting_id: UUID
    held_on: date
    minutes: int


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """One assignment. `silent_since` is the day from which a silence is counted, until a meeting ends it."""

    assignment_id: UUID
    request_id: UUID
    tutor_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    organisation: str
    territory: str
    municipality: str | None
    status: AssignmentStatus
    starts_on: date
    ended_on: date | None
    meetings: tuple[MeetingMark, ...]
    connections: int
    silent_since: date | None

    @property
    def took_place(self) -> tuple[MeetingMark, ...]:
        """The meetings that took place."""
        return tuple(mark for mark in self.meetings if mark.minutes)

    @property
    def last_contact(self) -> date | None:
        """The day of the last meeting that took place."""
        return max((mark.held_on for mark in self.took_place), default=None)


READS = (TutorAssigned, MeetingLogged, MeetingCorrected, ConnectionIntroduced, SilenceNoticed, AssignmentHandedOver, AssignmentEnded)


def keys_of(fact: Fact) -> list[Key]:
    """Return the assignment that the event is about."""
    return [(fact.event.assignment_id,)] if isinstance(fact.event, READS) else []


def evolve(row: AssignmentRow | None, fact: Fact, _key: Key) -> AssignmentRow:
    """Return the assignment after an event of its stream."""
    match fact.event, row:
        case TutorAssigned() as event, _:
            return _assigned(event)
        case (MeetingLogged() | MeetingCorrected()) as event, AssignmentRow():
            return _met(row, MeetingMark(event.meeting_id, event.held_on, event.duration_minutes))
        case ConnectionIntroduced(), AssignmentRow():
            return replace(row, connections=row.connections + 1)
        case SilenceNoticed(since=since), AssignmentRow():
            return replace(row, silent_since=since)
        case AssignmentHandedOver() as to, AssignmentRow():
            return replace(row, organisation=to.organisation, territory=to.territory, municipality=to.municipality)
        case AssignmentEnded(ended_on=ended_on), AssignmentRow():
            return replace(row, status=AssignmentStatus.ENDED, ended_on=ended_on, silent_since=None)
        case event, _:
            raise ValueError(f"{event.type_name} on a stream that does not begin with an assignment")


def _met(row: AssignmentRow, meeting: MeetingMark) -> AssignmentRow:
    others = tuple(mark for mark in row.meetings if mark.meeting_id != meeting.meeting_id)
    meetings = tuple(sorted((*others, meeting), key=lambda mark: (mark.held_on, mark.meeting_id)))
    ends_silence = row.silent_since is not None and meeting.minutes and meeting.held_on > row.silent_since
    return replace(row, meetings=meetings, silent_since=None if ends_silence else row.silent_since)


def _assigned(event: TutorAssigned) -> AssignmentRow:
    return AssignmentRow(
        assignment_id=event.assignment_id,
        request_id=event.request_id,
        tutor_id=event.tutor_id,
        beneficiary_id=event.beneficiary_id,
        pathway_id=event.pathway_id,
        organisation=event.organisation,
        territory=event.territory,
        municipality=event.municipality,
        status=AssignmentStatus.RUNNING,
        starts_on=event.starts_on,
        ended_on=None,
        meetings=(),
        connections=0,
        silent_since=None,
    )


ASSIGNMENTS = ReadModel(
    name="assignments", version=2, row=AssignmentRow, key=("assignment_id",), reads=READS, keys_of=keys_of, evolve=evolve
)


def assignments_of(
    own: Mapping[str, object],
    filters: Mapping[str, object],
    *,
    since: date | None = None,
    until: date | None = None,
    after: Key | None,
    limit: int,
) -> Query:
    """Return the query for a page of the assignments that are somebody's own, by id. Both are columns and values; None means any.

    `since` and `until` are days on which an assignment began.
    """
    return narrowed(Query(either=(own,), after=after, limit=limit), filters, day="starts_on", since=since, until=until)
