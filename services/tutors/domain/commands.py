"""What can be asked of the tutors service, in the imperative, one frozen class each. Days arrive in the command, as days in Rome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.tutor_codes import (
    ConnectionKind,
    EndReason,
    MeetingKind,
    RetirementReason,
    SilenceKind,
    SuspensionReason,
    TutorKind,
    VettingOutcome,
    WithdrawalReason,
)
from services.tutors.domain.follow_up_commands import FollowUpCommand, PauseSilence, ResumeSilence
from services.tutors.domain.matching_commands import AgreedOutside, CheckAssignable, DescribeOffer, DescribeWish, MatchCommand

# --- a tutor -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterTutor:
    """Enter a volunteer in the register. `paid_staff`: the volunteer declares to be paid by the same organisation."""

    tutor_id: UUID
    kind: TutorKind
    organisation: str
    territory: str
    municipality: str | None = None
    capacity: int
    paid_staff: bool
    runts: str | None = None
    name: str
    birth_date: date | None = None
    languages: tuple[str, ...] = ()
    volunteers: tuple[str, ...] = ()
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordInterview:
    """Note that the tutor was interviewed."""

    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTraining:
    """Note a completed training."""

    course: str
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVetting:
    """Note the outcome of the check of suitability, made `on` this day."""

    on: date
    outcome: VettingOutcome
    valid_until: date | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordInsurance:
    """Note a period, both days included, in which the tutor is insured."""

    valid_from: date
    valid_until: date
    kept_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveTutor:
    """Declare that the tutor may be assigned, from this day."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseApproval:
    """Look whether the approval still stands on this day (time asks, not a person)."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendTutor:
    """Keep the tutor from new assignments until approved again."""

    reason: SuspensionReason
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetireTutor:
    """Take the tutor off the register for good."""

    reason: RetirementReason
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAvailability:
    """Change how many assignments at once, and whether new ones are welcome."""

    capacity: int
    available: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeCapacity:
    """Give one place to an assignment in this territory that starts `on` this day."""

    assignment_id: UUID
    territory: str
    on: date
    first_meeting_on: date | None = None
    """Where the two met before it was recorded: the tutor was insured then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeCapacity:
    """Give the place of an ended assignment back."""

    assignment_id: UUID


TutorCommand = (
    RegisterTutor
    | RecordInterview
    | RecordTraining
    | RecordVetting
    | RecordInsurance
    | ApproveTutor
    | LapseApproval
    | SuspendTutor
    | RetireTutor
    | ChangeAvailability
    | TakeCapacity
    | FreeCapacity
    | FollowUpCommand
    | DescribeOffer
    | CheckAssignable
)

# --- a tutor request -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTutor:
    """Ask for a tutor for this person, as this version of the plan says."""

    request_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None = None
    plan_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetRequest:
    """Answer the request with this assignment, which both accepted: in the matching, or as told in `agreed`.

    `availability`: how often the tutor has changed theirs.
    """

    assignment_id: UUID
    tutor_id: UUID
    starts_on: date
    availability: int = 0
    agreed: AgreedOutside | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRequest:
    """Let go of an assignment that ends; `still_wanted`: the person wants another tutor."""

    assignment_id: UUID
    still_wanted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRequest:
    """Take an open request back; `plan_version`: because this version of the plan no longer wants a tutor."""

    reason: WithdrawalReason
    plan_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseForExit:
    """End whatever the request is at: the person's episode ended. `assignment_id` is the assignment that ends in the same append.

    The rest says where the facts belong, should nothing be recorded under this id yet.
    """

    request_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None = None
    assignment_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedTo:
    """Where responsibility for a person has moved; `responsibility` is intake's version of that fact."""

    transfer_id: UUID
    organisation: str
    territory: str
    municipality: str | None
    sender: str
    responsibility: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandRequestOver:
    """Give the request to the organisation that is responsible now. `ending` is the assignment that ends with it in the same append.

    The ids say whose request it will be, should nothing be recorded under this id yet.
    """

    request_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    to: HandedTo
    ending: UUID | None = None


RequestCommand = (
    RequestTutor | DescribeWish | MatchCommand | MeetRequest | ReleaseRequest | WithdrawRequest | CloseForExit | HandRequestOver
)

# --- an assignment -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignTutor:
    """Put a tutor beside a person, from this day."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMeeting:
    """Note a meeting of `held_on`, entered on the day `today`."""

    meeting_id: UUID
    held_on: date
    today: date
    duration_minutes: int
    kind: MeetingKind
    took_place: bool
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
    """End the assignment on this day."""

    ended_on: date
    reason: EndReason
    relationship_continues: bool | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandAssignmentOver:
    """Let the organisation that is responsible now coordinate the assignment."""

    to: HandedTo


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
)
