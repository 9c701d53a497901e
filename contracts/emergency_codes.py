"""The codes in which events about emergency access speak: closed lists of kebab-case words, each a part of the published contract."""

from __future__ import annotations

from enum import StrEnum


class EmergencyGround(StrEnum):
    """Why somebody must see at once whom they do not look after."""

    DANGER_TO_LIFE = "danger-to-life"
    HOSPITAL = "hospital"
    VIOLENCE = "violence"
    MINOR_AT_RISK = "minor-at-risk"
    MISSING_PERSON = "missing-person"
    OTHER = "other"


class ReviewOutcome(StrEnum):
    """What the officer finds."""

    JUSTIFIED = "justified"
    NOT_JUSTIFIED = "not-justified"
