"""What an assignment asks of a match, rule by rule, also of one that people agreed between themselves; and of the tutor."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from contracts.errors import Invalid, Refusal
from contracts.event import Event
from contracts.intake_codes import Sex
from contracts.matching import MatchProposed, TutorOfferDescribed, TutorWishDescribed
from contracts.matching_codes import Interest, MatchOrigin, MatchParty, TimeSlot
from contracts.tutor_codes import SuspensionReason
from contracts.tutor_requests import RequestMet
from contracts.tutors import AvailabilityChanged, TutorSuspended
from services.tutors.domain.approval import TutorNotInsured
from services.tutors.domain.match_talks import (
    MatchDeclinedBefore,
    MatchNotAccepted,
    MatchStanding,
)
from services.tutors.domain.matching_commands import (
    AgreedOutside,
    CheckAssignable,
    DescribeOffer,
    DescribeWish,
)
from services.tutors.domain.taking import TutorAtCapacity, TutorElsewhere, TutorIsSuspended, TutorNotAvailable
from services.tutors.domain.traits import Traits
from services.tutors.domain.tutor_commands import TakeCapacity
from services.tutors.domain.tutor_request_state import Open
from services.tutors.domain.tutor_state import Registered
from tests.unit.tutors.cases import (
    AGREED,
    ASSIGNABLE,
    BENEFICIARY_ID,
    MATCH_ID,
    OPEN,
    OTHER_ASSIGNMENT,
    PROPOSED,
    REQUEST_ID,
    REQUESTED,
    TODAY,
    TUTOR_ID,
    accepted,
    after,
)
from tests.unit.tutors.match_cases import (
    BOTH,
    MEET,
    MET,
    NOT_WANTED,
    OTHER_TUTOR,
    REOPENED,
    WITHDRAWN,
    given_request,
    given_tutor,
)


@pytest.mark.parametrize(
    "events",
    [
        OPEN,
        [REQUESTED, PROPOSED],
        *([REQUESTED, PROPOSED, accepted(by)] for by in BOTH),
        [*AGREED, NOT_WANTED],
        [*AGREED, WITHDRAWN, REOPENED],
    ],
    ids=["no match", "proposed", "by the tutor alone", "by the person alone", "declined after all", "fell with the request"],
)
def test_no_assignment_without_a_match_that_both_accepted(events: list[Event]) -> None:
    given_request(events).when(MEET).refused(MatchNotAccepted)


def test_no_assignment_of_another_tutor_than_the_one_that_both_accepted() -> None:
    given_request(AGREED).when(replace(MEET, tutor_id=OTHER_TUTOR)).refused(MatchNotAccepted)


def test_no_assignment_starts_before_the_second_of_the_two_accepted() -> None:
    late = [REQUESTED, PROPOSED, accepted(MatchParty.TUTOR), accepted(MatchParty.BENEFICIARY, on=after(5))]
    given_request(late).when(replace(MEET, starts_on=after(4))).refused(MatchNotAccepted)
    given_request(late).when(replace(MEET, starts_on=after(5))).then_types(RequestMet)


OUTSIDE = AgreedOutside(match_id=MATCH_ID, first_meeting_on=TODAY, tutor_accepted_on=after(1), beneficiary_accepted_on=after(2))


def test_what_was_agreed_outside_the_matching_is_recorded_as_the_same_facts() -> None:
    proposed = MatchProposed(
        match_id=MATCH_ID,
        request_id=REQUEST_ID,
        beneficiary_id=BENEFICIARY_ID,
        tutor_id=TUTOR_ID,
        origin=MatchOrigin.AGREED_OUTSIDE,
        proposed_on=TODAY,
    )
    both = [accepted(MatchParty.TUTOR, on=after(1)), accepted(MatchParty.BENEFICIARY, on=after(2))]
    given_request(OPEN).when(replace(MEET, starts_on=after(2), agreed=OUTSIDE)).then([proposed, *both, MET])


@pytest.mark.parametrize(
    ("events", "change", "refusal"),
    [
        ([REQUESTED, PROPOSED], {}, MatchStanding),
        ([REQUESTED, PROPOSED, NOT_WANTED], {}, MatchDeclinedBefore),
        (OPEN, {"starts_on": after(1)}, MatchNotAccepted),
        (OPEN, {"agreed": replace(OUTSIDE, tutor_accepted_on=after(-1))}, Invalid),
    ],
    ids=["another stands", "declined before", "starts too early", "accepted before they met"],
)
def test_agreeing_outside_the_matching_evades_none_of_its_rules(
    events: list[Event], change: dict[str, object], refusal: type[Refusal]
) -> None:
    command = replace(replace(MEET, starts_on=after(2), agreed=OUTSIDE), **change)  # type: ignore[arg-type] # any field
    given_request(events).when(command).refused(refusal)


TRAITS = Traits(
    languages=frozenset({"ar", "it"}),
    interests=frozenset({Interest.SPORT}),
    times=frozenset({TimeSlot.WEEKEND}),
    gender=Sex.FEMALE,
    wanted_gender=Sex.FEMALE,
    municipality="034027",
)


def test_both_sides_are_described_and_remembered() -> None:
    wish = (
        given_request(OPEN)
        .when(DescribeWish(TRAITS))
        .then(
            [
                TutorWishDescribed(
                    request_id=REQUEST_ID,
                    beneficiary_id=BENEFICIARY_ID,
                    languages=("ar", "it"),
                    interests=(Interest.SPORT,),
                    times=(TimeSlot.WEEKEND,),
                    gender=Sex.FEMALE,
                    wanted_gender=Sex.FEMALE,
                    municipality="034027",
                )
            ]
        )
    )
    assert isinstance(wish, Open)
    assert wish.talks.wishes == TRAITS
    (offer,) = given_tutor(ASSIGNABLE).when(DescribeOffer(TRAITS)).then_types(TutorOfferDescribed)
    state = given_tutor([*ASSIGNABLE, offer]).state()
    assert isinstance(state, Registered)
    assert state.facts.traits == TRAITS


def test_what_a_tutor_did_not_describe_is_as_registered() -> None:
    registered = ASSIGNABLE[0].model_copy(update={"languages": ("fr",), "municipality": "034014"})
    state = given_tutor([registered, *ASSIGNABLE[1:], TutorOfferDescribed(tutor_id=TUTOR_ID, gender=Sex.MALE)]).state()
    assert isinstance(state, Registered)
    assert state.facts.traits == Traits(languages=frozenset({"fr"}), municipality="034014", gender=Sex.MALE)


CHECK = CheckAssignable(territory="PR", on=TODAY)
FULL = AvailabilityChanged(tutor_id=TUTOR_ID, capacity=0, available=True)
RESTING = AvailabilityChanged(tutor_id=TUTOR_ID, capacity=1, available=False)


@pytest.mark.parametrize(
    ("events", "command", "refusal"),
    [
        ([*ASSIGNABLE, TutorSuspended(tutor_id=TUTOR_ID, reason=SuspensionReason.TUTOR_ASKED)], CHECK, TutorIsSuspended),
        ([*ASSIGNABLE, FULL], CHECK, TutorAtCapacity),
        ([*ASSIGNABLE, RESTING], CHECK, TutorNotAvailable),
        (ASSIGNABLE, replace(CHECK, territory="BO"), TutorElsewhere),
    ],
)
def test_nobody_is_proposed_whom_an_assignment_would_refuse(events: list[Event], command: object, refusal: type[Refusal]) -> None:
    given_tutor(events).when(command).refused(refusal)


def test_where_nothing_stands_against_a_tutor_nothing_follows_from_asking() -> None:
    given_tutor(ASSIGNABLE).when(CHECK).then([])


def test_a_place_is_not_taken_by_a_tutor_who_was_not_insured_when_the_two_met() -> None:
    take = TakeCapacity(assignment_id=OTHER_ASSIGNMENT, territory="PR", on=TODAY, first_meeting_on=date(2020, 12, 31))
    given_tutor(ASSIGNABLE).when(take).refused(TutorNotInsured)
