"""Files by which invented persons are enrolled: rows of columns, written as CSV or as a workbook."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from openpyxl import Workbook

from services.intake.adapters.enrolment_rows import ITALIAN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SELAM: dict[str, object] = {
    "row": "1",
    "given_names": "Selam",
    "family_name": "Prova",
    "sex": "female",
    "birth_date": "1990-05-04",
    "territory": "PR",
    "notice_version": "2021-1",
    "notice_language": "ti",
    "notice_how": "orally",
    "notice_mediator": "true",
}
"""The least that enrols somebody."""


def person(number: int, **changes: object) -> dict[str, object]:
    """Return the row of one of many persons, no two alike."""
    letters = "bcdfghjklmnprstvz"
    name = "".join(letters[number // len(letters) ** power % len(letters)] + "aeiou"[(number + power) % 5] for power in range(3))
    born = f"{1950 + number % 50}-{1 + number % 12:02}-{2 + number % 26:02}"
    told = {"row": f"r{number}", "given_names": f"{name}a".title(), "family_name": f"{name[::-1]}x".title(), "birth_date": born}
    return {**SELAM, **told, **changes}


def as_csv(rows: Sequence[Mapping[str, object]], *, italian: bool = False, separator: str = ";", encoding: str = "utf-8-sig") -> bytes:
    """Return the rows as a spreadsheet program writes them."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=separator)
    writer.writerow([ITALIAN[column] if italian else column for column in columns])
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return written.getvalue().encode(encoding)


def as_workbook(rows: Sequence[Mapping[str, object]]) -> bytes:
    """Return the rows as the first sheet of a workbook."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(columns)
    for row in rows:
        sheet.append([row.get(column) for column in columns])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
