"""The codice fiscale: what is well formed, what is equal, what is refused."""

from __future__ import annotations

import string

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.intake.domain.tax_code import InvalidTaxCode, TaxCodeKind, check_letter, read_tax_code

KNOWN = "RSSMRA80A01H501U"
OMOCODIA = "LMNPQRSTUV"
DIGITS_AT = (6, 7, 9, 10, 12, 13, 14)

letters = st.sampled_from(string.ascii_uppercase)
digits = st.integers(0, 9).map(str)


@st.composite
def definitive_codes(draw: st.DrawFn) -> str:
    """Draw a well-formed code of 16 characters without omocodia."""
    name = "".join(draw(st.lists(letters, min_size=6, max_size=6)))
    day = draw(st.integers(1, 31)) + draw(st.sampled_from([0, 40]))
    place = draw(letters) + "".join(draw(st.lists(digits, min_size=3, max_size=3)))
    first = f"{name}{draw(st.integers(0, 99)):02d}{draw(st.sampled_from('ABCDEHLMPRST'))}{day:02d}{place}"
    return first + check_letter(first)


@st.composite
def provisional_codes(draw: st.DrawFn) -> str:
    """Draw a code of 11 digits whose last fits by Luhn."""
    ten = "".join(draw(st.lists(digits, min_size=10, max_size=10)))
    return next(ten + str(last) for last in range(10) if _accepted(ten + str(last)))


def _accepted(code: str) -> bool:
    try:
        read_tax_code(code)
    except InvalidTaxCode:
        return False
    return True


def _substituted(code: str, positions: set[int]) -> str:
    first = "".join(OMOCODIA[int(c)] if at in positions else c for at, c in enumerate(code[:15]))
    return first + check_letter(first)


def test_a_known_code_is_read_whatever_its_case_and_spacing() -> None:
    """The ministry's own example person."""
    assert read_tax_code("rss mra 80a01 h501u").text == KNOWN
    assert read_tax_code(KNOWN).kind is TaxCodeKind.DEFINITIVE


@for_all(definitive_codes(), st.integers(0, 15), st.sampled_from(string.ascii_uppercase + string.digits))
def test_any_single_changed_character_is_refused(code: str, at: int, other: str) -> None:
    """The check letter finds every substitution of one character."""
    changed = code[:at] + other + code[at + 1 :]
    assert _accepted(changed) == (changed == code)


@for_all(definitive_codes(), st.sets(st.sampled_from(DIGITS_AT)))
def test_codes_that_differ_by_omocodia_alone_are_equal(code: str, positions: set[int]) -> None:
    """Digits replaced by the ministry's letters make another text and the same code."""
    variant = read_tax_code(_substituted(code, positions))
    assert variant.canonical == read_tax_code(code).canonical
    assert (variant.text == code) == (not positions)


@for_all(provisional_codes(), st.integers(0, 10), digits)
def test_a_provisional_code_is_checked_by_luhn(code: str, at: int, other: str) -> None:
    """Eleven digits, any single changed one is refused."""
    assert read_tax_code(code).kind is TaxCodeKind.PROVISIONAL
    changed = code[:at] + other + code[at + 1 :]
    assert _accepted(changed) == (changed == code)


@for_all(st.text(max_size=20))
def test_nothing_else_than_a_refusal_comes_of_any_text(text: str) -> None:
    """Whatever is typed, the answer is a code or a refusal that does not repeat it."""
    try:
        told = read_tax_code(text).kind.value
    except InvalidTaxCode as refusal:
        told = str(refusal)
    assert len(text.strip()) < 5 or text not in told


@pytest.mark.parametrize(
    "code", ["", "RSSMRA80A01H501", "RSSMRA80A00H501U", "RSSMRA80A32H501U", "RSSMRA80F01H501U", "1234567890", "١٢٣٤٥٦٧٨٩٠١"]
)
def test_other_forms_are_refused(code: str) -> None:
    """Too short, an impossible day or month, digits of another script."""
    assert not _accepted(code)
