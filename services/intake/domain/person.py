"""A person as intake knows them: the cases of the state, and how each event leads from one to the next."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from contracts.aliases import AliasRecorded, AliasRetracted
from contracts.disclosures import DisclosureAuthorised, DisclosureEvent, DisclosureWithdrawn
from contracts.documents import DocumentExpiring, DocumentRenewalRequested
from contracts.duplicate_comparisons import DuplicateComparisonAgreed, DuplicateComparisonDeclined, DuplicateComparisonRequested
from contracts.duplicates import DuplicateConfirmed, DuplicateDismissed, DuplicateSplit, DuplicateSuspected
from contracts.intake import (
    BeneficiaryEnrolled,
    BeneficiaryExited,
    BeneficiaryReadmitted,
    ContactChanged,
    DocumentRecorded,
    EligibilityAssessed,
    HouseholdLinked,
    IdentityCorrected,
    NoteAdded,
    NoticeGiven,
    PersonEvent,
    ProgrammeAdmitted,
    ProgrammeLeft,
    ProtectionStatusRecorded,
    ReceptionExitRecorded,
    ResidenceRegistered,
    TaxCodeConfirmed,
    VulnerabilityRecorded,
)
from contracts.referrals import PersonReferred
from contracts.transfers import TransferAccepted, TransferDeclined, TransferLapsed, TransferRequested, TransferRevoked
from services.intake.domain import admissions, aliases, duplicates
from services.intake.domain.admissions import Admissions
from services.intake.domain.commands import ContactDetails, Identity
from services.intake.domain.duplicates import NO_DUPLICATES, Duplicates
from services.intake.domain.transfer_state import Transfer, evolve_transfers


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything recorded of an enrolled person. Facts that are restated in full are kept as their latest event.

    `admissions` are the programmes the person was ever admitted to, how each counts, and whether they are in it now;
    `referral_id` is where the record comes from.
    `renewals` are those that are pending, `reminders` those given of what is recorded now.
    """

    beneficiary_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None
    other_municipality: str | None
    identity: Identity
    contact: ContactDetails
    tax_code: str | None
    notices: tuple[NoticeGiven, ...]
    referral_id: UUID | None = None
    protection: ProtectionStatusRecorded | None = None
    reception_exit: date | None = None
    assessments: tuple[EligibilityAssessed, ...] = ()
    admissions: Admissions = ()
    aliases: tuple[AliasRecorded, ...] = ()
    documents: tuple[DocumentRecorded, ...] = ()
    renewals: tuple[DocumentRenewalRequested, ...] = ()
    reminders: tuple[DocumentExpiring, ...] = ()
    disclosures: tuple[DisclosureEvent, ...] = ()
    vulnerability: VulnerabilityRecorded | None = None
    residence: ResidenceRegistered | None = None
    household: HouseholdLinked | None = None
    notes: tuple[NoteAdded, ...] = ()
    duplicates: Duplicates = NO_DUPLICATES
    transfers: tuple[Transfer, ...] = ()

    @property
    def admitted(self) -> tuple[str, ...]:
        """Return the programmes to which the person was ever admitted."""
        return tuple(each.programme for each in self.admissions)

    @property
    def current(self) -> tuple[str, ...]:
        """Return the programmes in which the person is now, under this record."""
        return tuple(each.programme for each in self.admissions if each.current)


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """Nothing is recorded under this id."""


@dataclass(frozen=True, slots=True)
class Referred:
    """A referral of the person was accepted; the privacy notice is still to be given."""

    referral: PersonReferred


@dataclass(frozen=True, slots=True)
class Informed:
    """The privacy notice was given; care has not begun."""

    notices: tuple[NoticeGiven, ...]
    referral: PersonReferred | None = None


@dataclass(frozen=True, slots=True)
class InCare:
    """The person is in care."""

    record: Record


@dataclass(frozen=True, slots=True)
class Exited:
    """Care has ended."""

    record: Record
    exit: BeneficiaryExited


Person = Unrecorded | Referred | Informed | InCare | Exited


def responsible(state: Person) -> str | None:
    """Return the organisation that answers for the person; None where nobody does yet."""
    match state:
        case Unrecorded():
            return None
        case Referred(referral):
            return referral.organisation
        case Informed(notices):
            return notices[0].organisation
        case InCare(record) | Exited(record):
            return record.organisation
        case _:
            assert_never(state)


class ImpossibleHistory(Exception):
    """An event that cannot follow the ones before it: the stream was not written by our decider."""


def evolve(state: Person, event: PersonEvent) -> Person:
    """Return the person after the event."""
    match state:
        case Unrecorded() | Referred() | Informed():
            return _before_care(state, event)
        case InCare(record):
            if isinstance(event, BeneficiaryExited):
                return Exited(record, event)
            return InCare(_recorded(record, event))
        case Exited(record, left):
            if isinstance(event, BeneficiaryReadmitted):
                return InCare(_readmitted(record, event))
            return Exited(_recorded(record, event), left)
        case _:
            assert_never(state)


