"""Files with tables: what is read of them, and what is refused before it costs anything."""

from __future__ import annotations

import io
import time
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from services._runtime.web.problems import Problem
from services._runtime.web.tables import MOST_ROWS, UNPACKED_BYTES, read_table

SHEET = "xl/worksheets/sheet1.xml"


def workbook(**cells: object) -> bytes:
    """Return a workbook with these cells in its first sheet."""
    book = Workbook()
    for at, value in cells.items():
        book.worksheets[0][at] = value  # type: ignore[assignment]  # any value that a cell may hold
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def with_part(raw: bytes, name: str, part: bytes) -> bytes:
    """Return a workbook with one part added, or put in the place of its own."""
    written = io.BytesIO()
    with ZipFile(io.BytesIO(raw)) as old, ZipFile(written, "w", ZIP_DEFLATED) as new:
        for each in old.namelist():
            if each != name:
                new.writestr(each, old.read(each))
        new.writestr(name, part)
    return written.getvalue()


def refused(raw: bytes) -> str:
    """Return the code with which a file is refused, within a second."""
    began = time.monotonic()
    with pytest.raises(Problem) as caught:
        read_table(raw)
    assert time.monotonic() - began < 5, "a refusal costs next to nothing"
    assert caught.value.detail
    return caught.value.code


def test_separator_mark_quotes_and_empty_lines_are_read_as_spreadsheets_write_them() -> None:
    """Semicolons in Italy, commas elsewhere, tabs when copied; a line break inside of quotes is part of its cell."""
    for separator in ";,\t":
        text = f'\ufeffa{separator}b\r\n\r\n1{separator}"two\nlines"\r\n;;\r\n3\r\n'.replace(";;", separator * 2)
        table = read_table(text.encode())
        assert table.headings == ("a", "b")
        assert [(row.line, row.cells) for row in table.rows] == [(4, ("1", "two\nlines")), (6, ("3", ""))]


def test_cells_of_a_workbook_become_the_texts_that_a_csv_would_hold() -> None:
    """Numbers without a fraction, days, truth; what a sheet is not given a value for is empty."""
    table = read_table(workbook(A1="a", B1="b", C1="c", D1="d", A2=3331234567, B2=True, D2=1.5))
    assert table.rows[0].cells == ("3331234567", "true", "", "1.5")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n",
        b"a;b\n1;2;3\n",
        b'a;b\n"1;2\n',
        "a;b\nperché;2\n".encode("cp1252"),
        b"PK",
        b"PK\x03\x04 no archive",
        workbook(A1="a", A2="=1+1"),
        b"a;b\n=cmd();2\n",
        with_part(workbook(A1="a"), "xl/vbaProject.bin", b"macro"),
        with_part(workbook(A1="a"), "[Content_Types].xml", b"<nothing"),
        with_part(workbook(A1="a"), SHEET, b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/hostname'>]><worksheet>&b;</worksheet>"),
    ],
)
def test_what_is_no_table_is_refused_in_words(raw: bytes) -> None:
    """Nothing at all, another encoding, broken quotes, broken archives, formulas, macros, entities."""
    assert refused(raw) == "unreadable-file"


def test_a_formula_or_a_long_cell_is_named_by_its_place_and_not_repeated() -> None:
    """I6: a problem's text holds nothing of the file."""
    for cell in ("=SECRET()", "secret" * 2000):
        with pytest.raises(Problem) as caught:
            read_table(f"a;b\n1;{cell}\n".encode())
        assert "Line 2, cell 2" in caught.value.detail
        assert "secret" not in caught.value.detail.lower()


def test_more_than_is_read_is_refused_before_it_is_unpacked() -> None:
    """A small archive of much air, many parts, far too many rows: none is read to its end."""
    bomb = with_part(workbook(A1="a"), SHEET, b" " * (UNPACKED_BYTES + 1))
    assert len(bomb) < 50_000
    assert refused(bomb) == "file-too-long"
    many = workbook(A1="a")
    for at in range(3):
        many = with_part(many, f"xl/{at}.xml", b"x" * (UNPACKED_BYTES // 2))
    assert refused(many) == "file-too-long"
    assert refused(b"a\n" + b"1\n" * (MOST_ROWS + 1)) == "file-too-long"


def test_a_cell_in_the_last_corner_of_a_sheet_costs_nothing() -> None:
    """Some readers make room for everything in between: 17 thousand million cells, of a file of five kilobytes."""
    assert refused(workbook(A1="a", XFD1048576="z")) == "file-too-long"


def test_entities_that_grow_are_not_unfolded() -> None:
    """The parser itself gives up on them."""
    entities = "".join(f"<!ENTITY e{at} '{f'&e{at - 1};' * 10}'>" for at in range(1, 12))
    sheet = "<worksheet><sheetData><row><c t='str'><v>&e11;</v></c></row></sheetData></worksheet>"
    grown = f"<!DOCTYPE a [<!ENTITY e0 'xxxxxxxxxx'>{entities}]>{sheet}"
    assert refused(with_part(workbook(A1="a"), SHEET, grown.encode())) == "unreadable-file"


def code_of(raw: bytes) -> str | None:
    """Return the code with which a file is refused; None where it is a table. Whatever else is raised fails the test."""
    try:
        read_table(raw)
    except Problem as problem:
        return problem.code
    return None


@given(raw=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_are_a_table_or_a_problem(raw: bytes) -> None:
    """Never anything else that is raised; with the head of an archive, neither."""
    for each in (raw, b"PK\x03\x04" + raw):
        assert code_of(each) in {None, "unreadable-file", "file-too-long"}


@given(at=st.integers(min_value=0), byte=st.integers(min_value=0, max_value=255), cut=st.integers(min_value=0, max_value=400))
def test_a_damaged_workbook_is_a_table_or_a_problem(at: int, byte: int, cut: int) -> None:
    """One byte of it another, and its end cut off."""
    raw = bytearray(WHOLE)
    raw[at % len(raw)] = byte
    assert code_of(bytes(raw[: len(raw) - cut])) in {None, "unreadable-file", "file-too-long"}


WHOLE = workbook(A1="row", B1="nome", A2="1", B2="Selam")
