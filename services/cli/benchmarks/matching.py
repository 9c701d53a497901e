"""Matching of a whole country in a second, and what it is worth: beside the bare solver in time, beside greedy in what people get.

Ours filters, scores and solves each territory as a run does. The first floor is the library's solver alone, on the very matrices that ours
came to. Greedy takes the best pair that is left, territory by territory, on the same worths: what a coordinator does who goes through
a list. People, wishes and tutors are invented, the same ones every time.
"""

from __future__ import annotations

import time
from array import array
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from scipy.optimize import linear_sum_assignment

from contracts.intake_codes import Sex
from contracts.matching_codes import Interest, TimeSlot
from services._runtime.ids import derived_id
from services.cli.benchmarks.measuring import Bar, Result, Run, compared, in_turn
from services.tutors.app.proposing import run
from services.tutors.domain.match_talks import Talks
from services.tutors.domain.matching import Board, Candidate, Seeker, lay_out, weighed
from services.tutors.domain.matching_policies import matching_policy
from services.tutors.domain.traits import Traits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.cli.benchmarks.counts import Counts
    from services.cli.benchmarks.ground import Ground

AGAINST_THE_SOLVER = Bar(at_least=0.001)
AGAINST_GREEDY = Bar(at_least=1)
_SEED = 20
_DAY = date(2021, 3, 1)
_POLICY = matching_policy(_DAY)
_LANGUAGES = ("ar", "bm", "en", "es", "fa", "fr", "ps", "so", "ti", "ur", "wo")
_OBSTACLES = ("tutor-at-capacity", "tutor-not-approved", "tutor-not-available", "tutor-not-insured")


