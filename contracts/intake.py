"""What intake publishes: the facts of a person's care and of households. Days are days in Rome; codes are kebab-case.

Clear are only ids, codes the funder's figures need (sex, age band at admission, international protection, territory, one of
the four municipalities) and days; everything else is personal and None to a reader without the person's keys.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from contracts.envelope import Precision
from contracts.event import Event
from contracts.intake_codes import (
    AgeBand,
    Destination,
    DocumentKind,
    EligibilityOutcome,
    ExitReason,
    FamilyRelation,
    LeaveReason,
    NoticeChannel,
    ProtectionStatus,
    Sex,
    SpecialNeed,
)
from contracts.personal import DataClass, Personal

_IDENTITY = Personal(DataClass.IDENTITY)
_CONTACT = Personal(DataClass.CONTACT)
_PROTECTION = Personal(DataClass.PROTECTION)
_VULNERABILITY = Personal(DataClass.VULNERABILITY)
_NOTES = Personal(DataClass.NOTES)

IdentityText = Annotated[str | None, _IDENTITY]
IdentityDay = Annotated[date | None, _IDENTITY]
ContactText = Annotated[str | None, _CONTACT]
Languages = Annotated[tuple[str, ...] | None, _CONTACT]
FreeText = Annotated[str | None, _NOTES]


class NoticeGiven(Event, type="intake.notice_given"):
    """The privacy notice was given and understood; a person's stream begins with one. `language` is an ISO 639 code."""

    beneficiary_id: UUID
    organisation: str
    notice_version: str
    how: NoticeChannel
    mediator: bool
    language: ContactText = None


class BeneficiaryEnrolled(Event, type="intake.beneficiary_enrolled"):
    """Care begins: `episode` is 1. Territory is a province; municipality an ISTAT code, only where it is one of the four."""

    beneficiary_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None = None
    sex: Sex
    given_names: IdentityText = None
    family_name: IdentityText = None
    birth_date: IdentityDay = None
    birth_date_precision: Annotated[Precision | None, _IDENTITY] = None
    tax_code: IdentityText = None
    citizenship: IdentityText = None
    other_municipality: ContactText = None
    languages: Languages = None
    email: ContactText = None
    phone: ContactText = None
    address: ContactText = None


class BeneficiaryReadmitted(Event, type="intake.beneficiary_readmitted"):
    """Care begins again after an exit: `episode` is one more than the last."""

    beneficiary_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None = None
    other_municipality: ContactText = None


class BeneficiaryExited(Event, type="intake.beneficiary_exited"):
    """Care ends."""

    beneficiary_id: UUID
    episode: int
    reason: ExitReason
    destination: Destination
    remarks: FreeText = None


class ProtectionStatusRecorded(Event, type="intake.protection_status_recorded"):
    """The person's status; only whether it is international protection travels."""

    beneficiary_id: UUID
    international_protection: bool
    status: Annotated[ProtectionStatus | None, _PROTECTION] = None
    granted_on: Annotated[date | None, _PROTECTION] = None


class ReceptionExitRecorded(Event, type="intake.reception_exit_recorded"):
    """The day on which the person left the reception system."""

    beneficiary_id: UUID
    exited_on: date


class EligibilityAssessed(Event, type="intake.eligibility_assessed"):
    """What the programme's policy, in this version, says on the reference date; a derogation's grounds are sealed."""

    beneficiary_id: UUID
    programme: str
    policy_version: str
    reference_date: date
    outcome: EligibilityOutcome
    grounds: FreeText = None


class ProgrammeAdmitted(Event, type="intake.programme_admitted"):
    """The person counts for a programme, once; carries what the funder's figures need for ever."""

    beneficiary_id: UUID
    programme: str
    policy_version: str
    reference_date: date
    outcome: EligibilityOutcome
    sex: Sex
    age_band: AgeBand
    international_protection: bool


class ProgrammeLeft(Event, type="intake.programme_left"):
    """The person is no longer in the programme; the admission stays counted."""

    beneficiary_id: UUID
    programme: str
    reason: LeaveReason


class IdentityCorrected(Event, type="intake.identity_corrected"):
    """The identity as it is known now, restated in full; the earlier one stays in history. `reason` is in words."""

    beneficiary_id: UUID
    sex: Sex
    given_names: IdentityText = None
    family_name: IdentityText = None
    birth_date: IdentityDay = None
    birth_date_precision: Annotated[Precision | None, _IDENTITY] = None
    citizenship: IdentityText = None
    reason: FreeText = None


class TaxCodeConfirmed(Event, type="intake.tax_code_confirmed"):
    """The codice fiscale as it is known now: provisional (11 digits) or definitive (16 characters)."""

    beneficiary_id: UUID
    tax_code: IdentityText = None


class ContactChanged(Event, type="intake.contact_changed"):
    """How the person is reached, restated in full."""

    beneficiary_id: UUID
    languages: Languages = None
    email: ContactText = None
    phone: ContactText = None
    address: ContactText = None


class DocumentRecorded(Event, type="intake.document_recorded"):
    """A document's particulars, as seen."""

    beneficiary_id: UUID
    document_id: UUID
    kind: Annotated[DocumentKind | None, _IDENTITY] = None
    number: IdentityText = None
    issuer: IdentityText = None
    issued_on: IdentityDay = None
    expires_on: IdentityDay = None


class VulnerabilityRecorded(Event, type="intake.vulnerability_recorded"):
    """The person's special needs as they are known now, restated in full; nothing of it travels."""

    beneficiary_id: UUID
    needs: Annotated[tuple[SpecialNeed, ...] | None, _VULNERABILITY] = None
    words: Annotated[str | None, _VULNERABILITY] = None


class ResidenceRegistered(Event, type="intake.residence_registered"):
    """Civil registration. One of the four municipalities travels as its ISTAT code; any other is sealed."""

    beneficiary_id: UUID
    municipality: str | None = None
    other_municipality: ContactText = None
    address: ContactText = None


class HouseholdLinked(Event, type="intake.household_linked"):
    """The person belongs to a household."""

    beneficiary_id: UUID
    household_id: UUID
    relation: Annotated[FamilyRelation | None, _IDENTITY] = None


class NoteAdded(Event, type="intake.note_added"):
    """A note in words."""

    beneficiary_id: UUID
    text: FreeText = None


class HouseholdFormed(Event, type="intake.household_formed"):
    """A household's own stream begins; its members are linked from their side."""

    household_id: UUID
    organisation: str
    territory: str


PersonEvent = (
    NoticeGiven
    | BeneficiaryEnrolled
    | BeneficiaryReadmitted
    | BeneficiaryExited
    | ProtectionStatusRecorded
    | ReceptionExitRecorded
    | EligibilityAssessed
    | ProgrammeAdmitted
    | ProgrammeLeft
    | IdentityCorrected
    | TaxCodeConfirmed
    | ContactChanged
    | DocumentRecorded
    | VulnerabilityRecorded
    | ResidenceRegistered
    | HouseholdLinked
    | NoteAdded
)
"""Every event of a person's stream."""
