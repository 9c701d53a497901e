"""Files that hold a table, CSV or XLSX, as bounded rows of texts; whatever is no such table is a problem that says what to do.

Nothing in a file is believed: not what it calls itself, not how large it says that it is. A workbook is read cell by cell by openpyxl (ADR
31), unpacked to a bounded length, and neither its formulas nor its macros are ever run.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from openpyxl import load_workbook

from services._runtime.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

MOST_ROWS = 250
MOST_COLUMNS = 64
MOST_CHARACTERS = 10_000
"""Of one cell."""

UNPACKED_BYTES = 8 * 1024 * 1024
"""How long all that a workbook packs may be: it holds far more than the rows, columns and characters that are read."""

_MOST_LINES = 5_000
"""Rows of a sheet, empty ones too."""

_PARTS = 200
_FAR_MORE = "The file holds far more than a table: copy the table into a new one."
_BROKEN = "The workbook does not read: open it, and save it anew as XLSX, or as CSV UTF-8."
_SEPARATORS = ";,\t"
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Row:
    """A row that is not empty: its place in the file, counted from 1, and its cells, as many as there are headings."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table's headings, as they are written, and its rows."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(raw: bytes) -> Table:
    """Return the table of a file; raises the problems `unreadable-file` and `file-too-long`. The first row with a cell holds the headings.

    A CSV is UTF-8, with or without a byte order mark, separated by semicolons, commas or tabs. Of a workbook the first sheet is read.
    A whole number is told without a fraction, a day as YYYY-MM-DD, truth as true and false.
    """
    lines = _workbook(raw) if raw.startswith(b"PK") else _separated(raw)
    found: list[Row] = []
    for line, texts in lines:
        if line > _MOST_LINES:
            raise too_long(_FAR_MORE)
        cells = _trimmed(texts)
        if not cells:
            continue
        if len(found) > MOST_ROWS:
            raise too_long(f"Send at most {MOST_ROWS} rows at once: split the file.")
        found.append(Row(line, cells))
    if not found:
        raise unreadable("Send a table: its first row holds the headings.")
    headings, *rows = found
    return Table(headings.cells, tuple(_filled(row, len(headings.cells)) for row in rows))


def unreadable(detail: str, errors: Sequence[Mapping[str, str]] = ()) -> Problem:
    """Return the problem of a file that is no such table, with what to do; `errors` as of any request's form."""
    return Problem("validation", detail, code="unreadable-file", errors=list(errors))


def too_long(detail: str) -> Problem:
    """Return the problem of a file that holds more than is read of one, with what to do."""
    return Problem("body-too-large", detail, code="file-too-long")


def _trimmed(texts: Iterable[str]) -> tuple[str, ...]:
    cells = [text.strip() for text in texts]
    while cells and not cells[-1]:
        del cells[-1]
    return tuple(cells)


def _filled(row: Row, width: int) -> Row:
    if len(row.cells) > width:
        raise unreadable(f"Line {row.line} has more cells than there are headings: check its separators and quotes.")
    for at, cell in enumerate(row.cells, 1):
        if len(cell) > MOST_CHARACTERS:
            raise unreadable(f"Line {row.line}, cell {at} is too long: a cell holds at most {MOST_CHARACTERS} characters.")
        if cell.startswith("="):
            raise unreadable(f"Line {row.line}, cell {at} is a formula: put its value there.")
    return Row(row.line, (*row.cells, *[""] * (width - len(row.cells))))


def _separated(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise unreadable("Save the file as CSV UTF-8, or as XLSX: this is neither.") from None
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_SEPARATORS, key=first.count), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells[: MOST_COLUMNS + 1]
    except csv.Error:
        raise unreadable(f"Line {reader.line_num} is no CSV: check its separators and quotes.") from None


def _workbook(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    _bound(raw)
    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, keep_links=False)
        for line, cells in enumerate(book.worksheets[0].iter_rows(max_row=_MOST_LINES + 1, max_col=MOST_COLUMNS + 1), 1):
            yield line, [_text(cell.value) for cell in cells]
    except Exception:  # noqa: BLE001 - whatever breaks in the library over somebody's file, it is the file that is wrong
        raise unreadable(_BROKEN) from None


def _bound(raw: bytes) -> None:
    """Refuse what unpacks to more than is read of it, and what holds macros. What a part says of its own length is all that is unpacked."""
    try:
        parts = ZipFile(io.BytesIO(raw)).infolist()
    except (BadZipFile, ValueError, OSError, NotImplementedError):
        raise unreadable(_BROKEN) from None
    if len(parts) > _PARTS or sum(part.file_size for part in parts) > UNPACKED_BYTES:
        raise too_long(_FAR_MORE)
    if any("vbaproject" in part.filename.lower() for part in parts):
        raise unreadable("The workbook holds macros: save it as XLSX.")
    if any(part.flag_bits & _ENCRYPTED or part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
        raise unreadable("The workbook is encrypted: save it without a password.")


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case int() | float() | str() | datetime():
            return str(value)
        case _:  # an array's formula, a duration
            return "="