@dataclass(frozen=True, slots=True)
class Territory:
    """Who waits in a territory, and its tutors."""

    seekers: Sequence[Seeker]
    candidates: Sequence[Candidate]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What people got: the scores of all pairs together, how many are matched, and of how many in the worst territory and in the best."""

    score: int
    matched: int
    least: float
    most: float


async def measure(_ground: Ground, counts: Counts) -> list[Result]:
    """Measure it, against both."""
    territories = _country(counts)
    boards = [lay_out(_POLICY, one.seekers, one.candidates, _DAY) for one in territories]

    async def ours() -> Run:
        began = time.perf_counter()
        matched = sum(len(run(_POLICY, one.seekers, one.candidates, _DAY).proposals) for one in territories)
        return Run(counts.waiting / (time.perf_counter() - began), matched)

    matrices = [_matrix(board, one) for board, one in zip(boards, territories, strict=True)]

    async def bare() -> Run:
        began = time.perf_counter()
        solved = [linear_sum_assignment(matrix, maximize=True) for matrix in matrices]
        seconds = time.perf_counter() - began
        matched = sum(matrix[row, column] > 0 for matrix, pairs in zip(matrices, solved, strict=True) for row, column in _pairs(pairs))
        return Run(counts.waiting / seconds, matched)

    timed = await in_turn(ours, bare, repeats=counts.repeats)
    best, greedy = _outcome(territories, _best(territories)), _outcome(territories, _greedy(territories, boards))
    return [
        compared("matching.against-the-bare-solver", "requests/s", AGAINST_THE_SOLVER, timed),
        compared("matching.score-against-greedy", "points", AGAINST_GREEDY, [(best.score, greedy.score)]),
        compared("matching.matched-against-greedy", "persons", AGAINST_GREEDY, [(best.matched, greedy.matched)]),
        compared("matching.worst-territory-against-greedy", "% matched", AGAINST_GREEDY, [(100 * best.least, 100 * greedy.least)]),
        compared(
            "matching.worst-to-best-territory-against-greedy",
            "share",
            AGAINST_GREEDY,
            [(best.least / best.most, greedy.least / greedy.most)],
        ),
    ]


def _country(counts: Counts) -> list[Territory]:
    """Return so many people who wait and tutors, unevenly over the territories: in some of them tutors are short."""
    dice = Random(_SEED)  # noqa: S311 - the same people every time
    waiting = _shared_out(counts.waiting, [dice.uniform(1, 3) for _ in range(counts.territories)])
    tutors = _shared_out(counts.tutors, [dice.uniform(1, 3) for _ in range(counts.territories)])
    return [
        Territory([_seeker(dice, at, number) for number in range(seekers)], [_candidate(dice, at, number) for number in range(candidates)])
        for at, (seekers, candidates) in enumerate(zip(waiting, tutors, strict=True))
    ]


def _shared_out(total: int, weights: Sequence[float]) -> list[int]:
    shares = [int(total * weight / sum(weights)) for weight in weights]
    return [share + (at < total - sum(shares)) for at, share in enumerate(shares)]


def _seeker(dice: Random, territory: int, number: int) -> Seeker:
    gender = dice.choices((Sex.FEMALE, Sex.MALE), (30, 70))[0]
    wanted = gender if dice.random() < 0.15 else None  # noqa: PLR2004 - so many want one like themselves
    return Seeker(
        request_id=derived_id("bench-request", territory, number),
        beneficiary_id=derived_id("bench-person", territory, number),
        talks=Talks(wishes=_traits(dice, dice.sample(_LANGUAGES, dice.randint(1, 2)), gender, wanted)),
        waits_since=_DAY - timedelta(days=dice.randint(0, 300)),
    )


def _candidate(dice: Random, territory: int, number: int) -> Candidate:
    gender = dice.choices((Sex.FEMALE, Sex.MALE), (60, 40))[0]
    wanted = gender if dice.random() < 0.1 else None  # noqa: PLR2004 - see above
    obstacle = dice.choice(_OBSTACLES) if dice.random() < 0.6 else None  # noqa: PLR2004 - most of a register is busy or resting
    return Candidate(
        tutor_id=derived_id("bench-tutor", territory, number),
        traits=_traits(dice, ["it", *dice.sample(_LANGUAGES, dice.randint(0, 2))], gender, wanted),
        availability=0,
        places=0 if obstacle else dice.choices((1, 2, 3), (75, 20, 5))[0],
        obstacle=obstacle,
    )


def _traits(dice: Random, languages: Sequence[str], gender: Sex, wanted: Sex | None) -> Traits:
    return Traits(
        languages=frozenset(languages),
        interests=frozenset(dice.sample(list(Interest), dice.randint(1, 4))),
        times=frozenset(dice.sample(list(TimeSlot), dice.randint(1, 2))),
        gender=gender,
        wanted_gender=wanted,
        municipality=f"{dice.randint(1, 8):06d}",
    )


def _matrix(board: Board, territory: Territory) -> memoryview[float]:
    """Return the worths as the solver likes them best: a column for each place, numbers as the machine holds them."""
    columns = [at for at, one in enumerate(territory.candidates) for _ in range(one.places)]
    flat = array("d", (row[column] or 0 for row in board.worth for column in columns))
    return memoryview(flat).cast("B").cast("d", (len(board.worth), len(columns)))


def _pairs(solved: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    return [(int(row), int(column)) for row, column in zip(*solved, strict=True)]


Pairs = list[tuple[Seeker, Candidate]]


def _best(territories: Sequence[Territory]) -> list[Pairs]:
    runs = [run(_POLICY, one.seekers, one.candidates, _DAY) for one in territories]
    return [[(pair.seeker, pair.candidate) for pair in one.proposals] for one in runs]


def _greedy(territories: Sequence[Territory], boards: Sequence[Board]) -> list[Pairs]:
    found = list[Pairs]()
    for one, board in zip(territories, boards, strict=True):
        left, met, pairs = [candidate.places for candidate in one.candidates], set[int](), Pairs()
        every = [(worth, row, column) for row, cells in enumerate(board.worth) for column, worth in enumerate(cells) if worth is not None]
        for _, row, column in sorted(every, reverse=True):
            if row not in met and left[column]:
                met.add(row)
                left[column] -= 1
                pairs.append((one.seekers[row], one.candidates[column]))
        found.append(pairs)
    return found


def _outcome(territories: Sequence[Territory], found: Sequence[Pairs]) -> Outcome:
    shares = [len(pairs) / len(one.seekers) for one, pairs in zip(territories, found, strict=True)]
    score = sum(weighed(_POLICY, seeker, candidate).score for pairs in found for seeker, candidate in pairs)
    return Outcome(score, sum(len(pairs) for pairs in found), min(shares), max(shares))
