"""What intake publishes: the facts of a person's care and of households. Days are days in Rome; codes are kebab-case.

Clear are only ids, codes the funder's figures need (sex, age band at admission, international protection, territory, one of
the four municipalities) and days; everything else is personal and None to a reader without the person's keys.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.aliases import AliasEvent
from contracts.disclosures import DisclosureEvent
from contracts.documents import DocumentEvent
from contracts.duplicate_comparisons import DuplicateComparisonEvent
from contracts.duplicates import DuplicateEvent
from contracts.envelope import Precision
from contracts.event import Event
from contracts.fields import BeneficiaryId, Episode, HouseholdId, Municipality, Organisation, PolicyVersion, Programme, Territory
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
from contracts.referrals import PersonReferred
from contracts.transfers import TransferEvent

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

    beneficiary_id: BeneficiaryId
    organisation: Organisation
    notice_version: str = Field(description="version of the privacy notice's text")
    how: NoticeChannel = Field(description="how the notice was given")
    mediator: bool = Field(description="whether a mediator interpreted")
    language: ContactText = Field(default=None, description="ISO 639 code of the language in which it was given")


class BeneficiaryEnrolled(Event, type="intake.beneficiary_enrolled"):
    """Care begins: `episode` is 1. Territory is a province; municipality an ISTAT code, only where it is one of the four."""

    beneficiary_id: BeneficiaryId
    episode: Episode
    organisation: Organisation
    territory: Territory
    municipality: Municipality = None
    sex: Sex = Field(description="as the funder asks for it")
    given_names: IdentityText = Field(default=None, description="given names, as on the document")
    family_name: IdentityText = Field(default=None, description="family name, as on the document")
    birth_date: IdentityDay = Field(default=None, description="day of birth; where only the month or year is known, its first day")
    birth_date_precision: Annotated[Precision | None, _IDENTITY] = Field(default=None, description="how exactly the day of birth is known")
    tax_code: IdentityText = Field(default=None, description="codice fiscale: provisional (11 digits) or definitive (16 characters)")
    citizenship: IdentityText = Field(default=None, description="ISO 3166-1 alpha-3 code of the country")
    other_municipality: ContactText = Field(default=None, description="where the person lives, if not in one of the four municipalities")
    languages: Languages = Field(default=None, description="ISO 639 codes of the languages that the person understands")
    email: ContactText = Field(default=None, description="address for electronic mail")
    phone: ContactText = Field(default=None, description="number under which the person is reached")
    address: ContactText = Field(default=None, description="where the person lives: street, number, place")


class BeneficiaryReadmitted(Event, type="intake.beneficiary_readmitted"):
    """Care begins again after an exit: `episode` is one more than the last."""

    beneficiary_id: BeneficiaryId
    episode: Episode
    organisation: Organisation
    territory: Territory
    municipality: Municipality = None
    other_municipality: ContactText = Field(default=None, description="where the person lives, if not in one of the four municipalities")


class BeneficiaryExited(Event, type="intake.beneficiary_exited"):
    """Care ends."""

    beneficiary_id: BeneficiaryId
    episode: Episode
    reason: ExitReason = Field(description="why care ends")
    destination: Destination = Field(description="where the person lives or goes")
    remarks: FreeText = Field(default=None, description="what else is to be known, in words")


class ProtectionStatusRecorded(Event, type="intake.protection_status_recorded"):
    """The person's status; only whether it is international protection travels."""

    beneficiary_id: BeneficiaryId
    international_protection: bool = Field(description="whether the status is refugee or subsidiary protection")
    status: Annotated[ProtectionStatus | None, _PROTECTION] = Field(
        default=None, description="the exact status; on the wire only whether it is international protection"
    )
    granted_on: Annotated[date | None, _PROTECTION] = Field(default=None, description="the day of the decision")


class ReceptionExitRecorded(Event, type="intake.reception_exit_recorded"):
    """The day on which the person left the reception system."""

    beneficiary_id: BeneficiaryId
    exited_on: date = Field(description="the last day in reception")


class EligibilityAssessed(Event, type="intake.eligibility_assessed"):
    """What the programme's policy, in this version, says on the reference date; a derogation's grounds are sealed."""

    beneficiary_id: BeneficiaryId
    programme: Programme
    policy_version: PolicyVersion
    reference_date: date = Field(description="the day for which the programme's rules are asked")
    outcome: EligibilityOutcome = Field(description="what the policy says")
    grounds: FreeText = Field(default=None, description="why the rules are set aside, in words; only with a derogation")


