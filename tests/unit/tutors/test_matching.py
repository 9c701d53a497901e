"""Who may be proposed to whom, what a pair is worth, and what a run says of those who have nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from contracts.intake_codes import Sex
from contracts.matching_codes import Interest, MatchDeclineReason, TimeSlot
from contracts.tutor_codes import LapseReason, SuspensionReason, VettingOutcome
from contracts.tutors import AvailabilityChanged, CapacityTaken, TutorApprovalLapsed, TutorSuspended, VettingRecorded
from services._runtime.ids import derived_id
from services.tutors.adapters.matching_words import EXCLUSIONS, words_of
from services.tutors.app.proposing import run
from services.tutors.domain import matching
from services.tutors.domain.match_talks import Talks, evolve
from services.tutors.domain.matching import Candidate, Seeker, candidate_of, kept_apart_by, lay_out
from services.tutors.domain.matching_policies import MATCHING_POLICIES, Part, matching_policy
from services.tutors.domain.traits import UNSAID, Traits
from services.tutors.domain.tutor_state import Registered, Suspended
from services.tutors.domain.weighing import weigh
from tests.unit.tutors.cases import ASSIGNABLE, ASSIGNMENT_ID, BENEFICIARY_ID, PROPOSED, REQUEST_ID, TODAY, TUTOR_ID, after
from tests.unit.tutors.match_cases import OTHER_TUTOR, declined, given_tutor

if TYPE_CHECKING:
    from contracts.event import Event

POLICY = matching_policy(TODAY)
TUTOR = Candidate(tutor_id=TUTOR_ID, traits=UNSAID, availability=0, places=1, obstacle=None)
SEEKER = Seeker(request_id=REQUEST_ID, beneficiary_id=BENEFICIARY_ID, talks=Talks(), waits_since=TODAY)
LIKED = Traits(
    languages=frozenset({"ar", "fr"}),
    interests=frozenset({Interest.SPORT, Interest.MUSIC, Interest.NATURE}),
    times=frozenset({TimeSlot.WEEKEND, TimeSlot.WEEKDAY_EVENING}),
    municipality="034027",
)


def candidate(events: list[Event], *, territory: str = "PR", in_talks: int = 0) -> Candidate:
    state = given_tutor(events).state()
    assert isinstance(state, Registered | Suspended)
    return candidate_of(state, territory, TODAY, in_talks=in_talks)


@pytest.mark.parametrize(
    ("more", "obstacle"),
    [
        ([], None),
        ([AvailabilityChanged(tutor_id=TUTOR_ID, capacity=1, available=False)], "tutor-not-available"),
        ([CapacityTaken(tutor_id=TUTOR_ID, assignment_id=ASSIGNMENT_ID)], "tutor-at-capacity"),
        ([TutorSuspended(tutor_id=TUTOR_ID, reason=SuspensionReason.TUTOR_ASKED)], "tutor-is-suspended"),
        ([TutorApprovalLapsed(tutor_id=TUTOR_ID, reason=LapseReason.INSURANCE_EXPIRED, lapsed_on=TODAY)], "tutor-not-approved"),
        ([VettingRecorded(tutor_id=TUTOR_ID, outcome=VettingOutcome.FAILED)], "vetting-not-passed"),
        ([VettingRecorded(tutor_id=TUTOR_ID, outcome=VettingOutcome.PASSED, valid_until=after(-1))], "vetting-expired"),
    ],
)
def test_whom_no_assignment_could_be_given_is_filtered_by_the_very_rule_of_assigning(more: list[Event], obstacle: str | None) -> None:
    assert candidate([*ASSIGNABLE, *more]).obstacle == obstacle
    assert obstacle is None or obstacle in EXCLUSIONS


def test_a_tutor_of_another_territory_is_filtered() -> None:
    assert candidate([*ASSIGNABLE], territory="BO").obstacle == "tutor-elsewhere"


def test_a_tutor_whose_insurance_ran_out_is_filtered() -> None:
    short = ASSIGNABLE[4].model_copy(update={"valid_until": after(-1)})
    assert candidate([*ASSIGNABLE[:4], short, ASSIGNABLE[5]]).obstacle == "tutor-not-insured"


def test_a_place_about_which_somebody_has_still_to_answer_is_not_offered_twice() -> None:
    assert candidate([*ASSIGNABLE], in_talks=1).obstacle == "tutor-in-talks"
    more = candidate([*ASSIGNABLE, AvailabilityChanged(tutor_id=TUTOR_ID, capacity=3, available=True)], in_talks=1)
    assert (more.obstacle, more.places) == (None, 2)


def wishing(**traits: object) -> Seeker:
    return replace(SEEKER, talks=Talks(wishes=Traits(**traits)))  # type: ignore[arg-type] # any trait


@pytest.mark.parametrize(
    ("seeker", "tutor", "filtered"),
    [
        (wishing(wanted_gender=Sex.FEMALE), Traits(gender=Sex.FEMALE), None),
        (wishing(wanted_gender=Sex.FEMALE), Traits(gender=Sex.MALE), "not-the-persons-wish"),
        (wishing(wanted_gender=Sex.FEMALE), Traits(), "not-the-persons-wish"),
        (wishing(gender=Sex.MALE), Traits(wanted_gender=Sex.FEMALE), "not-the-tutors-wish"),
        (wishing(gender=Sex.FEMALE), Traits(wanted_gender=Sex.FEMALE), None),
        (replace(SEEKER, parted=frozenset({TUTOR_ID})), Traits(), "parted-before"),
        (replace(SEEKER, parted=frozenset({OTHER_TUTOR})), Traits(), None),
    ],
)
def test_wishes_and_what_was_before_keep_a_pair_apart(seeker: Seeker, tutor: Traits, filtered: str | None) -> None:
    assert kept_apart_by(seeker, replace(TUTOR, traits=tutor), TODAY) == filtered


@pytest.mark.parametrize(
    ("reason", "told", "later", "availability"),
    [
        (MatchDeclineReason.NOT_WANTED, {}, None, None),
        (MatchDeclineReason.NOT_NOW, {"until": after(9)}, after(10), 0),
        (MatchDeclineReason.NO_TIME, {"availability": 0}, TODAY, 1),
    ],
)
def test_a_declined_pair_is_kept_apart_while_the_reason_holds_and_no_longer(
    reason: MatchDeclineReason, told: dict[str, object], later: object, availability: int | None
) -> None:
    talks = evolve(evolve(Talks(), PROPOSED), declined(reason, **told))  # type: ignore[arg-type] # until or availability
    seeker = replace(SEEKER, talks=talks)
    assert kept_apart_by(seeker, TUTOR, TODAY) == "match-declined-before"
    assert kept_apart_by(seeker, replace(TUTOR, tutor_id=OTHER_TUTOR), TODAY) is None
    if availability is not None:
        assert kept_apart_by(seeker, replace(TUTOR, availability=availability), later) is None  # type: ignore[arg-type] # a day


def test_a_score_says_of_each_part_how_well_the_two_fit() -> None:
    other = Traits(
        languages=frozenset({"fr", "it"}), interests=frozenset({Interest.MUSIC}), times=frozenset({TimeSlot.WEEKEND}), municipality="034014"
    )
    found = weigh(POLICY, LIKED, other, stood_beside=True)
    assert found.parts == {
        Part.LANGUAGES: 80, Part.DISTANCE: 40, Part.INTERESTS: 50, Part.AVAILABILITY: 70, Part.CONTINUITY: 100,
    }  # fmt: skip
    assert found.score == sum(POLICY.weights[part] * (found.parts[part] or 0) for part in Part)


def test_what_nobody_said_neither_helps_nor_harms() -> None:
    found = weigh(POLICY, UNSAID, LIKED, stood_beside=False)
    assert [found.parts[part] for part in Part] == [None, None, None, None, 0]
    assert found.score == 50 * sum(POLICY.weights[part] for part in Part if part is not Part.CONTINUITY)


def test_two_who_have_everything_in_common_score_ten_thousand() -> None:
    assert weigh(POLICY, LIKED, LIKED, stood_beside=True).score == 10_000


def test_weights_sum_up_to_a_hundred_in_every_version() -> None:
    for policy in MATCHING_POLICIES:
        assert sum(policy.weights.values()) == 100
        assert set(policy.weights) == set(Part)


def seekers(number: int) -> list[Seeker]:
    return [replace(SEEKER, request_id=derived_id("request", at), beneficiary_id=derived_id("person", at)) for at in range(number)]


def test_everybody_who_can_have_a_tutor_gets_one_though_one_alone_would_score_higher() -> None:
    """Greedy gives the tutor of both to the better pair, and leaves the other person with nobody."""
    first, second = seekers(2)
    first = replace(first, talks=Talks(wishes=LIKED))
    second = replace(second, parted=frozenset({OTHER_TUTOR}))
    found = run(POLICY, [first, second], [replace(TUTOR, traits=LIKED), replace(TUTOR, tutor_id=OTHER_TUTOR)], TODAY)
    assert {each.seeker.request_id: each.candidate.tutor_id for each in found.proposals} == {
        first.request_id: OTHER_TUTOR,
        second.request_id: TUTOR_ID,
    }
    assert found.unmatched == ()


def test_between_equals_who_has_waited_longer_comes_first() -> None:
    people = [replace(each, waits_since=TODAY - timedelta(days=days)) for each, days in zip(seekers(3), (5, 90, 30), strict=True)]
    found = run(POLICY, people, [TUTOR], TODAY)
    assert [each.seeker.request_id for each in found.proposals] == [people[1].request_id]


def test_a_tutor_is_proposed_no_more_often_than_they_have_places() -> None:
    found = run(POLICY, seekers(3), [replace(TUTOR, places=2)], TODAY)
    assert (len(found.proposals), len(found.unmatched)) == (2, 1)


def test_who_has_nobody_is_told_how_many_each_filter_took_away_and_how_many_would_do() -> None:
    full = replace(TUTOR, tutor_id=OTHER_TUTOR, places=0, obstacle="tutor-at-capacity")
    first, second = seekers(2)
    found = run(POLICY, [replace(first, known=frozenset({TUTOR_ID})), second], [TUTOR, full], TODAY)
    (waiting,) = found.unmatched
    assert (waiting.seeker.request_id, dict(waiting.excluded), waiting.fitting) == (second.request_id, {"tutor-at-capacity": 1}, 1)


def test_without_tutors_or_without_requests_nothing_is_proposed() -> None:
    assert run(POLICY, [], [TUTOR], TODAY).proposals == ()
    found = run(POLICY, seekers(2), [], TODAY)
    assert (found.proposals, [each.fitting for each in found.unmatched]) == ((), [0, 0])


def test_nobody_waits_so_long_that_another_goes_without_for_it() -> None:
    ages_ago = [replace(each, waits_since=TODAY - timedelta(days=50_000)) for each in seekers(2)]
    board = lay_out(POLICY, ages_ago, [TUTOR, replace(TUTOR, tutor_id=OTHER_TUTOR)], TODAY)
    worth = [value for row in board.worth for value in row if value is not None]
    assert max(worth) < 2 * min(worth)


def test_every_filter_and_every_part_has_words_in_both_languages() -> None:
    ours = {matching.DECLINED, matching.IN_TALKS, matching.PARTED, matching.NOT_THE_PERSONS_WISH, matching.NOT_THE_TUTORS_WISH}
    assert ours <= set(EXCLUSIONS)
    for part in Part:
        for fit in (None, *range(101)):
            words = words_of(part, fit)
            assert words.it
            assert words.en
