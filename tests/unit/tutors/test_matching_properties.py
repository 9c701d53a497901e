"""Properties of matching over any board and any people: never worse than greedy, nobody over capacity, nobody whom a filter keeps apart."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Refusal
from contracts.intake_codes import Sex
from contracts.matching_codes import Interest, MatchDeclineReason, MatchParty, TimeSlot
from contracts.tutor_requests import RequestMet
from services._runtime.ids import derived_id
from services.tutors.app.deciders import REQUEST
from services.tutors.app.proposing import run
from services.tutors.app.solving import best_pairs, total
from services.tutors.domain.match_talks import Talks, evolve
from services.tutors.domain.matching import Candidate, Seeker, kept_apart_by
from services.tutors.domain.matching_commands import AcceptMatch, DeclineMatch
from services.tutors.domain.matching_policies import matching_policy
from services.tutors.domain.request_commands import MeetRequest, RequestCommand
from services.tutors.domain.traits import Traits
from tests.unit.tutors.cases import AGREED, ASSIGNMENT_ID, PROPOSED, TODAY, TUTOR_ID, after
from tests.unit.tutors.match_cases import NOT_WANTED, PROPOSE, declined

POLICY = matching_policy(TODAY)
TUTORS = [derived_id("tutor", number) for number in range(6)]

Board = list[list[int | None]]
_worth = st.none() | st.integers(1, 10**9)


@st.composite
def boards(draw: st.DrawFn, most: int = 7) -> tuple[Board, list[int]]:
    columns = draw(st.integers(0, most))
    rows = draw(st.lists(st.lists(_worth, min_size=columns, max_size=columns), max_size=most))
    return rows, draw(st.lists(st.integers(0, 3), min_size=columns, max_size=columns))


def greedy(worth: Board, places: list[int]) -> list[tuple[int, int]]:
    """Return what somebody picks who always takes the best pair that is left."""
    left, pairs, met = list(places), list[tuple[int, int]](), set[int]()
    every = [(value, row, column) for row, cells in enumerate(worth) for column, value in enumerate(cells) if value is not None]
    for _, row, column in sorted(every, key=lambda one: (-one[0], one[1:])):
        if row not in met and left[column]:
            met.add(row)
            left[column] -= 1
            pairs.append((row, column))
    return pairs


@given(boards())
def test_no_pair_is_made_that_may_not_be_and_nobody_gets_more_than_they_have_places(board: tuple[Board, list[int]]) -> None:
    worth, places = board
    pairs = best_pairs(worth, places)
    assert all(worth[row][column] is not None for row, column in pairs)
    assert len({row for row, _ in pairs}) == len(pairs)
    assert all(sum(1 for _, other in pairs if other == column) <= free for column, free in enumerate(places))
    assert best_pairs(worth, places) == pairs


@given(boards())
def test_all_at_once_is_never_worse_than_one_after_the_other(board: tuple[Board, list[int]]) -> None:
    worth, places = board
    assert total(worth, best_pairs(worth, places)) >= total(worth, greedy(worth, places))


@given(boards(most=3))
def test_nothing_is_better_than_what_is_found(board: tuple[Board, list[int]]) -> None:
    worth, places = board
    seats = [column for column, free in enumerate(places) for _ in range(free)] + [None] * len(worth)
    found = total(worth, best_pairs(worth, places))
    for chosen in set(permutations(seats, len(worth))):
        assert found >= sum(worth[row][column] or 0 for row, column in enumerate(chosen) if column is not None)


_traits = st.builds(
    Traits,
    languages=st.frozensets(st.sampled_from(["ar", "it", "fr"])),
    interests=st.frozensets(st.sampled_from(Interest), max_size=3),
    times=st.frozensets(st.sampled_from(TimeSlot)),
    gender=st.none() | st.sampled_from(Sex),
    wanted_gender=st.none() | st.sampled_from(Sex),
    municipality=st.none() | st.sampled_from(["034027", "034014"]),
)
_declines = st.sampled_from(
    [
        declined(MatchDeclineReason.NOT_WANTED),
        declined(MatchDeclineReason.NO_TIME, availability=0),
        declined(MatchDeclineReason.NOT_NOW, until=after(5)),
        declined(MatchDeclineReason.NOT_NOW, until=after(-5)),
        declined(MatchDeclineReason.PROPOSED_IN_ERROR),
    ]
)


@st.composite
def people(draw: st.DrawFn) -> tuple[list[Seeker], list[Candidate]]:
    seekers = []
    for at in range(draw(st.integers(0, 6))):
        talks = Talks(wishes=draw(_traits))
        for said in draw(st.lists(st.tuples(_declines, st.sampled_from(TUTORS)), max_size=3)):
            decline, tutor_id = said
            talks = evolve(evolve(talks, PROPOSED), decline.model_copy(update={"tutor_id": tutor_id}))
        seekers.append(
            Seeker(
                request_id=derived_id("request", at),
                beneficiary_id=derived_id("person", at),
                talks=talks,
                waits_since=after(-draw(st.integers(0, 2000))),
                known=draw(st.frozensets(st.sampled_from(TUTORS), max_size=2)),
                parted=draw(st.frozensets(st.sampled_from(TUTORS), max_size=1)),
            )
        )
    obstacles = st.none() | st.sampled_from(["tutor-at-capacity", "tutor-not-insured"])
    candidates = []
    for tutor_id in TUTORS[: draw(st.integers(0, len(TUTORS)))]:
        obstacle = draw(obstacles)
        places = 0 if obstacle else draw(st.integers(1, 3))
        traits, availability = draw(_traits), draw(st.integers(0, 1))
        candidates.append(Candidate(tutor_id=tutor_id, traits=traits, availability=availability, places=places, obstacle=obstacle))
    return seekers, candidates


@given(people())
def test_a_run_proposes_nobody_whom_a_filter_keeps_apart_and_forgets_nobody(everybody: tuple[list[Seeker], list[Candidate]]) -> None:
    """A declined pair is absent while its reason holds; an uninsured or full tutor is proposed to nobody."""
    seekers, candidates = everybody
    found = run(POLICY, seekers, candidates, TODAY)
    for one in found.proposals:
        assert kept_apart_by(one.seeker, one.candidate, TODAY) is None
    for tutor in candidates:
        assert sum(1 for one in found.proposals if one.candidate is tutor) <= tutor.places
    told = [one.seeker.request_id for one in found.proposals] + [one.seeker.request_id for one in found.unmatched]
    assert sorted(told) == sorted(seeker.request_id for seeker in seekers)
    for waiting in found.unmatched:
        assert sum(waiting.excluded.values()) + waiting.fitting == len(candidates)


@given(people())
def test_no_run_leaves_out_whom_it_could_still_have_matched(everybody: tuple[list[Seeker], list[Candidate]]) -> None:
    """As many as can be get a tutor: for whoever has nobody, no place is left that would do."""
    seekers, candidates = everybody
    found = run(POLICY, seekers, candidates, TODAY)
    for waiting in found.unmatched:
        for tutor in candidates:
            taken = sum(1 for one in found.proposals if one.candidate is tutor)
            assert taken == tutor.places or kept_apart_by(waiting.seeker, tutor, TODAY) is not None


_days = st.integers(-3, 40).map(after)
_accepting = st.sampled_from([MatchParty.TUTOR, MatchParty.BENEFICIARY])
_afterwards: st.SearchStrategy[RequestCommand] = st.one_of(
    st.builds(
        AcceptMatch, by=st.sampled_from([MatchParty.TUTOR, MatchParty.BENEFICIARY]), first_meeting_on=_days, on=_days, insured=st.booleans()
    ),
    st.builds(
        DeclineMatch,
        by=st.sampled_from(MatchParty),
        reason=st.sampled_from(MatchDeclineReason),
        on=_days,
        availability=st.integers(0, 2),
        until=st.none() | _days,
    ),
    st.builds(MeetRequest, assignment_id=st.just(ASSIGNMENT_ID), tutor_id=st.just(TUTOR_ID), starts_on=_days),
    _days.map(lambda day: replace(PROPOSE, on=day)),
)


@given(st.lists(_afterwards, max_size=30))
def test_what_was_declined_never_becomes_an_assignment_whatever_comes_later(commands: list[RequestCommand]) -> None:
    """A rejected action does not run later all the same: not by an acceptance that was on its way, not by asking again."""
    state = REQUEST.initial
    for event in [*AGREED, NOT_WANTED]:
        state = REQUEST.evolve(state, event)
    for command in commands:
        try:
            events = REQUEST.decide(command, state)
        except Refusal:
            continue
        for event in events:
            assert not isinstance(event, RequestMet)
            state = REQUEST.evolve(state, event)
