"""How much speaks for two records being one person's: field by field, with a score from 0 to 1. Pure, and the same both ways."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from rapidfuzz.distance import JaroWinkler

from contracts.duplicate_codes import Agreement, ScoreBand
from contracts.duplicates import FieldsCompared
from contracts.envelope import Precision
from contracts.errors import Refusal
from services.intake.domain.aliases import Name, whole
from services.intake.domain.commands import Identity
from services.intake.domain.matcher import MATCHER, Matcher
from services.intake.domain.name_words import latin, name_words, skeleton
from services.intake.domain.tax_code import TaxCodeKind, read_tax_code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contracts.aliases import AliasRecorded

_ORDER = (Agreement.MATCH, Agreement.CLOSE, Agreement.BLANK, Agreement.MISMATCH)


@dataclass(frozen=True, slots=True)
class Known:
    """What is compared of a person: who they are, their codice fiscale where it is known, and the other names they are known under."""

    identity: Identity
    tax_code: str | None = None
    also: tuple[Name, ...] = ()

    @property
    def names(self) -> tuple[Name, ...]:
        """Return every name under which the person is compared."""
        return (self.identity.given_names, self.identity.family_name), *self.also


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two persons compare; `band` is None where too little speaks for their being one."""

    fields: FieldsCompared
    score: float
    band: ScoreBand | None
    matcher: str


def known_of(identity: Identity, tax_code: str | None, aliases: Iterable[AliasRecorded]) -> Known:
    """Return what is compared of a recorded person."""
    return Known(identity, tax_code, tuple(whole(each, identity) for each in aliases))


def compare(one: Known, other: Known, matcher: Matcher = MATCHER) -> Comparison:
    """Return how two persons compare, by the weights of `matcher`."""
    fields = _fields(one, other, matcher)
    vague = _vague(one.identity) or _vague(other.identity)
    bits = (
        matcher.prior
        + matcher.given_names.of(fields.given_names)
        + matcher.family_name.of(fields.family_name)
        + (matcher.vague_birth_date if vague else matcher.birth_date).of(fields.birth_date)
        + matcher.sex.of(fields.sex)
        + matcher.citizenship.of(fields.citizenship)
        + matcher.tax_code.of(fields.tax_code)
    )
    score = round(1 / (1 + 2**-bits), 3)
    band = next((band for least, band in matcher.bands if score >= least), None)
    return Comparison(fields, score, band, matcher.version)


def _fields(one: Known, other: Known, matcher: Matcher) -> FieldsCompared:
    given, family = _best_names(one, other, matcher)
    return FieldsCompared(
        given_names=given,
        family_name=family,
        birth_date=_birth_dates(one.identity, other.identity),
        sex=_same(one.identity.sex, other.identity.sex),
        citizenship=_same(one.identity.citizenship, other.identity.citizenship),
        tax_code=_tax_codes(one.tax_code, other.tax_code),
    )


def _best_names(one: Known, other: Known, matcher: Matcher) -> tuple[Agreement, Agreement]:
    """Return how given names and family name compare, of whichever name of each speaks most for their being one person."""
    pairs = {_names(ours, theirs, matcher) for ours in one.names for theirs in other.names}
    return max(pairs, key=lambda pair: (matcher.given_names.of(pair[0]) + matcher.family_name.of(pair[1]), pair))


def _names(one: Name, other: Name, matcher: Matcher) -> tuple[Agreement, Agreement]:
    """Return how given names and family name compare: as they are written, or one in the other's place if that says more."""
    straight = (_name(one[0], other[0], matcher), _name(one[1], other[1], matcher))
    crossed = [_name(one[0], other[1], matcher), _name(one[1], other[0], matcher)]
    if not set(crossed) <= {Agreement.MATCH, Agreement.CLOSE}:
        return straight
    swapped = (Agreement.CLOSE, Agreement.CLOSE)
    return min(straight, swapped, key=lambda pair: sum(_ORDER.index(each) for each in pair))


