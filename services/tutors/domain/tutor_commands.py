"""What can be asked of a tutor, in the imperative, one frozen class each. Days arrive in the command, as days in Rome."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.tutor_codes import (
    RetirementReason,
    SuspensionReason,
    TutorKind,
    VettingOutcome,
)
from services.tutors.domain.follow_up_commands import FollowUpCommand
from services.tutors.domain.matching_commands import CheckAssignable, DescribeOffer


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
