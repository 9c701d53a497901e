"""Invented people as a consortium would record them, and how the same person is recorded again: the noise that a matcher must see through.

Seeded: the same seed gives the same people. Names are common given names in the spellings that documents use for them, family names
likewise or of made-up syllables; nobody in particular has them. Each kind of noise is one of `NOISES`, described in
docs/explanation/duplicates.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from contracts.envelope import Precision
from contracts.intake_codes import Sex
from services.intake.domain.commands import Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MEN = (
    ("Mohammed", "Muhammad", "Mohamed", "Mohammad", "Mahamed"),
    ("Ahmed", "Ahmad", "Ahmet"),
    ("Yusuf", "Youssef", "Yousef", "Yousif"),
    ("Hussein", "Hossain", "Hussain", "Husein"),
    ("Ibrahim", "Ibraheem", "Ebrahim", "Brahim"),
    ("Abdulrahman", "Abdelrahman", "Abdul Rahman", "Abdurrahman"),
    ("Osman", "Ousmane", "Usman"),
    ("Khaled", "Khalid", "Haled"),
    ("Tesfay", "Tesfai", "Tesfaye"),
    ("Gebreyesus", "Ghebreyesus", "Gebre Yesus"),
    ("Oumar", "Omar", "Umar"),
    ("Lamin", "Lamine", "Lameen"),
    ("Oleksandr", "Olexandr", "Aleksandr"),
    ("Kofi", "Koffi"),
    ("Musa", "Moussa", "Mousa"),
)
_WOMEN = (
    ("Fatima", "Fatimah", "Fatma", "Fathima"),
    ("Aisha", "Aicha", "Ayesha", "Aysha"),
    ("Khadija", "Khadidja", "Hadija"),
    ("Maryam", "Mariam", "Meryem", "Mariama"),
    ("Zainab", "Zeinab", "Zaynab", "Zeynep"),
    ("Selam", "Salam", "Sielam"),
    ("Halima", "Haleema", "Halimah"),
    ("Joy", "Joi"),
    ("Blessing", "Blesing"),
    ("Tetiana", "Tatiana", "Tetyana"),
    ("Amina", "Aminata", "Ameena"),
    ("Nasrin", "Nasreen", "Nesrin"),
)
_FAMILIES = (
    ("Diallo", "Djallo", "Jallow"),
    ("Traoré", "Traore", "Trawore"),
    ("Ouattara", "Watara", "Ouatara"),
    ("Al-Hassan", "Alhassan", "El Hasan", "Hassan"),
    ("Khan", "Kan"),
    ("Haile", "Hailé", "Hayle"),
    ("Rahimi", "Raheemi", "Rahimy"),
    ("Nguyễn", "Nguyen"),
    ("Şahin", "Sahin", "Shahin"),
    ("Okafor", "Okaphor"),
    ("Ceesay", "Sesay", "Cisse"),
    ("Petrenko", "Petrenco"),
)
_SYLLABLES = (
    "ba",
    "de",
    "fi",
    "go",
    "ka",
    "le",
    "mi",
    "no",
    "pa",
    "re",
    "sa",
    "ti",
    "vo",
    "zu",
    "la",
    "ne",
    "ro",
    "su",
    "dra",
    "kir",
    "man",
)
_CITIZENSHIPS = ("NGA", "PAK", "AFG", "SOM", "MLI", "SYR", "GMB", "ERI", "CIV", "IRQ", "SDN", "UKR", "TUR")
_SPELLINGS: Mapping[str, tuple[str, ...]] = {name: group for group in (*_MEN, *_WOMEN, *_FAMILIES) for name in group}
_FIRST, _DAYS = date(1955, 1, 1), 18_500
_FIRST_OF_JANUARY = 0.25
_LETTERS = "abcdefghijklmnoprstuvyz"


@dataclass(frozen=True, slots=True)
class Noisy:
    """A person recorded again, and by which kind of noise."""

    noise: str
    identity: Identity


def invent(dice: Random) -> Identity:
    """Return an invented person; a quarter are born on 1 January, as documents have it."""
    female = dice.random() < 0.4  # noqa: PLR2004 - a share
    given = dice.choice(dice.choice(_WOMEN if female else _MEN))
    if dice.random() < 0.3:  # noqa: PLR2004 - a share
        given = f"{given} {dice.choice(dice.choice(_MEN))}"
    known = dice.random() < 0.2  # noqa: PLR2004 - a share
    family = dice.choice(dice.choice(_FAMILIES)) if known else "".join(dice.choice(_SYLLABLES) for _ in range(3)).capitalize()
    born = _FIRST + timedelta(days=dice.randrange(_DAYS))
    if dice.random() < _FIRST_OF_JANUARY:
        born = born.replace(month=1, day=1)
    return Identity(
        sex=Sex.FEMALE if female else Sex.MALE,
        given_names=given,
        family_name=family,
        birth_date=born,
        birth_date_precision=Precision.DAY,
        citizenship=dice.choice(_CITIZENSHIPS),
    )


def again(one: Identity, dice: Random) -> Noisy:
    """Return the person as another desk recorded them, by one kind of noise."""
    noise = dice.choice(sorted(NOISES))
    return Noisy(noise, NOISES[noise](one, dice))


def _respelt(one: Identity, dice: Random) -> Identity:
    given, family = (" ".join(_spelt(word, dice) for word in name.split(" ")) for name in _names(one))
    return replace(one, given_names=given, family_name=family)


def _spelt(word: str, dice: Random) -> str:
    others = [spelling for spelling in _SPELLINGS.get(word, ()) if spelling != word]
    return dice.choice(others) if others else word.replace("k", "q").replace("f", "ph")


def _swapped_names(one: Identity, _dice: Random) -> Identity:
    return replace(one, given_names=one.family_name, family_name=one.given_names)


def _part_missing(one: Identity, dice: Random) -> Identity:
    """Leave out a second given name, or the given names where there is one."""
    words = _names(one)[0].split(" ")
    kept = None if len(words) == 1 else words[dice.randrange(len(words))]
    return replace(one, given_names=kept)


def _part_added(one: Identity, dice: Random) -> Identity:
    return replace(one, given_names=f"{one.given_names} {dice.choice(dice.choice(_MEN))}")


def _mistyped(one: Identity, dice: Random) -> Identity:
    given, family = _names(one)
    if dice.random() < 0.5:  # noqa: PLR2004 - either
        return replace(one, given_names=_typo(given, dice))
    return replace(one, family_name=_typo(family, dice))


def _typo(text: str, dice: Random) -> str:
    at = dice.randrange(1, len(text))
    kinds = (
        text[:at] + text[at + 1 :],
        text[:at] + dice.choice(_LETTERS) + text[at:],
        text[:at] + dice.choice(_LETTERS) + text[at + 1 :],
        text[: at - 1] + text[at : at + 1] + text[at - 1 : at] + text[at + 1 :],
    )
    return dice.choice(kinds)


def _day_and_month(one: Identity, _dice: Random) -> Identity:
    born = _born(one)
    return replace(one, birth_date=born.replace(month=born.day, day=born.month) if born.day <= 12 else born)  # noqa: PLR2004 - months


def _first_of_january(one: Identity, _dice: Random) -> Identity:
    return replace(one, birth_date=_born(one).replace(month=1, day=1))


def _year_alone(one: Identity, _dice: Random) -> Identity:
    return replace(one, birth_date=_born(one).replace(month=1, day=1), birth_date_precision=Precision.YEAR)


def _next_year(one: Identity, dice: Random) -> Identity:
    born = _born(one)
    return replace(one, birth_date=_in_year(born, born.year + dice.choice((-1, 1))))


def _one_digit(one: Identity, dice: Random) -> Identity:
    born = _born(one)
    place = 10 if born.year < 2000 else 1  # noqa: PLR2004 - the digit that may be wrong: the decade, or the year of a child
    digit = born.year // place % 10
    wrong = dice.choice([each for each in range(5, 10) if each != digit])
    return replace(one, birth_date=_in_year(born, born.year + (wrong - digit) * place))


def _in_year(born: date, year: int) -> date:
    """Return the day in another year; of 29 February, the one before."""
    return born.replace(year=year, day=28 if (born.month, born.day) == (2, 29) else born.day)


def _no_day(one: Identity, _dice: Random) -> Identity:
    return replace(one, birth_date=None, birth_date_precision=None)


def _names(one: Identity) -> tuple[str, str]:
    return one.given_names or "", one.family_name or ""


def _born(one: Identity) -> date:
    return one.birth_date or _FIRST


NOISES: Mapping[str, Callable[[Identity, Random], Identity]] = {
    "respelt": _respelt,
    "swapped-names": _swapped_names,
    "part-missing": _part_missing,
    "part-added": _part_added,
    "mistyped": _mistyped,
    "day-and-month": _day_and_month,
    "first-of-january": _first_of_january,
    "year-alone": _year_alone,
    "next-year": _next_year,
    "one-digit": _one_digit,
    "no-day": _no_day,
}
"""Each kind of noise by its name."""
