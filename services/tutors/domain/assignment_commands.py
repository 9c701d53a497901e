"""What can be asked of an assignment, in the imperative, one frozen class each. Days arrive in the command, as days in Rome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.tutor_codes import (
    ConnectionKind,
    EndReason,
    MeetingKind,
    SilenceKind,
)
from services.tutors.domain.assignment_state import Support
from services.tutors.domain.follow_up_commands import PauseSilence, ResumeSilence
from services.tutors.domain.request_commands import HandedTo


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignTutor:
    """Put a tutor beside a person, from this day; `continues`: in the place of the tutor of that assignment."""

    assignment_id: UUID
    request_id: UUID
    tutor_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None = None
    starts_on: date
    continues: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMeeting:
    """Note a meeting of `held_on`, entered on the day `today`."""

    meeting_id: UUID
    held_on: date
    today: date
    duration_minutes: int
    kind: MeetingKind
    took_place: bool
    volunteers: tuple[UUID, ...] = ()
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectMeeting:
    """Say how a logged meeting should have been entered: all its values, and why."""

    meeting_id: UUID
    held_on: date
    today: date
    duration_minutes: int
    kind: MeetingKind
    took_place: bool
    volunteers: tuple[UUID, ...] = ()
    notes: str | None = None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IntroduceConnection:
    """Note to which kind of place or person the tutor introduced the beneficiary; entered on the day `today`."""

    connection_id: UUID
    kind: ConnectionKind
    introduced_on: date
    today: date
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSilence:
    """Look whether this clock of the contact policy has run out on this day (time asks, not a person)."""

    kind: SilenceKind
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EndAssignment:
    """End the assignment on this day; `continued_by`: by the assignment of another tutor."""

    ended_on: date
    reason: EndReason
    relationship_continues: bool | None = None
    notes: str | None = None
    continued_by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandAssignmentOver:
    """Let the organisation that is responsible now coordinate the assignment."""

    to: HandedTo


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenEarlierNotes:
    """Let the tutor of a later assignment of this request, which runs, read what was noted in this one; None where there is no such."""

    opened_to: Support | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignVolunteer:
    """Let a named volunteer of the group or association stand beside the person from this day."""

    volunteer_id: UUID
    since: date
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawVolunteer:
    """Let a volunteer stand beside the person no longer; `until` is the first day without them."""

    volunteer_id: UUID
    until: date


@dataclass(frozen=True, slots=True)
class LoseVolunteer:
    """A volunteer left the group or association: with that day they stand beside the person no longer, if they did."""

    volunteer_id: UUID
    until: date


AssignmentCommand = (
    AssignTutor
    | LogMeeting
    | CorrectMeeting
    | IntroduceConnection
    | NoticeSilence
    | PauseSilence
    | ResumeSilence
    | EndAssignment
    | HandAssignmentOver
    | OpenEarlierNotes
    | AssignVolunteer
    | WithdrawVolunteer
    | LoseVolunteer
)