def _name(one: str | None, other: str | None, matcher: Matcher) -> Agreement:
    ours, theirs = name_words(one), name_words(other)
    if not ours or not theirs:
        return Agreement.BLANK
    if sorted(ours) == sorted(theirs):
        return Agreement.MATCH
    fewer, more = sorted((ours, theirs), key=len)
    if _found_in(more, fewer, matcher) and (len(fewer) < len(more) or _found_in(fewer, more, matcher)):
        return Agreement.CLOSE
    return Agreement.CLOSE if _close("".join(ours), "".join(theirs), matcher) else Agreement.MISMATCH


def _found_in(words: tuple[str, ...], wanted: tuple[str, ...], matcher: Matcher) -> bool:
    return all(any(_close(word, each, matcher) for each in words) for word in wanted)


def _close(one: str, other: str, matcher: Matcher) -> bool:
    """Tell whether two words may be one, spelt in two ways or once wrongly."""
    alike = JaroWinkler.normalized_similarity(latin(one), latin(other))
    return alike >= (matcher.sounding_alike if skeleton(one) == skeleton(other) else matcher.spelt_alike)


def _birth_dates(one: Identity, other: Identity) -> Agreement:
    if one.birth_date is None or other.birth_date is None:
        return Agreement.BLANK
    if _coarser(one, other):
        return _coarsely(one, other)
    if one.birth_date == other.birth_date:
        return Agreement.MATCH
    return Agreement.CLOSE if _slip(one.birth_date, other.birth_date) else Agreement.MISMATCH


def _coarser(one: Identity, other: Identity) -> bool:
    return any(each.birth_date_precision in (Precision.YEAR, Precision.MONTH) for each in (one, other))


def _coarsely(one: Identity, other: Identity) -> Agreement:
    """Compare what both know: the year, and the month where neither knows the year alone."""
    first, second = _day(one), _day(other)
    by_month = Precision.YEAR not in (one.birth_date_precision, other.birth_date_precision)
    if first.year == second.year:
        return Agreement.MATCH if not by_month or first.month == second.month else Agreement.CLOSE
    return Agreement.CLOSE if abs(first.year - second.year) == 1 else Agreement.MISMATCH


def _slip(one: date, other: date) -> bool:
    """Tell whether two days differ as by a slip: day and month swapped, a year next to it, one digit, or 1 January for the year."""
    swapped = (one.year, one.month, one.day) == (other.year, other.day, other.month)
    next_year = abs(one.year - other.year) == 1 and (one.month, one.day) == (other.month, other.day)
    digits = sum(a != b for a, b in zip(one.isoformat(), other.isoformat(), strict=True)) == 1
    stands_in = one.year == other.year and (1, 1) in ((one.month, one.day), (other.month, other.day))
    return swapped or next_year or digits or stands_in


def _day(identity: Identity) -> date:
    assert identity.birth_date is not None  # noqa: S101 - asked before
    return identity.birth_date


def _vague(identity: Identity) -> bool:
    """Tell whether a birth date says less than it looks: thousands are registered on 1 January who do not know their day."""
    born = identity.birth_date
    return born is not None and ((born.month, born.day) == (1, 1) or identity.birth_date_precision is not Precision.DAY)


def _same(one: object, other: object) -> Agreement:
    if one is None or other is None:
        return Agreement.BLANK
    return Agreement.MATCH if one == other else Agreement.MISMATCH


def _tax_codes(one: str | None, other: str | None) -> Agreement:
    """Compare codes of one kind: a provisional one says nothing of a definitive one."""
    ours, theirs = canonical_code(one), canonical_code(other)
    if ours is None or theirs is None or ours[0] is not theirs[0]:
        return Agreement.BLANK
    return _same(ours[1], theirs[1])


def canonical_code(text: str | None) -> tuple[TaxCodeKind, str] | None:
    """Return a codice fiscale as it is compared; None where it is none."""
    try:
        code = None if text is None else read_tax_code(text)
    except Refusal:
        return None
    return None if code is None else (code.kind, code.canonical)
