"""The codes in which events about duplicates speak: closed lists of kebab-case words, each a part of the published contract."""

from __future__ import annotations

from enum import StrEnum


class Agreement(StrEnum):
    """How one field of two persons compares; `blank` where either does not have it, which speaks for nothing."""

    MATCH = "match"
    CLOSE = "close"
    MISMATCH = "mismatch"
    BLANK = "blank"


class ScoreBand(StrEnum):
    """How much speaks for two records being one person's."""

    POSSIBLE = "possible"
    LIKELY = "likely"
    VERY_LIKELY = "very-likely"
