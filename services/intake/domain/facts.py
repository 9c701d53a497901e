"""Facts about an enrolled person: each command of this kind is one event, checked against itself and what is recorded."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from contracts.errors import Invalid, Refusal
from contracts.intake import (
    ContactChanged,
    DocumentRecorded,
    HouseholdLinked,
    IdentityCorrected,
    NoteAdded,
    PersonEvent,
    ProtectionStatusRecorded,
    ReceptionExitRecorded,
    ResidenceRegistered,
    TaxCodeConfirmed,
    VulnerabilityRecorded,
)
from services.intake.domain import aliases, disclosure, documents
from services.intake.domain.alias_commands import RecordAlias, RetractAlias
from services.intake.domain.commands import (
    AddNote,
    ChangeContact,
    ConfirmTaxCode,
    CorrectIdentity,
    Identity,
    LinkHousehold,
    RecordDocument,
    RecordFact,
    RecordProtectionStatus,
    RecordReceptionExit,
    RecordVulnerability,
    RegisterResidence,
)
from services.intake.domain.disclosure_commands import AuthoriseDisclosure, WithdrawDisclosure
from services.intake.domain.document_commands import RequestRenewal
from services.intake.domain.eligibility import INTERNATIONAL_PROTECTION
from services.intake.domain.person import Record
from services.intake.domain.places import clear_and_sealed
from services.intake.domain.tax_code import TaxCodeKind, read_tax_code

_OLDEST_YEARS = 130


class DefinitiveCodeKnown(Refusal):
    """A definitive codice fiscale does not become provisional again."""

    code = "definitive-code-known"


class ImpossibleBirthDate(Invalid):
    """The birth date lies in the future or too far back."""

    code = "impossible-birth-date"


def fact(command: RecordFact, record: Record) -> PersonEvent:  # noqa: C901, PLR0911, PLR0912 - one answer for each kind of fact
    """Return the fact as an event; raises a `Refusal`."""
    match command:
        case RecordProtectionStatus():
            return ProtectionStatusRecorded(
                beneficiary_id=record.beneficiary_id,
                international_protection=command.status in INTERNATIONAL_PROTECTION,
                status=command.status,
                granted_on=command.granted_on,
            )
        case RecordReceptionExit():
            return ReceptionExitRecorded(beneficiary_id=record.beneficiary_id, exited_on=command.exited_on)
        case CorrectIdentity():
            return _correction(command, record)
        case ConfirmTaxCode():
            return _tax_code(command, record)
        case ChangeContact():
            return _contact(command, record)
        case RecordDocument():
            return _document(command, record)
        case RecordVulnerability():
            return VulnerabilityRecorded(beneficiary_id=record.beneficiary_id, needs=command.needs, words=command.words)
        case RegisterResidence():
            clear, sealed = clear_and_sealed(command.municipality)
            return ResidenceRegistered(
                beneficiary_id=record.beneficiary_id, municipality=clear, other_municipality=sealed, address=command.address
            )
        case LinkHousehold():
            return HouseholdLinked(beneficiary_id=record.beneficiary_id, household_id=command.household_id, relation=command.relation)
        case AddNote():
            return NoteAdded(beneficiary_id=record.beneficiary_id, text=command.text)
        case RequestRenewal():
            return documents.renewal(command, record)
        case RecordAlias() | RetractAlias():
            return aliases.alias(command, record)
        case AuthoriseDisclosure() | WithdrawDisclosure():
            return disclosure.disclosure(command, record)
        case _:
            assert_never(command)


def check_identity(identity: Identity, on: date) -> None:
    """Demand a possible birth date, seen from a day; raises `ImpossibleBirthDate`."""
    born = identity.birth_date
    if born is not None and (born > on or born.year < on.year - _OLDEST_YEARS):
        raise ImpossibleBirthDate("the birth date is in the future or too long ago: check it")


def _correction(command: CorrectIdentity, record: Record) -> IdentityCorrected:
    check_identity(command.identity, command.on)
    who = command.identity
    return IdentityCorrected(
        beneficiary_id=record.beneficiary_id,
        sex=who.sex,
        given_names=who.given_names,
        family_name=who.family_name,
        birth_date=who.birth_date,
        birth_date_precision=who.birth_date_precision,
        citizenship=who.citizenship,
        reason=command.reason,
    )


def _tax_code(command: ConfirmTaxCode, record: Record) -> TaxCodeConfirmed:
    code = read_tax_code(command.tax_code)
    known = None if record.tax_code is None else read_tax_code(record.tax_code)
    if known is not None and known.kind is TaxCodeKind.DEFINITIVE and code.kind is TaxCodeKind.PROVISIONAL:
        raise DefinitiveCodeKnown("a definitive code is recorded: a provisional one cannot replace it")
    return TaxCodeConfirmed(beneficiary_id=record.beneficiary_id, tax_code=code.text)


def _contact(command: ChangeContact, record: Record) -> ContactChanged:
    contact = command.contact
    return ContactChanged(
        beneficiary_id=record.beneficiary_id,
        languages=contact.languages,
        email=contact.email,
        phone=contact.phone,
        address=contact.address,
    )


def _document(command: RecordDocument, record: Record) -> DocumentRecorded:
    if command.issued_on is not None and command.expires_on is not None and command.expires_on < command.issued_on:
        raise Invalid("the document expires before it was issued: check both days")
    return DocumentRecorded(
        beneficiary_id=record.beneficiary_id,
        document_id=command.document_id,
        kind=command.kind,
        number=command.number,
        issuer=command.issuer,
        issued_on=command.issued_on,
        expires_on=command.expires_on,
    )
