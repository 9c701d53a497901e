"""Matching, but for the solving: who may be proposed to whom at all, and what each pair is worth.

Hard filters come first, and each pair that one keeps apart knows by which; what is left is scored. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.errors import Refusal
from services.tutors.domain.match_talks import Talks
from services.tutors.domain.matching_policies import MatchingPolicy
from services.tutors.domain.taking import check_assignable
from services.tutors.domain.traits import Traits
from services.tutors.domain.tutor_state import Registered, Suspended
from services.tutors.domain.weighing import Weighed, weigh

IN_TALKS = "tutor-in-talks"
DECLINED = "match-declined-before"
PARTED = "parted-before"
NOT_THE_PERSONS_WISH = "not-the-persons-wish"
NOT_THE_TUTORS_WISH = "not-the-tutors-wish"

MOST_DAYS = 999
"""Who waits longer than this waits no longer, as far as ties are decided by it."""

_BEST = 10_000 * (MOST_DAYS + 1) + MOST_DAYS
"""The most that a score and a wait can be worth together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A tutor, for one territory and day. `obstacle` is the code of what stands against any assignment; None where nothing does."""

    tutor_id: UUID
    traits: Traits
    availability: int
    places: int
    obstacle: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeker:
    """A person who waits for a tutor, with the tutors who stood beside them before: `parted` at one's wish, `known` otherwise."""

    request_id: UUID
    beneficiary_id: UUID
    talks: Talks
    waits_since: date
    known: frozenset[UUID] = frozenset()
    parted: frozenset[UUID] = frozenset()


def candidate_of(state: Registered | Suspended, territory: str, day: date, *, in_talks: int) -> Candidate:
    """Return a tutor as a candidate; `in_talks` of the free places are spoken for by matches that stand."""
    facts = state.facts
    free = facts.capacity - len(facts.taken)
    try:
        check_assignable(state, territory, day)
        obstacle = None if free > in_talks else IN_TALKS
    except Refusal as refusal:
        obstacle = refusal.code
    return Candidate(
        tutor_id=facts.profile.tutor_id,
        traits=facts.traits,
        availability=facts.availability_changes,
        places=0 if obstacle else free - in_talks,
        obstacle=obstacle,
    )


def kept_apart_by(seeker: Seeker, candidate: Candidate, day: date) -> str | None:
    """Return the code of the first filter that keeps the two apart; None where none does."""
    if candidate.obstacle is not None:
        return candidate.obstacle
    if not seeker.talks.wishes.accepts(candidate.traits):
        return NOT_THE_PERSONS_WISH
    if not candidate.traits.accepts(seeker.talks.wishes):
        return NOT_THE_TUTORS_WISH
    if candidate.tutor_id in seeker.parted:
        return PARTED
    return DECLINED if seeker.talks.refuses(candidate.tutor_id, day, candidate.availability) else None


def weighed(policy: MatchingPolicy, seeker: Seeker, candidate: Candidate) -> Weighed:
    """Return the score of a pair, and why."""
    return weigh(policy, seeker.talks.wishes, candidate.traits, stood_beside=candidate.tutor_id in seeker.known)


@dataclass(frozen=True, slots=True)
class Board:
    """All pairs of a territory: `worth[s][c]`, None where a filter keeps them apart, and how many tutors each filter took from whom."""

    worth: Sequence[Sequence[int | None]]
    excluded: Sequence[Mapping[str, int]]


def lay_out(policy: MatchingPolicy, seekers: Sequence[Seeker], candidates: Sequence[Candidate], day: date) -> Board:
    """Return the board of these people on a day.

    Any pair is worth more than all that better scores could add up to, so that as many as can be get a tutor; then scores count; then,
    between equals, who has waited longer.
    """
    some_tutor = (len(seekers) + 1) * _BEST
    worth, excluded = list[list[int | None]](), list[Mapping[str, int]]()
    for seeker in seekers:
        waited = min(max((day - seeker.waits_since).days, 0), MOST_DAYS)
        row, kept = list[int | None](), Counter[str]()
        for candidate in candidates:
            filtered = kept_apart_by(seeker, candidate, day)
            if filtered is None:
                row.append(some_tutor + weighed(policy, seeker, candidate).score * (MOST_DAYS + 1) + waited)
            else:
                row.append(None)
                kept[filtered] += 1
        worth.append(row)
        excluded.append(kept)
    return Board(worth, excluded)
