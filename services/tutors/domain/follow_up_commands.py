"""What can be asked about the follow-up of tutors and about the register, in the imperative. Days arrive in the command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from contracts.tutor_follow_up_codes import ExpenseKind, ExpenseProof, PauseReason, RegisterSection, ResolvingBody, SupervisorReason

if TYPE_CHECKING:
    from uuid import UUID

    from contracts.pathway_values import Evidence

# --- a tutor -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareExpense:
    """Declare what was spent on one day. `resolution_id` is the one that stands for this kind on that day, where one does."""

    expense_id: UUID
    kind: ExpenseKind
    proof: ExpenseProof
    amount_cents: int
    spent_on: date
    today: date
    assignment_id: UUID | None = None
    volunteer_id: UUID | None = None
    resolution_id: UUID | None = None
    receipt: Evidence | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawExpense:
    """Say that a declared expense does not stand, and why."""

    expense_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSupervisor:
    """Have this coordinator follow the tutor from this day on; `regular` is whose tutor it must be where an absence is why."""

    supervisor: str
    since: date
    reason: SupervisorReason
    regular: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseSection:
    """Put the tutor into this section of the register, from this day on."""

    section: RegisterSection
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NameVolunteer:
    """Name somebody who volunteers with a group or an association, from this day on."""

    volunteer_id: UUID
    section: RegisterSection
    since: date
    name: str
    birth_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckVolunteer:
    """Make sure that a volunteer is named, with the tutor and insured on this day; nothing follows where they are."""

    volunteer_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseVolunteer:
    """Say that a named volunteer is there no longer; `until` is the first day without them."""

    volunteer_id: UUID
    until: date


FollowUpCommand = DeclareExpense | WithdrawExpense | ChangeSupervisor | ChooseSection | NameVolunteer | ReleaseVolunteer | CheckVolunteer

# --- an organisation's register ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptResolution:
    """Record that a body of the organisation resolved for which kinds of expense a volunteer's own declaration suffices."""

    organisation: str
    resolution_id: UUID
    body: ResolvingBody
    adopted_on: date
    kinds: tuple[ExpenseKind, ...]
    minutes: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeResolution:
    """Record that a resolution holds no longer; `revoked_on` is the first day without it."""

    resolution_id: UUID
    revoked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyOnResolution:
    """Be there for an expense of this kind and day that is self-declared: nothing is recorded of it here."""

    kind: ExpenseKind
    on: date


RegisterCommand = AdoptResolution | RevokeResolution | RelyOnResolution

# --- a supervisor --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolSupervisor:
    """Let this coordinator follow tutors of the organisation."""

    organisation: str
    supervisor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrustTutor:
    """Give the tutor to this supervisor to follow, from this day on."""

    tutor_id: UUID
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class HandBackTutor:
    """Take the tutor from this supervisor."""

    tutor_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAbsence:
    """Record that this supervisor is away, both days included, and who follows their tutors meanwhile."""

    absence_id: UUID
    absent_from: date
    absent_until: date
    substitute: str
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """Have this supervisor stand in for another who is away, both days included."""

    absence_id: UUID
    instead_of: str
    absent_from: date
    absent_until: date


SupervisorCommand = EnrolSupervisor | EntrustTutor | HandBackTutor | RecordAbsence | StandIn

# --- an assignment -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseSilence:
    """Let the clocks of silence stand still, both days included."""

    paused_from: date
    paused_until: date
    reason: PauseReason
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeSilence:
    """End a pause: the clocks run again from this day on."""

    resumed_on: date
