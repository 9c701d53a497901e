"""The codes in which an authorisation to disclose speaks: closed lists of kebab-case words, each a part of the published contract."""

from __future__ import annotations

from enum import StrEnum


class LegalBasis(StrEnum):
    """On which ground of GDPR art. 6(1) the recipient uses what is disclosed: apart from the authorisation, which is no consent to it."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal-obligation"
    VITAL_INTERESTS = "vital-interests"
    PUBLIC_TASK = "public-task"
    LEGITIMATE_INTERESTS = "legitimate-interests"


class WithdrawnBy(StrEnum):
    """Who withdraws an authorisation."""

    THE_PERSON = "the-person"
    THE_ORGANISATION = "the-organisation"
