"""The codice fiscale in both its forms: 16 characters with check letter and omocodia, or 11 digits, provisional, by Luhn.

Sources: DM 23 December 1976 (check letter, substitution of digits); Agenzia delle Entrate for the provisional code given at
asylum registration: 7 digits serial, 3 office, 1 check.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from contracts.errors import Invalid, Refusal

_OMOCODIA = "LMNPQRSTUV"
_DIGIT = f"[0-9{_OMOCODIA}]"
_FORM = re.compile(rf"[A-Z]{{6}}{_DIGIT}{{2}}[ABCDEHLMPRST]{_DIGIT}{{2}}[A-Z]{_DIGIT}{{3}}[A-Z]")
_DIGITS_AT = (6, 7, 9, 10, 12, 13, 14)
_TO_DIGITS = str.maketrans(_OMOCODIA, "0123456789")
_ODD = dict(zip("0123456789", (1, 0, 5, 7, 9, 13, 15, 17, 19, 21), strict=True)) | dict(
    zip(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        strict=True,
    )
)
_WOMEN_FROM = 40
_LAST_DAY = 31


class TaxCodeKind(StrEnum):
    """Which of the two forms a code has."""

    PROVISIONAL = "provisional"
    DEFINITIVE = "definitive"


class InvalidTaxCode(Invalid):
    """The code is not well formed, or its check character does not fit."""

    code = "invalid-tax-code"


class TaxCodeTaken(Refusal):
    """Another person is recorded with this code. Nothing is said of them: not even whose they are."""

    code = "tax-code-taken"

    def __init__(self) -> None:
        """Say so, in words that are the same whoever has it."""
        super().__init__("this codice fiscale is recorded for another person: compare it with the document, and look for the person first")


@dataclass(frozen=True, slots=True)
class TaxCode:
    """A well-formed code, in capitals. Two definitive codes that differ by omocodia alone are the same code."""

    text: str
    kind: TaxCodeKind

    @property
    def canonical(self) -> str:
        """Return what is equal for equal codes: digits restored, check letter left out."""
        return self.text if self.kind is TaxCodeKind.PROVISIONAL else _restored(self.text)[:15]


def read_tax_code(text: str) -> TaxCode:
    """Return the code, spaces and case aside; raises `InvalidTaxCode`, whose text does not repeat it."""
    code = "".join(text.split()).upper()
    if re.fullmatch(r"[0-9]{11}", code):
        if not _luhn_holds(code):
            raise InvalidTaxCode("the provisional code's check digit does not fit: compare it with the document")
        return TaxCode(code, TaxCodeKind.PROVISIONAL)
    if not _FORM.fullmatch(code) or not _is_day(_restored(code)[9:11]):
        raise InvalidTaxCode("a codice fiscale has 16 characters, or 11 digits if provisional: compare it with the document")
    if check_letter(code[:15]) != code[15]:
        raise InvalidTaxCode("the code's check letter does not fit: compare it with the document")
    return TaxCode(code, TaxCodeKind.DEFINITIVE)


def check_letter(first_fifteen: str) -> str:
    """Return the sixteenth character for the first fifteen."""
    odd = sum(_ODD[character] for character in first_fifteen[0::2])
    even = sum(int(c) if c.isdigit() else ord(c) - ord("A") for c in first_fifteen[1::2])
    return chr(ord("A") + (odd + even) % 26)


def _restored(code: str) -> str:
    return "".join(c.translate(_TO_DIGITS) if at in _DIGITS_AT else c for at, c in enumerate(code))


def _is_day(two_digits: str) -> bool:
    day = int(two_digits)
    return 1 <= (day - _WOMEN_FROM if day > _WOMEN_FROM else day) <= _LAST_DAY


def _luhn_holds(digits: str) -> bool:
    doubled = (int(d) * (2 if at % 2 else 1) for at, d in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0  # noqa: PLR2004 - casting out nines