class ProgrammeAdmitted(Event, type="intake.programme_admitted"):
    """The person counts for a programme, once; carries what the funder's figures need for ever."""

    beneficiary_id: BeneficiaryId
    programme: Programme
    policy_version: PolicyVersion
    reference_date: date = Field(description="the day for which the programme's rules are asked")
    outcome: EligibilityOutcome = Field(description="what the policy says")
    sex: Sex = Field(description="as the funder asks for it")
    age_band: AgeBand = Field(description="age on the day of admission")
    international_protection: bool = Field(description="whether the status is refugee or subsidiary protection")


class ProgrammeLeft(Event, type="intake.programme_left"):
    """The person is no longer in the programme; the admission stays counted."""

    beneficiary_id: BeneficiaryId
    programme: Programme
    reason: LeaveReason = Field(description="why the person is in the programme no longer")


class IdentityCorrected(Event, type="intake.identity_corrected"):
    """The identity as it is known now, restated in full; the earlier one stays in history. `reason` is in words."""

    beneficiary_id: BeneficiaryId
    sex: Sex = Field(description="as the funder asks for it")
    given_names: IdentityText = Field(default=None, description="given names, as on the document")
    family_name: IdentityText = Field(default=None, description="family name, as on the document")
    birth_date: IdentityDay = Field(default=None, description="day of birth; where only the month or year is known, its first day")
    birth_date_precision: Annotated[Precision | None, _IDENTITY] = Field(default=None, description="how exactly the day of birth is known")
    citizenship: IdentityText = Field(default=None, description="ISO 3166-1 alpha-3 code of the country")
    reason: FreeText = Field(default=None, description="what was wrong, in words")


class TaxCodeConfirmed(Event, type="intake.tax_code_confirmed"):
    """The codice fiscale as it is known now: provisional (11 digits) or definitive (16 characters)."""

    beneficiary_id: BeneficiaryId
    tax_code: IdentityText = Field(default=None, description="codice fiscale: provisional (11 digits) or definitive (16 characters)")


class ContactChanged(Event, type="intake.contact_changed"):
    """How the person is reached, restated in full."""

    beneficiary_id: BeneficiaryId
    languages: Languages = Field(default=None, description="ISO 639 codes of the languages that the person understands")
    email: ContactText = Field(default=None, description="address for electronic mail")
    phone: ContactText = Field(default=None, description="number under which the person is reached")
    address: ContactText = Field(default=None, description="where the person lives: street, number, place")


class DocumentRecorded(Event, type="intake.document_recorded"):
    """A document's particulars, as seen."""

    beneficiary_id: BeneficiaryId
    document_id: UUID = Field(description="the document, whatever is later learnt of it")
    kind: Annotated[DocumentKind | None, _IDENTITY] = Field(default=None, description="which document")
    number: IdentityText = Field(default=None, description="the document's number")
    issuer: IdentityText = Field(default=None, description="the authority that issued it")
    issued_on: IdentityDay = Field(default=None, description="its first day")
    expires_on: IdentityDay = Field(default=None, description="its last day")


class VulnerabilityRecorded(Event, type="intake.vulnerability_recorded"):
    """The person's special needs as they are known now, restated in full; nothing of it travels."""

    beneficiary_id: BeneficiaryId
    needs: Annotated[tuple[SpecialNeed, ...] | None, _VULNERABILITY] = Field(default=None, description="every special need that is known")
    words: Annotated[str | None, _VULNERABILITY] = Field(default=None, description="what the needs mean for this person")


class ResidenceRegistered(Event, type="intake.residence_registered"):
    """Civil registration. One of the four municipalities travels as its ISTAT code; any other is sealed."""

    beneficiary_id: BeneficiaryId
    municipality: Municipality = None
    other_municipality: ContactText = Field(default=None, description="where the person lives, if not in one of the four municipalities")
    address: ContactText = Field(default=None, description="where the person lives: street, number, place")


class HouseholdLinked(Event, type="intake.household_linked"):
    """The person belongs to a household."""

    beneficiary_id: BeneficiaryId
    household_id: HouseholdId
    relation: Annotated[FamilyRelation | None, _IDENTITY] = Field(default=None, description="what the person is in the household")


class NoteAdded(Event, type="intake.note_added"):
    """A note in words."""

    beneficiary_id: BeneficiaryId
    text: FreeText = Field(default=None, description="the note's words")


class HouseholdFormed(Event, type="intake.household_formed"):
    """A household's own stream begins; its members are linked from their side."""

    household_id: HouseholdId
    organisation: Organisation
    territory: Territory


PersonEvent = (
    PersonReferred
    | NoticeGiven
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
    | DuplicateEvent
    | DuplicateComparisonEvent
    | DocumentEvent
    | AliasEvent
    | DisclosureEvent
    | TransferEvent
)
"""Every event of a person's stream."""
