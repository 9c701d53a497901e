"""Matching as versioned data: what each part of the score weighs, and how long each reason for declining holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from contracts.matching_codes import Holding, MatchDeclineReason


class Part(StrEnum):
    """The parts of a score, in the order in which they are told."""

    LANGUAGES = "languages"
    DISTANCE = "distance"
    INTERESTS = "interests"
    AVAILABILITY = "availability"
    CONTINUITY = "continuity"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingPolicy:
    """One version, in force from a day on. `weights` sum up to 100; a part is 0 to 100, a score 0 to 10,000."""

    version: str
    in_force_from: date
    weights: Mapping[Part, int]
    unknown: int
    """What a part counts where one side said nothing of it: neither help nor harm."""
    shared_languages: tuple[int, ...]
    """What none, one, two … languages in common count; more count as the last."""
    shared_interests: tuple[int, ...]
    shared_times: tuple[int, ...]
    other_municipality: int
    """What living in two municipalities of the same province counts, where the same one counts 100."""


MATCHING_POLICIES = (
    MatchingPolicy(
        version="2020-06",
        in_force_from=date(2020, 6, 1),
        weights={Part.LANGUAGES: 30, Part.DISTANCE: 20, Part.INTERESTS: 15, Part.AVAILABILITY: 20, Part.CONTINUITY: 15},
        unknown=50,
        shared_languages=(0, 80, 100),
        shared_interests=(0, 50, 80, 100),
        shared_times=(0, 70, 100),
        other_municipality=40,
    ),
)
"""Oldest first. A change is a new entry at the end: what was proposed under an older one names its version."""

HOLDINGS: Mapping[MatchDeclineReason, Holding] = {
    MatchDeclineReason.NOT_WANTED: Holding.FOR_GOOD,
    MatchDeclineReason.NO_TIME: Holding.WHILE_AVAILABILITY,
    MatchDeclineReason.NOT_NOW: Holding.UNTIL,
    MatchDeclineReason.NO_FIRST_MEETING: Holding.UNTIL,
    MatchDeclineReason.PROPOSED_IN_ERROR: Holding.NOT_AT_ALL,
}
"""How long each reason keeps a pair from being proposed again; a decline stores what held when it was made."""


def matching_policy(day: date) -> MatchingPolicy:
    """Return the policy in force on a day; days before the first one are under the first."""
    return next((policy for policy in reversed(MATCHING_POLICIES) if policy.in_force_from <= day), MATCHING_POLICIES[0])
