"""Codici fiscali that pass every check of form and can be nobody's: their place of birth, or issuing office, does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.intake.domain.tax_code import check_letter

if TYPE_CHECKING:
    from datetime import date

NO_PLACES = "NOPQRSTUVWXY"
"""Letters with which no place's code begins: those of municipalities begin with A to M, those of foreign states with Z."""
NO_OFFICE = "000"
"""The number of no office: provisional codes carry the number of the one that issued them."""
_MONTHS = "ABCDEHLMPRST"
_WOMEN = 40
_NINE = 9


def definitive(family_name: str, given_name: str, birth_date: date, *, female: bool, number: int) -> str:
    """Return the 16 characters, made by the rules but for the place, which tells persons below number 12,000 apart."""
    day = birth_date.day + (_WOMEN if female else 0)
    born = f"{birth_date.year % 100:02d}{_MONTHS[birth_date.month - 1]}{day:02d}"
    first = f"{_three(family_name)}{_three_of_given(given_name)}{born}{NO_PLACES[number // 1000]}{number % 1000:03d}"
    return first + check_letter(first)


def provisional(serial: int) -> str:
    """Return the 11 digits for a serial number below 10,000,000."""
    first = f"{serial:07d}{NO_OFFICE}"
    doubled = (int(digit) * (2 if at % 2 == 0 else 1) for at, digit in enumerate(reversed(first)))
    total = sum(n - _NINE if n > _NINE else n for n in doubled)
    return f"{first}{-total % 10}"


def _three(name: str) -> str:
    letters = [letter for letter in name.upper() if letter.isalpha()]
    consonants = [letter for letter in letters if letter not in "AEIOU"]
    vowels = [letter for letter in letters if letter in "AEIOU"]
    return "".join([*consonants, *vowels, "X", "X", "X"][:3])


def _three_of_given(name: str) -> str:
    consonants = [letter for letter in name.upper() if letter.isalpha() and letter not in "AEIOU"]
    if len(consonants) > 3:  # noqa: PLR2004 - the rule: of four and more, the second is left out
        return consonants[0] + consonants[2] + consonants[3]
    return _three(name)
