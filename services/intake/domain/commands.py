"""What intake can be told to do, as plain values. Days come with the command: a decider knows no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.envelope import Precision
from contracts.intake_codes import (
    Destination,
    DocumentKind,
    ExitReason,
    FamilyRelation,
    LeaveReason,
    NoticeChannel,
    ProtectionStatus,
    Sex,
    SpecialNeed,
)
from services.intake.domain.alias_commands import AliasCommand
from services.intake.domain.disclosure_commands import DisclosureCommand
from services.intake.domain.document_commands import RemindOfExpiry, RequestRenewal
from services.intake.domain.duplicate_commands import Candidate, Considered, DuplicateCommand
from services.intake.domain.joint_commands import JointCommand
from services.intake.domain.transfer import TransferCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a person is. A birth date known to the year or month only stands for its first day; citizenship is ISO 3166-1 alpha-3."""

    sex: Sex
    given_names: str | None
    family_name: str | None
    birth_date: date | None
    birth_date_precision: Precision | None = Precision.DAY
    citizenship: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDetails:
    """How a person is reached; languages are ISO 639 codes, the best understood first."""

    languages: tuple[str, ...] | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveNotice:
    """The privacy notice was given, in a language the person understands."""

    beneficiary_id: UUID
    organisation: str
    notice_version: str
    language: str
    how: NoticeChannel
    mediator: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginByReferral:
    """Begin a record of somebody whose referral is accepted with it; the notice and the enrolment follow."""

    beneficiary_id: UUID
    referral_id: UUID
    organisation: str
    territory: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolBeneficiary:
    """Take a person into care. `municipality` is any ISTAT code; `on` the day care begins.

    `candidates` are records that may be this person's, as far as they were found; `considered` what was said of them.
    """

    beneficiary_id: UUID
    organisation: str
    territory: str
    municipality: str | None
    identity: Identity
    contact: ContactDetails
    tax_code: str | None
    on: date
    candidates: tuple[Candidate, ...] = ()
    considered: tuple[Considered, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadmitBeneficiary:
    """Take a person into care again after an exit."""

    beneficiary_id: UUID
    organisation: str
    territory: str
    municipality: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitBeneficiary:
    """End care, and with it every programme the person is in."""

    beneficiary_id: UUID
    reason: ExitReason
    destination: Destination
    remarks: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitToProgramme:
    """Assess eligibility on a day and, where the policy allows, admit. `derogation` gives the grounds for one, in words."""

    beneficiary_id: UUID
    programme: str
    reference_date: date
    derogation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveProgramme:
    """Take a person out of a programme; care goes on."""

    beneficiary_id: UUID
    programme: str
    reason: LeaveReason


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordProtectionStatus:
    """State the status the person holds now."""

    beneficiary_id: UUID
    status: ProtectionStatus
    granted_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReceptionExit:
    """State the day on which the person left reception."""

    beneficiary_id: UUID
    exited_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectIdentity:
    """Restate the identity in full, with the reason in words. `on` is the day of the correction; `candidates` as when enrolling."""

    beneficiary_id: UUID
    identity: Identity
    reason: str
    on: date
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmTaxCode:
    """State the codice fiscale, provisional or definitive."""

    beneficiary_id: UUID
    tax_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeContact:
    """Restate how the person is reached."""

    beneficiary_id: UUID
    contact: ContactDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDocument:
    """Record a document's particulars, as seen."""

    beneficiary_id: UUID
    document_id: UUID
    kind: DocumentKind
    number: str | None
    issuer: str | None
    issued_on: date | None
    expires_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordVulnerability:
    """Restate the person's special needs; none is an answer too."""

    beneficiary_id: UUID
    needs: tuple[SpecialNeed, ...]
    words: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterResidence:
    """State the civil registration; `municipality` is any ISTAT code."""

    beneficiary_id: UUID
    municipality: str
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkHousehold:
    """State the household the person belongs to."""

    beneficiary_id: UUID
    household_id: UUID
    relation: FamilyRelation


@dataclass(frozen=True, slots=True, kw_only=True)
class AddNote:
    """Add a note in words."""

    beneficiary_id: UUID
    text: str


RecordFact = (
    RecordProtectionStatus
    | RecordReceptionExit
    | CorrectIdentity
    | ConfirmTaxCode
    | ChangeContact
    | RecordDocument
    | RecordVulnerability
    | RegisterResidence
    | LinkHousehold
    | AddNote
    | RequestRenewal
    | AliasCommand
    | DisclosureCommand
)
"""What may be recorded of a person once enrolled, also after the exit: late entries and corrections are facts too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeFoundInEmergency:
    """Demand that the person is there, before somebody of another `organisation` may read their record; nothing new is recorded of them."""

    organisation: str


PersonCommand = (
    BeginByReferral
    | GiveNotice
    | EnrolBeneficiary
    | ReadmitBeneficiary
    | ExitBeneficiary
    | AdmitToProgramme
    | LeaveProgramme
    | BeFoundInEmergency
    | DuplicateCommand
    | JointCommand
    | RemindOfExpiry
    | TransferCommand
    | RecordFact
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormHousehold:
    """Begin a household."""

    household_id: UUID
    organisation: str
    territory: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinHousehold:
    """Demand that the household exists, before a person is linked to it; nothing new is recorded of the household."""

    household_id: UUID


HouseholdCommand = FormHousehold | JoinHousehold