def _before_care(state: Unrecorded | Referred | Informed, event: PersonEvent) -> Person:
    """Return the person after one of the events that lead to care."""
    match state, event:
        case Unrecorded(), PersonReferred():
            return Referred(event)
        case Unrecorded(), NoticeGiven():
            return Informed((event,))
        case Referred(referral), NoticeGiven():
            return Informed((event,), referral)
        case Informed(notices, referral), NoticeGiven():
            return Informed((*notices, event), referral)
        case Informed(notices, referral), BeneficiaryEnrolled():
            return InCare(_enrolled(event, notices, None if referral is None else referral.referral_id))
        case _:
            raise ImpossibleHistory(f"{event.type_name} after {type(state).__name__}")


def _enrolled(event: BeneficiaryEnrolled, notices: tuple[NoticeGiven, ...], referral_id: UUID | None) -> Record:
    return Record(
        beneficiary_id=event.beneficiary_id,
        episode=event.episode,
        organisation=event.organisation,
        territory=event.territory,
        municipality=event.municipality,
        other_municipality=event.other_municipality,
        identity=identity_of(event),
        contact=_contact(event),
        tax_code=event.tax_code,
        notices=notices,
        referral_id=referral_id,
    )


def _readmitted(record: Record, event: BeneficiaryReadmitted) -> Record:
    return replace(
        record,
        episode=event.episode,
        organisation=event.organisation,
        territory=event.territory,
        municipality=event.municipality,
        other_municipality=event.other_municipality,
    )


def _recorded(record: Record, event: PersonEvent) -> Record:  # noqa: C901, PLR0911, PLR0912 - one line for each kind of fact
    match event:
        case NoticeGiven():
            return replace(record, notices=(*record.notices, event))
        case ProtectionStatusRecorded():
            return replace(record, protection=event)
        case ReceptionExitRecorded():
            return replace(record, reception_exit=event.exited_on)
        case EligibilityAssessed():
            return replace(record, assessments=(*record.assessments, event))
        case ProgrammeAdmitted():
            return replace(record, admissions=admissions.admitted(record.admissions, event, territory=record.territory))
        case ProgrammeLeft():
            return replace(record, admissions=admissions.left(record.admissions, event.programme))
        case IdentityCorrected():
            return replace(record, identity=identity_of(event))
        case AliasRecorded() | AliasRetracted():
            return replace(record, aliases=aliases.evolve(record.aliases, event))
        case TaxCodeConfirmed():
            return replace(record, tax_code=event.tax_code)
        case ContactChanged():
            return replace(record, contact=_contact(event))
        case DocumentRecorded():
            return _documented(record, event)
        case DocumentExpiring():
            return replace(record, reminders=(*record.reminders, event))
        case DocumentRenewalRequested():
            return replace(record, renewals=(*record.renewals, event))
        case DisclosureAuthorised() | DisclosureWithdrawn():
            return replace(record, disclosures=(*record.disclosures, event))
        case VulnerabilityRecorded():
            return replace(record, vulnerability=event)
        case ResidenceRegistered():
            return replace(record, residence=event, municipality=event.municipality, other_municipality=event.other_municipality)
        case HouseholdLinked():
            return replace(record, household=event)
        case NoteAdded():
            return replace(record, notes=(*record.notes, event))
        case DuplicateSuspected() | DuplicateDismissed() | DuplicateConfirmed() | DuplicateSplit():
            known = duplicates.evolve(record.duplicates, event)
            return replace(record, duplicates=known, admissions=admissions.compared(record.admissions, event))
        case DuplicateComparisonRequested() | DuplicateComparisonAgreed() | DuplicateComparisonDeclined():
            return replace(record, duplicates=duplicates.evolve_compared(record.duplicates, event))
        case TransferAccepted():
            return _moved(record, event)
        case TransferRequested() | TransferDeclined() | TransferRevoked() | TransferLapsed():
            return replace(record, transfers=evolve_transfers(record.transfers, event, sender=record.organisation))
        case PersonReferred() | BeneficiaryEnrolled() | BeneficiaryReadmitted() | BeneficiaryExited():
            raise ImpossibleHistory(f"{event.type_name} of a person whose care is not at that point")
        case _:
            assert_never(event)


def _documented(record: Record, event: DocumentRecorded) -> Record:
    """Put a document into the place of what was known of it: its renewal is done, its reminders begin anew."""
    return replace(
        record,
        documents=(*(each for each in record.documents if each.document_id != event.document_id), event),
        renewals=tuple(each for each in record.renewals if each.document_id != event.document_id),
        reminders=tuple(each for each in record.reminders if each.document_id != event.document_id),
    )


def identity_of(event: BeneficiaryEnrolled | IdentityCorrected) -> Identity:
    """Return the identity that an event says; its fields are None where they cannot be opened."""
    return Identity(
        sex=event.sex,
        given_names=event.given_names,
        family_name=event.family_name,
        birth_date=event.birth_date,
        birth_date_precision=event.birth_date_precision,
        citizenship=event.citizenship,
    )


def _moved(record: Record, event: TransferAccepted) -> Record:
    """Return the record as the receiver's: the one place where responsibility for somebody in care changes hands."""
    return replace(
        record,
        organisation=event.organisation,
        territory=event.territory,
        municipality=event.municipality,
        other_municipality=event.other_municipality,
        admissions=admissions.moved(record.admissions, event.territory),
        transfers=evolve_transfers(record.transfers, event, sender=record.organisation),
    )


def _contact(event: BeneficiaryEnrolled | ContactChanged) -> ContactDetails:
    return ContactDetails(languages=event.languages, email=event.email, phone=event.phone, address=event.address)
