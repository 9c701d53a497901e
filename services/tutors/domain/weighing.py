"""How well two fit: an explained score, part by part, by the weights of a policy. Pure, and quick enough to be asked of every pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.tutors.domain.matching_policies import MatchingPolicy, Part
from services.tutors.domain.traits import Traits


@dataclass(frozen=True, slots=True)
class Weighed:
    """A score and why: each part from 0 to 100, None where one side said nothing of it; `score` is their weighted sum."""

    policy_version: str
    parts: Mapping[Part, int | None]
    score: int


def weigh(policy: MatchingPolicy, seeker: Traits, tutor: Traits, *, stood_beside: bool) -> Weighed:
    """Return the score of a pair; `stood_beside`: the tutor stood beside this person before, and neither asked to end it."""
    parts: dict[Part, int | None] = {
        Part.LANGUAGES: _shared(seeker.languages, tutor.languages, policy.shared_languages),
        Part.DISTANCE: _distance(seeker.municipality, tutor.municipality, policy),
        Part.INTERESTS: _shared(seeker.interests, tutor.interests, policy.shared_interests),
        Part.AVAILABILITY: _shared(seeker.times, tutor.times, policy.shared_times),
        Part.CONTINUITY: 100 if stood_beside else 0,
    }
    unknown = policy.unknown
    score = sum(policy.weights[part] * (unknown if fit is None else fit) for part, fit in parts.items())
    return Weighed(policy.version, parts, score)


def _shared(one: frozenset[str], other: frozenset[str], counts: tuple[int, ...]) -> int | None:
    if not one or not other:
        return None
    return counts[min(len(one & other), len(counts) - 1)]


def _distance(one: str | None, other: str | None, policy: MatchingPolicy) -> int | None:
    if one is None or other is None:
        return None
    return 100 if one == other else policy.other_municipality
