"""By which keys records are found that may be one person's, without looking at all of them: two of one person share at least one.

A key is a text of what little two records must have in common; only its HMAC is kept. There are several kinds, each for another way in
which what is known of one person differs from desk to desk (docs/explanation/duplicates.md).
"""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

from contracts.envelope import Precision
from services.intake.domain.comparing import canonical_code
from services.intake.domain.name_words import name_words, skeleton

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from services.intake.domain.commands import Identity

RULE = 1
"""Which rule the keys follow: another one builds the index anew."""

_MOST_WORDS = 6
_NAMES, _DAY, _NAME_AND_DAY, _NAME_AND_YEAR, _CODE = 4, 4, 3, 1, 16


def code_keys(tax_code: str | None) -> Mapping[str, int]:
    """Return the keys of a codice fiscale, with what each says."""
    code = canonical_code(tax_code)
    return {} if code is None else {f"code:{code[1]}": _CODE}


def identity_keys(identity: Identity) -> Mapping[str, int]:
    """Return the keys under which a person is kept, with what each says."""
    return dict(_keys(identity, lenient=False))


def name_keys(given_names: str | None, family_name: str | None) -> Mapping[str, int]:
    """Return the keys under which a person is kept by another name: of that name alone, so that a corrected birth date leaves them true."""
    words, pairs = _words(given_names, family_name)
    return {**{f"names:{pair}": _NAMES for pair in pairs}, **{f"name:{word}": _NAME_AND_YEAR for word in words}}


def asked_keys(identity: Identity, tax_code: str | None) -> Mapping[str, int]:
    """Return the keys by which whoever may be this person is looked for: also those that a slip would have made."""
    return {**dict(_keys(identity, lenient=True)), **code_keys(tax_code)}


def _keys(identity: Identity, *, lenient: bool) -> Iterator[tuple[str, int]]:
    words, pairs = _words(identity.given_names, identity.family_name)
    yield from ((f"names:{pair}", _NAMES) for pair in pairs)
    born = identity.birth_date
    if born is None or lenient:
        yield from ((f"name:{word}", _NAME_AND_YEAR) for word in words)
    if born is None:
        return
    for word in words:
        for year in (born.year - 1, born.year, born.year + 1) if lenient else (born.year,):
            yield f"year:{word}|{year}", _NAME_AND_YEAR
    if identity.birth_date_precision is not Precision.DAY or (born.month, born.day) == (1, 1):
        return
    for day in _days(born) if lenient else (born,):
        yield f"day:{day.isoformat()}", _DAY
    for word in words:
        yield f"name-day:{word}|{born.month}-{born.day}", _NAME_AND_DAY


def _words(given_names: str | None, family_name: str | None) -> tuple[list[str], list[str]]:
    """Return the skeletons of a name's words, and the pairs of them: each two words, and both names whole."""
    given, family = _skeletons(given_names), _skeletons(family_name)
    words = sorted({*given, *family})[:_MOST_WORDS]
    whole = [sorted(("".join(given), "".join(family)))] if given and family else []
    return words, [f"{one}|{other}" for one, other in (*combinations(words, 2), *whole)]


def _skeletons(name: str | None) -> list[str]:
    return [skeleton(word) for word in name_words(name)]


def _days(born: date) -> Iterator[date]:
    """Yield the day, and the one with day and month swapped where there is such a day."""
    yield born
    if born.day <= 12 and born.day != born.month:  # noqa: PLR2004 - months
        yield date(born.year, born.day, born.month)
