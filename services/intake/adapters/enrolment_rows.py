"""The rows of a file that enrols persons and updates their records: columns, in English or Italian, and what a cell may hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated
from unicodedata import combining, normalize

from pydantic import UUID4, BeforeValidator, Field, StringConstraints, ValidationError

from contracts.envelope import Precision
from contracts.intake_codes import DocumentKind, NoticeChannel, ProtectionStatus, Sex
from services._runtime.web.bodies import Code, CommandBody, Day, Flag, Line
from services._runtime.web.tables import unreadable
from services._runtime.web.validation import problem_of_form
from services.intake.adapters.bodies import Country, Email, Istat, Language, Languages, Phone, Province, TaxCodeText

if TYPE_CHECKING:
    from services._runtime.web.tables import Row, Table

ITALIAN: Mapping[str, str] = MappingProxyType(
    {
        "row": "riga",
        "beneficiary_id": "id_persona",
        "version": "versione",
        "occurred_on": "data",
        "given_names": "nome",
        "family_name": "cognome",
        "sex": "sesso",
        "birth_date": "data_di_nascita",
        "birth_date_precision": "precisione_data_di_nascita",
        "citizenship": "cittadinanza",
        "tax_code": "codice_fiscale",
        "territory": "provincia",
        "municipality": "comune",
        "notice_version": "versione_informativa",
        "notice_language": "lingua_informativa",
        "notice_how": "modalita_informativa",
        "notice_mediator": "mediatore",
        "languages": "lingue",
        "email": "email",
        "phone": "telefono",
        "address": "indirizzo",
        "residence_municipality": "comune_di_residenza",
        "residence_address": "indirizzo_di_residenza",
        "protection_status": "protezione",
        "protection_granted_on": "protezione_dal",
        "reception_exit_on": "uscita_dall_accoglienza",
        "document_id": "id_documento",
        "document_kind": "tipo_di_documento",
        "document_number": "numero_di_documento",
        "document_issuer": "rilasciato_da",
        "document_issued_on": "rilasciato_il",
        "document_expires_on": "scade_il",
    }
)
"""Every column, by its English heading, and its Italian one. The order is that of the template."""

_BY_HEADING = {heading: column for column, italian in ITALIAN.items() for heading in (column, italian)}
_NO_WORD = re.compile(r"[^a-z0-9]+")
_ITALIAN_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_TRUTH = {"true": True, "vero": True, "yes": True, "si": True, "sì": True, "false": False, "falso": False, "no": False}


def _day(cell: object) -> object:
    """Return a day as it is written in Italy as it is written everywhere else."""
    written = _ITALIAN_DAY.fullmatch(cell) if isinstance(cell, str) else None
    return cell if written is None else f"{written[3]}-{int(written[2]):02}-{int(written[1]):02}"


def _truth(cell: object) -> object:
    return _TRUTH.get(cell.lower(), cell) if isinstance(cell, str) else cell


def _codes(cell: object) -> object:
    return tuple(re.split(r"[\s,;]+", cell)) if isinstance(cell, str) else cell


CellDay = Annotated[Day, BeforeValidator(_day)]
RowName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class FileRow(CommandBody):
    """One row. An empty cell says nothing: what is recorded stays."""

    row: Annotated[RowName, Field(description="what the sender calls the row: by it, a repeat finds what was done")]
    beneficiary_id: Annotated[UUID4 | None, Field(description="whose record is updated; empty where the person is to be enrolled")] = None
    version: Annotated[int | None, Field(ge=1, le=1_000_000, description="of the record, which the update was decided on")] = None
    occurred_on: CellDay | None = None
    given_names: Line | None = None
    family_name: Line | None = None
    sex: Sex | None = None
    birth_date: CellDay | None = None
    birth_date_precision: Precision | None = None
    citizenship: Country | None = None
    tax_code: TaxCodeText | None = None
    territory: Province | None = None
    municipality: Istat | None = None
    notice_version: Code | None = None
    notice_language: Language | None = None
    notice_how: NoticeChannel | None = None
    notice_mediator: Annotated[Flag | None, BeforeValidator(_truth)] = None
    languages: Annotated[Languages | None, BeforeValidator(_codes)] = None
    email: Email | None = None
    phone: Phone | None = None
    address: Line | None = None
    residence_municipality: Istat | None = None
    residence_address: Line | None = None
    protection_status: ProtectionStatus | None = None
    protection_granted_on: CellDay | None = None
    reception_exit_on: CellDay | None = None
    document_id: UUID4 | None = None
    document_kind: DocumentKind | None = None
    document_number: Line | None = None
    document_issuer: Line | None = None
    document_issued_on: CellDay | None = None
    document_expires_on: CellDay | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """A row that is none: its cells do not have the agreed form. `errors` are columns, each with what is expected there."""

    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A row of the file, and its place there."""

    line: int
    said: FileRow | Wrong


def template(*, italian: bool) -> bytes:
    """Return an empty file with all headings, as an Italian spreadsheet program opens it: with a byte order mark, by semicolons."""
    return ("\ufeff" + ";".join(ITALIAN.values() if italian else ITALIAN) + "\r\n").encode()


def rows_of(table: Table) -> list[Numbered]:
    """Return the rows; raises the problem `unreadable-file` where headings are unknown, missing or there twice."""
    columns = _columns(table.headings)
    rows = [Numbered(row.line, _said(columns, row)) for row in table.rows]
    return _each_once(rows)


def _columns(headings: tuple[str, ...]) -> list[str]:
    columns = [_BY_HEADING.get(_plain(heading)) for heading in headings]
    unknown = [{"field": f"headings[{at}]", "expected": "a heading of the template"} for at, one in enumerate(columns) if one is None]
    if unknown:
        raise unreadable("Take the headings of the template, GET /enrolment-file-template: those in `errors` are none.", errors=unknown)
    known = [one for one in columns if one is not None]
    if len(set(known)) < len(known) or "row" not in known:
        raise unreadable("Give each heading once, and the heading row (riga) among them.")
    return known


def _plain(heading: str) -> str:
    """Return a heading without what people write differently: capitals, accents, spaces."""
    letters = "".join(one for one in normalize("NFKD", heading.casefold()) if not combining(one))
    return _NO_WORD.sub("_", letters).strip("_")


def _said(columns: list[str], row: Row) -> FileRow | Wrong:
    cells = {column: cell for column, cell in zip(columns, row.cells, strict=True) if cell}
    try:
        return FileRow.model_validate(cells)
    except ValidationError as error:
        problem = problem_of_form(error.errors(include_url=False, include_input=False), json_sent=True)
    listed: list[dict[str, str]] = problem.members["errors"]  # type: ignore[assignment]  # so `invalid_fields` makes it
    return Wrong({one["field"].partition("[")[0]: one["expected"] for one in listed})


def _each_once(rows: list[Numbered]) -> list[Numbered]:
    """Return the rows, those as wrong that have the name of an earlier one, or speak of the same person."""
    names: set[str] = set()
    persons: set[object] = set()
    checked = []
    for row in rows:
        said = row.said
        if isinstance(said, FileRow):
            if said.row in names:
                said = Wrong({"row": "a name that no other row of the file has"})
            elif said.beneficiary_id is None and said.version is not None:
                said = Wrong({"version": "nothing, where nobody is named in beneficiary_id"})
            elif said.beneficiary_id in persons:
                said = Wrong({"beneficiary_id": "a person of whom no other row speaks: put what is left into another file"})
            else:
                names.add(said.row)
                persons |= {said.beneficiary_id} - {None}
        checked.append(Numbered(row.line, said))
    return checked
