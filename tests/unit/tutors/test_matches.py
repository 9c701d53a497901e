"""The rules of a match, rule by rule: proposed, accepted by both after a first meeting, declined for as long as the reason holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.errors import Invalid, Refusal
from contracts.event import Event
from contracts.matching import Accepting, MatchAccepted, MatchDeclined, MatchProposed
from contracts.matching_codes import Holding, MatchDeclineReason, MatchParty
from services.tutors.domain.approval import TutorNotInsured
from services.tutors.domain.match_talks import (
    FirstMeetingElsewhen,
    MatchAlreadyAccepted,
    MatchDeclinedBefore,
    MatchStanding,
    NoMatchStanding,
)
from services.tutors.domain.matching_commands import (
    DescribeWish,
    ProposeMatch,
)
from services.tutors.domain.matching_policies import HOLDINGS
from services.tutors.domain.traits import Traits
from services.tutors.domain.tutor_request import RequestNotOpen
from services.tutors.domain.tutor_request_state import Open, RequestUnknown
from tests.unit.tutors.cases import (
    AGREED,
    OPEN,
    PROPOSED,
    REQUESTED,
    TUTOR_ID,
    accepted,
    after,
)
from tests.unit.tutors.match_cases import (
    ACCEPT,
    BOTH,
    DECLINE,
    MET,
    NOT_WANTED,
    OTHER_TUTOR,
    PROPOSE,
    REOPENED,
    WITHDRAWN,
    declined,
    given_request,
)


def test_a_tutor_is_proposed_with_the_score_and_its_parts() -> None:
    given_request(OPEN).when(PROPOSE).then([PROPOSED])


def test_while_a_match_stands_no_other_is_proposed() -> None:
    given_request([REQUESTED, PROPOSED]).when(replace(PROPOSE, tutor_id=OTHER_TUTOR)).refused(MatchStanding)


@pytest.mark.parametrize("command", [PROPOSE, ACCEPT, DECLINE, DescribeWish(Traits())], ids=lambda c: type(c).__name__)
@pytest.mark.parametrize(("events", "refusal"), [([], RequestUnknown), ([REQUESTED, WITHDRAWN], RequestNotOpen)])
def test_nobody_is_matched_who_wants_no_tutor(command: object, events: list[Event], refusal: type[Refusal]) -> None:
    given_request(events).when(command).refused(refusal)


@pytest.mark.parametrize("by", BOTH)
def test_each_of_the_two_accepts_after_their_first_meeting(by: Accepting) -> None:
    expected = accepted(by, met_on=after(2), on=after(3))
    given_request([REQUESTED, PROPOSED]).when(replace(ACCEPT, by=by)).then([expected])


@pytest.mark.parametrize("command", [ACCEPT, DECLINE], ids=["accept", "decline"])
@pytest.mark.parametrize("events", [OPEN, [REQUESTED, PROPOSED, NOT_WANTED], [*AGREED, MET, REOPENED]])
def test_where_no_match_stands_none_is_accepted_or_declined(command: object, events: list[Event]) -> None:
    given_request(events).when(command).refused(NoMatchStanding)


def test_nobody_accepts_twice() -> None:
    given_request([REQUESTED, PROPOSED, accepted(MatchParty.TUTOR)]).when(ACCEPT).refused(MatchAlreadyAccepted)


def test_nobody_accepts_before_the_first_meeting() -> None:
    given_request([REQUESTED, PROPOSED]).when(replace(ACCEPT, first_meeting_on=after(4))).refused(Invalid)


def test_the_two_did_not_meet_before_the_match_was_proposed() -> None:
    given_request([REQUESTED, PROPOSED]).when(replace(ACCEPT, first_meeting_on=after(-1))).refused(FirstMeetingElsewhen)


def test_nobody_accepts_after_a_first_meeting_for_which_the_tutor_was_not_insured() -> None:
    given_request([REQUESTED, PROPOSED]).when(replace(ACCEPT, insured=False)).refused(TutorNotInsured)


def test_there_is_one_first_meeting() -> None:
    told = accepted(MatchParty.BENEFICIARY, met_on=after(1), on=after(1))
    given_request([REQUESTED, PROPOSED, told]).when(ACCEPT).refused(FirstMeetingElsewhen)
    given_request([REQUESTED, PROPOSED, told]).when(replace(ACCEPT, first_meeting_on=after(1))).then_types(MatchAccepted)


@pytest.mark.parametrize("by", MatchParty)
def test_a_match_is_declined_by_either_of_the_two_or_by_the_organisation(by: MatchParty) -> None:
    (event,) = given_request([REQUESTED, PROPOSED]).when(replace(DECLINE, by=by)).then_types(MatchDeclined)
    assert isinstance(event, MatchDeclined)
    assert (event.by, event.tutor_id, event.holds, event.notes) == (by, TUTOR_ID, Holding.FOR_GOOD, "Abita lontano.")


def test_a_match_that_both_accepted_can_still_be_declined_before_the_assignment() -> None:
    state = given_request(AGREED).when(DECLINE).then([NOT_WANTED.model_copy(update={"notes": "Abita lontano."})])
    assert isinstance(state, Open)
    assert state.talks.standing is None


@pytest.mark.parametrize(
    "change",
    [
        {"reason": MatchDeclineReason.NOT_NOW},
        {"until": after(30)},
        {"reason": MatchDeclineReason.NOT_NOW, "until": after(1)},
        {"reason": MatchDeclineReason.PROPOSED_IN_ERROR},
    ],
    ids=["until no day", "for good until a day", "until the same day", "an error of the tutor's"],
)
def test_a_reason_says_how_long_it_holds_and_nothing_that_contradicts_it(change: dict[str, object]) -> None:
    given_request([REQUESTED, PROPOSED]).when(replace(DECLINE, **change)).refused(Invalid)  # type: ignore[arg-type] # any field


def test_every_reason_says_how_long_it_holds() -> None:
    assert set(HOLDINGS) == set(MatchDeclineReason)


@pytest.mark.parametrize(
    ("before", "while_it_holds", "after_it"),
    [
        (NOT_WANTED, [PROPOSE, replace(PROPOSE, on=after(3650), availability=9)], []),
        (
            declined(MatchDeclineReason.NO_TIME, availability=2),
            [replace(PROPOSE, availability=2)],
            [replace(PROPOSE, availability=3)],
        ),
        (
            declined(MatchDeclineReason.NOT_NOW, until=after(30)),
            [PROPOSE, replace(PROPOSE, on=after(30))],
            [replace(PROPOSE, on=after(31))],
        ),
        (declined(MatchDeclineReason.NO_FIRST_MEETING, until=after(7)), [PROPOSE], [replace(PROPOSE, on=after(8))]),
        (declined(MatchDeclineReason.PROPOSED_IN_ERROR), [], [PROPOSE]),
    ],
    ids=lambda value: value.reason if isinstance(value, MatchDeclined) else "",
)
def test_a_declined_pair_is_not_proposed_again_while_the_reason_holds(
    before: MatchDeclined, while_it_holds: list[ProposeMatch], after_it: list[ProposeMatch]
) -> None:
    history = given_request([REQUESTED, PROPOSED, before])
    for command in while_it_holds:
        history.when(command).refused(MatchDeclinedBefore)
        history.when(replace(command, tutor_id=OTHER_TUTOR)).then_types(MatchProposed)
    for command in after_it:
        history.when(command).then_types(MatchProposed)


def test_a_decline_outlives_an_assignment_with_another_tutor_and_a_withdrawal() -> None:
    proposed = PROPOSED.model_copy(update={"tutor_id": OTHER_TUTOR})
    both = [accepted(by).model_copy(update={"tutor_id": OTHER_TUTOR}) for by in BOTH]
    met = MET.model_copy(update={"tutor_id": OTHER_TUTOR})
    given_request([REQUESTED, PROPOSED, NOT_WANTED, proposed, *both, met, REOPENED]).when(PROPOSE).refused(MatchDeclinedBefore)
    given_request([REQUESTED, PROPOSED, NOT_WANTED, WITHDRAWN, REOPENED]).when(PROPOSE).refused(MatchDeclinedBefore)
