"""Matching in words, Italian and English, from the codes that are stored: why two fit, and what keeps others apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from services.tutors.domain.approval import TutorNotInsured, VettingExpired, VettingNotPassed
from services.tutors.domain.matching import DECLINED, IN_TALKS, NOT_THE_PERSONS_WISH, NOT_THE_TUTORS_WISH, PARTED
from services.tutors.domain.matching_policies import Part
from services.tutors.domain.taking import TutorAtCapacity, TutorElsewhere, TutorIsSuspended, TutorNotApproved, TutorNotAvailable


class Words(NamedTuple):
    """The same in both languages of the interface."""

    it: str
    en: str


EXCLUSIONS: Mapping[str, Words] = {
    TutorElsewhere.code: Words("in un altro territorio", "in another territory"),
    TutorNotApproved.code: Words("non ancora approvato", "not approved"),
    TutorIsSuspended.code: Words("sospeso", "suspended"),
    VettingNotPassed.code: Words("verifica di idoneità non superata", "vetting not passed"),
    VettingExpired.code: Words("verifica di idoneità scaduta", "vetting expired"),
    TutorNotInsured.code: Words("senza assicurazione valida", "not insured"),
    TutorNotAvailable.code: Words("al momento non disponibile", "takes no new assignments at present"),
    TutorAtCapacity.code: Words("nessun posto libero", "no free place"),
    IN_TALKS: Words("in attesa di risposta per un altro abbinamento", "waiting for an answer about another match"),
    NOT_THE_PERSONS_WISH: Words("la persona desidera un tutor di altro genere", "the person wishes for a tutor of another gender"),
    NOT_THE_TUTORS_WISH: Words(
        "il tutor desidera affiancare una persona di altro genere", "the tutor wishes for a person of another gender"
    ),
    PARTED: Words("affiancamento già concluso su richiesta di uno dei due", "an earlier assignment ended because one of the two asked"),
    DECLINED: Words("abbinamento già rifiutato, e il motivo vale ancora", "declined before, and the reason still holds"),
}
"""What is said of each filter, by its code."""

_UNSAID = Words("non indicato", "not said")
_FITS: Mapping[Part, tuple[tuple[int, Words], ...]] = {
    Part.LANGUAGES: (
        (100, Words("più lingue in comune", "several languages in common")),
        (1, Words("una lingua in comune", "one language in common")),
        (0, Words("nessuna lingua in comune", "no language in common")),
    ),
    Part.DISTANCE: (
        (100, Words("stesso comune", "same municipality")),
        (0, Words("altro comune della provincia", "another municipality of the province")),
    ),
    Part.INTERESTS: (
        (100, Words("molti interessi in comune", "many interests in common")),
        (1, Words("qualche interesse in comune", "some interests in common")),
        (0, Words("nessun interesse in comune", "no interests in common")),
    ),
    Part.AVAILABILITY: (
        (100, Words("più momenti liberi in comune", "free at the same times, several")),
        (1, Words("un momento libero in comune", "free at the same time, once")),
        (0, Words("nessun momento libero in comune", "never free at the same time")),
    ),
    Part.CONTINUITY: (
        (1, Words("ha già affiancato la persona", "stood beside the person before")),
        (0, Words("primo affiancamento insieme", "would be their first time together")),
    ),
}
"""What is said of a part that counts at least so much."""


def words_of(part: Part, fit: int | None) -> Words:
    """Return what is said of a part of a score."""
    return _UNSAID if fit is None else next(words for least, words in _FITS[part] if fit >= least)
