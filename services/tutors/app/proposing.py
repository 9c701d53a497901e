"""A matching run: who could be proposed to whom in a territory, and why the others could not. Nothing is stored by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.tutors.app.solving import best_pairs
from services.tutors.domain.matching import Candidate, Seeker, lay_out, weighed
from services.tutors.domain.matching_policies import MatchingPolicy
from services.tutors.domain.weighing import Weighed


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pair of the best solution for all, and its score."""

    seeker: Seeker
    candidate: Candidate
    weighed: Weighed


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Who has nobody: how many tutors each filter took away, and how many would have fitted but were better given to others."""

    seeker: Seeker
    excluded: Mapping[str, int]
    fitting: int


@dataclass(frozen=True, slots=True)
class Run:
    """What a run found."""

    proposals: tuple[Proposal, ...]
    unmatched: tuple[Unmatched, ...]


def run(policy: MatchingPolicy, seekers: Sequence[Seeker], candidates: Sequence[Candidate], day: date) -> Run:
    """Return the best solution for all of a territory at once; the order of people in it decides between equals, and nothing else."""
    board = lay_out(policy, seekers, candidates, day)
    pairs = dict(best_pairs(board.worth, [candidate.places for candidate in candidates]))
    proposals, unmatched = list[Proposal](), list[Unmatched]()
    for row, seeker in enumerate(seekers):
        if row in pairs:
            candidate = candidates[pairs[row]]
            proposals.append(Proposal(seeker, candidate, weighed(policy, seeker, candidate)))
        else:
            fitting = sum(worth is not None for worth in board.worth[row])
            unmatched.append(Unmatched(seeker, board.excluded[row], fitting))
    return Run(tuple(proposals), tuple(unmatched))
