"""What a row of a file asks for, given what is recorded of the person: the commands that a case worker would give one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from contracts.errors import Invalid, Refusal
from services.intake.domain.commands import (
    ChangeContact,
    ConfirmTaxCode,
    ContactDetails,
    EnrolBeneficiary,
    GiveNotice,
    Identity,
    RecordDocument,
    RecordProtectionStatus,
    RecordReceptionExit,
    RegisterResidence,
)
from services.intake.domain.comparing import Known
from services.intake.domain.person import Exited, InCare, Informed, Referred, Unrecorded
from services.intake.domain.tax_code import read_tax_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from uuid import UUID

    from contracts.intake import DocumentRecorded, ProtectionStatusRecorded, ResidenceRegistered
    from services.intake.adapters.enrolment_rows import FileRow
    from services.intake.domain.commands import PersonCommand
    from services.intake.domain.duplicate_commands import Candidate
    from services.intake.domain.person import Person, Record

_NOTICE = ("notice_version", "notice_language", "notice_how", "notice_mediator")
_ENROLMENT = ("sex", "birth_date", "territory")
_WHO = ("given_names", "family_name", "sex", "birth_date", "birth_date_precision", "citizenship")
_WHERE = ("territory", "municipality")
_DOCUMENT = ("document_id", "document_number", "document_issuer", "document_issued_on", "document_expires_on")


class ColumnsMissing(Invalid):
    """A row that says too little; `columns` are those that it leaves empty."""

    code = "columns-missing"

    def __init__(self, columns: Sequence[str]) -> None:
        """Say which."""
        super().__init__("the row says too little for what it begins: fill in the columns that are named")
        self.columns = tuple(columns)


class NotByFile(Refusal):
    """A row that says of somebody enrolled who or where they are, and it is recorded otherwise; `columns` say it."""

    code = "not-by-file"

    def __init__(self, columns: Sequence[str]) -> None:
        """Say which, and how such a thing is changed."""
        super().__init__(
            "who a person is, and in which province, is corrected one by one: leave these columns empty, and use identity-corrections"
        )
        self.columns = tuple(columns)


def known(row: FileRow) -> Known | None:
    """Return what a row says of who somebody is; None where it says too little to be compared."""
    if row.sex is None or row.birth_date is None:
        return None
    return Known(_identity(row), row.tax_code)


@dataclass(frozen=True, slots=True)
class Asking:
    """For which organisation a row speaks and of which day, who may be its person, and the id of a document that is new."""

    organisation: str
    on: date
    candidates: tuple[Candidate, ...]
    document: UUID


def commands_of(row: FileRow, state: Person, person: UUID, asking: Asking) -> list[PersonCommand]:
    """Return them in order, none where everything is recorded as the row says.

    Raises `ColumnsMissing`, `NotByFile`, `InvalidTaxCode`.
    """
    match state:
        case Unrecorded() | Referred():
            _demand(row, _NOTICE)
        case Informed():
            pass
        case InCare(record) | Exited(record):
            _demand_the_same(row, record)
            return [*_contact(row, record), *_code(row, record), *_facts(row, person, asking, record)]
        case _:
            assert_never(state)
    _demand(row, _ENROLMENT)
    return [*_notice(row, person, asking), _enrolment(row, person, asking), *_facts(row, person, asking, None)]


def _demand(row: FileRow, columns: Sequence[str]) -> None:
    if missing := [column for column in columns if getattr(row, column) is None]:
        raise ColumnsMissing(missing)


def _demand_the_same(row: FileRow, record: Record) -> None:
    recorded = {column: getattr(record.identity, column) for column in _WHO}
    recorded |= {"territory": record.territory, "municipality": record.municipality or record.other_municipality}
    said = {column: getattr(row, column) for column in (*_WHO, *_WHERE)}
    if other := [column for column, value in said.items() if value is not None and value != recorded[column]]:
        raise NotByFile(other)


def _notice(row: FileRow, person: UUID, asking: Asking) -> Iterator[GiveNotice]:
    if any(getattr(row, column) is not None for column in _NOTICE):
        _demand(row, _NOTICE)
    if row.notice_version and row.notice_language and row.notice_how and row.notice_mediator is not None:
        yield GiveNotice(
            beneficiary_id=person,
            organisation=asking.organisation,
            notice_version=row.notice_version,
            language=row.notice_language,
            how=row.notice_how,
            mediator=row.notice_mediator,
        )


def _identity(row: FileRow) -> Identity:
    if row.sex is None:
        raise ColumnsMissing(("sex",))
    who = Identity(
        sex=row.sex,
        given_names=row.given_names,
        family_name=row.family_name,
        birth_date=row.birth_date,
        citizenship=row.citizenship,
    )
    return who if row.birth_date_precision is None else replace(who, birth_date_precision=row.birth_date_precision)


def _enrolment(row: FileRow, person: UUID, asking: Asking) -> EnrolBeneficiary:
    return EnrolBeneficiary(
        beneficiary_id=person,
        organisation=asking.organisation,
        territory=row.territory or "",
        municipality=row.municipality,
        identity=_identity(row),
        contact=ContactDetails(languages=row.languages or (), email=row.email, phone=row.phone, address=row.address),
        tax_code=row.tax_code,
        on=asking.on,
        candidates=asking.candidates,
    )


def _contact(row: FileRow, record: Record) -> Iterator[ChangeContact]:
    now = record.contact
    said = ContactDetails(
        languages=row.languages or now.languages,
        email=row.email or now.email,
        phone=row.phone or now.phone,
        address=row.address or now.address,
    )
    if said != now:
        yield ChangeContact(beneficiary_id=record.beneficiary_id, contact=said)


def _code(row: FileRow, record: Record) -> Iterator[ConfirmTaxCode]:
    if row.tax_code is not None and read_tax_code(row.tax_code).text != record.tax_code:
        yield ConfirmTaxCode(beneficiary_id=record.beneficiary_id, tax_code=row.tax_code)


def _facts(row: FileRow, person: UUID, asking: Asking, record: Record | None) -> Iterator[PersonCommand]:
    """Yield what is new beside identity and contact; `record` is what was recorded before."""
    yield from _residence(row, person, None if record is None else record.residence)
    yield from _protection(row, person, None if record is None else record.protection)
    if row.reception_exit_on is not None and (record is None or record.reception_exit != row.reception_exit_on):
        yield RecordReceptionExit(beneficiary_id=person, exited_on=row.reception_exit_on)
    yield from _document(row, person, asking.document, () if record is None else record.documents)


def _residence(row: FileRow, person: UUID, now: ResidenceRegistered | None) -> Iterator[RegisterResidence]:
    if row.residence_address is not None:
        _demand(row, ("residence_municipality",))
    if row.residence_municipality is None:
        return
    recorded = None if now is None else now.municipality or now.other_municipality
    kept = now.address if now is not None and recorded == row.residence_municipality else None
    address = row.residence_address or kept
    if (recorded, kept) != (row.residence_municipality, address):
        yield RegisterResidence(beneficiary_id=person, municipality=row.residence_municipality, address=address)


def _protection(row: FileRow, person: UUID, now: ProtectionStatusRecorded | None) -> Iterator[RecordProtectionStatus]:
    if row.protection_granted_on is not None:
        _demand(row, ("protection_status",))
    if row.protection_status is None:
        return
    recorded = None if now is None else now.status
    kept = now.granted_on if now is not None and recorded is row.protection_status else None
    granted_on = row.protection_granted_on or kept
    if (recorded, kept) != (row.protection_status, granted_on):
        yield RecordProtectionStatus(beneficiary_id=person, status=row.protection_status, granted_on=granted_on)


def _document(row: FileRow, person: UUID, new: UUID, recorded: Sequence[DocumentRecorded]) -> Iterator[RecordDocument]:
    """Yield the document in the place of the one that the row names, else of that with its kind and number; as a new one, else."""
    if row.document_kind is None:
        if any(getattr(row, column) is not None for column in _DOCUMENT):
            _demand(row, ("document_kind",))
        return
    now = next((one for one in recorded if _is_told(one, row)), None)
    told = RecordDocument(
        beneficiary_id=person,
        document_id=row.document_id or (new if now is None else now.document_id),
        kind=row.document_kind,
        number=row.document_number or (None if now is None else now.number),
        issuer=row.document_issuer or (None if now is None else now.issuer),
        issued_on=row.document_issued_on or (None if now is None else now.issued_on),
        expires_on=row.document_expires_on or (None if now is None else now.expires_on),
    )
    if now is None or any(getattr(told, each) != getattr(now, each) for each in ("kind", "number", "issuer", "issued_on", "expires_on")):
        yield told


def _is_told(recorded: DocumentRecorded, row: FileRow) -> bool:
    if row.document_id is not None:
        return recorded.document_id == row.document_id
    return (recorded.kind, recorded.number) == (row.document_kind, row.document_number)
