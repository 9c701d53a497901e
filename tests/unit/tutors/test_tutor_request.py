"""The rules of a request for a tutor, rule by rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contracts.errors import Invalid, Refusal
from contracts.tutor_codes import WithdrawalReason
from contracts.tutor_requests import RequestMet, RequestPrecluded, RequestReopened, RequestWithdrawn
from services.tutors.app.deciders import REQUEST
from services.tutors.domain.request_commands import CloseForExit, MeetRequest, ReleaseRequest, RequestCommand, RequestTutor, WithdrawRequest
from services.tutors.domain.tutor_request import PersonHasExited, PlanOutdated, RequestHeldByOther, RequestNotOpen, TutorAlreadyRequested
from services.tutors.domain.tutor_request_state import NotRequested, RequestEvent, RequestUnknown
from tests.support.given import given
from tests.unit.tutors.cases import (
    AGREED,
    ASSIGNMENT_ID,
    BENEFICIARY_ID,
    OPEN,
    OTHER_ASSIGNMENT,
    PATHWAY_ID,
    REQUEST_ID,
    REQUESTED,
    TODAY,
    TUTOR_ID,
)

given_request = given(REQUEST)

ASK = RequestTutor(
    request_id=REQUEST_ID,
    beneficiary_id=BENEFICIARY_ID,
    pathway_id=PATHWAY_ID,
    episode=1,
    organisation="ciac",
    territory="PR",
    municipality="034027",
    plan_version=1,
)
MEET = MeetRequest(assignment_id=ASSIGNMENT_ID, tutor_id=TUTOR_ID, starts_on=TODAY)
CLOSE = CloseForExit(
    request_id=REQUEST_ID, beneficiary_id=BENEFICIARY_ID, pathway_id=PATHWAY_ID, episode=1, organisation="ciac", territory="PR"
)
MET = RequestMet(request_id=REQUEST_ID, beneficiary_id=BENEFICIARY_ID, assignment_id=ASSIGNMENT_ID, tutor_id=TUTOR_ID)
PRECLUDED = RequestPrecluded(
    request_id=REQUEST_ID, beneficiary_id=BENEFICIARY_ID, pathway_id=PATHWAY_ID, episode=1, organisation="ciac", territory="PR"
)
EXITED = WithdrawalReason.BENEFICIARY_EXITED
UNWANTED = WithdrawalReason.NO_LONGER_WANTED


def withdrawn(reason: WithdrawalReason, *, held: bool = False) -> RequestWithdrawn:
    return RequestWithdrawn(
        request_id=REQUEST_ID, beneficiary_id=BENEFICIARY_ID, reason=reason, assignment_id=ASSIGNMENT_ID if held else None
    )


def reopened(*, held: bool = False, plan: int | None = None) -> RequestReopened:
    return RequestReopened(
        request_id=REQUEST_ID, beneficiary_id=BENEFICIARY_ID, assignment_id=ASSIGNMENT_ID if held else None, plan_version=plan
    )


def test_a_person_asks_for_a_tutor() -> None:
    given_request([]).when(ASK).then([REQUESTED])


@pytest.mark.parametrize("events", [OPEN, [REQUESTED, MET]], ids=["open", "met"])
def test_a_request_that_stands_is_not_asked_twice(events: list[RequestEvent]) -> None:
    given_request(events).when(ASK).refused(TutorAlreadyRequested)


def test_a_later_plan_opens_a_request_again_that_was_not_wanted_meanwhile() -> None:
    given_request([REQUESTED, withdrawn(UNWANTED)]).when(replace(ASK, plan_version=2)).then([reopened(plan=2)])


def test_a_plan_that_asked_before_does_not_ask_again_after_a_withdrawal() -> None:
    """I4: a process manager that is run again from the first event brings no withdrawn wish back."""
    given_request([REQUESTED, withdrawn(UNWANTED)]).when(ASK).refused(PlanOutdated)
    again = [REQUESTED, withdrawn(UNWANTED), reopened(plan=2), withdrawn(UNWANTED)]
    given_request(again).when(replace(ASK, plan_version=2)).refused(PlanOutdated)
    given_request([REQUESTED, MET, reopened(held=True), withdrawn(UNWANTED)]).when(ASK).refused(PlanOutdated)


def test_a_later_plan_without_a_tutor_takes_the_request_back_and_an_earlier_one_does_not() -> None:
    drop = WithdrawRequest(reason=UNWANTED, plan_version=2)
    given_request(OPEN).when(drop).then([withdrawn(UNWANTED)])
    given_request([REQUESTED, withdrawn(UNWANTED), reopened(plan=3)]).when(drop).refused(PlanOutdated)


@pytest.mark.parametrize(
    "events",
    [
        [REQUESTED, withdrawn(EXITED)],
        [REQUESTED, MET, withdrawn(EXITED, held=True)],
        [PRECLUDED],
        [REQUESTED, withdrawn(UNWANTED), PRECLUDED],
    ],
    ids=["while open", "while met", "before asking", "after withdrawing"],
)
def test_after_an_exit_no_plan_opens_a_request(events: list[RequestEvent]) -> None:
    given_request(events).when(ASK).refused(PersonHasExited)


def test_an_open_request_is_met_once_both_accepted() -> None:
    given_request(AGREED).when(MEET).then([MET])


@pytest.mark.parametrize(
    ("events", "refusal"),
    [
        ([], RequestUnknown),
        ([REQUESTED, MET], RequestNotOpen),
        ([REQUESTED, withdrawn(UNWANTED)], RequestNotOpen),
        ([PRECLUDED], RequestNotOpen),
    ],
    ids=["unknown", "met", "withdrawn", "precluded"],
)
def test_only_an_open_request_is_met(events: list[RequestEvent], refusal: type[Refusal]) -> None:
    given_request(events).when(MEET).refused(refusal)


def test_an_early_end_opens_the_request_again_where_another_tutor_is_wanted() -> None:
    given_request([REQUESTED, MET]).when(ReleaseRequest(assignment_id=ASSIGNMENT_ID, still_wanted=True)).then([reopened(held=True)])
    given_request([*AGREED, MET, reopened(held=True), *AGREED[1:]]).when(MEET).then([MET])


def test_an_end_withdraws_the_request_where_no_other_tutor_is_wanted() -> None:
    release = ReleaseRequest(assignment_id=ASSIGNMENT_ID, still_wanted=False)
    given_request([REQUESTED, MET]).when(release).then([withdrawn(UNWANTED, held=True)])


@pytest.mark.parametrize(
    ("events", "refusal"),
    [
        ([], RequestUnknown),
        (OPEN, RequestHeldByOther),
        ([REQUESTED, MET.model_copy(update={"assignment_id": OTHER_ASSIGNMENT})], RequestHeldByOther),
        ([REQUESTED, withdrawn(UNWANTED)], RequestHeldByOther),
    ],
    ids=["unknown", "open", "another's", "withdrawn"],
)
def test_only_the_assignment_that_meets_a_request_releases_it(events: list[RequestEvent], refusal: type[Refusal]) -> None:
    given_request(events).when(ReleaseRequest(assignment_id=ASSIGNMENT_ID, still_wanted=True)).refused(refusal)


def test_an_open_request_is_taken_back() -> None:
    given_request(OPEN).when(WithdrawRequest(reason=UNWANTED)).then([withdrawn(UNWANTED)])


@pytest.mark.parametrize(
    ("events", "refusal"),
    [([], RequestUnknown), ([REQUESTED, MET], RequestNotOpen), ([REQUESTED, withdrawn(UNWANTED)], RequestNotOpen)],
    ids=["unknown", "met", "withdrawn"],
)
def test_only_an_open_request_is_taken_back(events: list[RequestEvent], refusal: type[Refusal]) -> None:
    given_request(events).when(WithdrawRequest(reason=UNWANTED)).refused(refusal)


def test_an_exit_is_never_entered_by_hand() -> None:
    given_request(OPEN).when(WithdrawRequest(reason=EXITED)).refused(Invalid)


@pytest.mark.parametrize(
    ("events", "command", "expected"),
    [
        ([], CLOSE, [PRECLUDED]),
        (OPEN, CLOSE, [withdrawn(EXITED)]),
        ([REQUESTED, MET], replace(CLOSE, assignment_id=ASSIGNMENT_ID), [withdrawn(EXITED, held=True)]),
        ([REQUESTED, withdrawn(UNWANTED)], CLOSE, [PRECLUDED]),
        ([REQUESTED, withdrawn(EXITED)], CLOSE, []),
        ([PRECLUDED], CLOSE, []),
    ],
    ids=["nothing yet", "open", "met", "withdrawn", "exited", "precluded"],
)
def test_an_exit_closes_whatever_it_finds(events: list[RequestEvent], command: RequestCommand, expected: list[RequestEvent]) -> None:
    given_request(events).when(command).then(expected)


def test_an_exit_never_closes_a_met_request_without_its_assignment() -> None:
    given_request([REQUESTED, MET]).when(CLOSE).refused(RequestHeldByOther)


def test_a_stream_that_does_not_begin_with_a_request_is_not_folded() -> None:
    with pytest.raises(RequestUnknown):
        given_request([MET]).state()


def test_facts_of_a_request_belong_to_the_person_and_to_who_asked() -> None:
    histories: list[list[RequestEvent]] = [[REQUESTED], [REQUESTED, MET], [PRECLUDED]]
    for events in histories:
        state = given_request(events).state()
        assert REQUEST.partition(state) == BENEFICIARY_ID
        assert REQUEST.place(state).responsible_organisation == "ciac"
    assert REQUEST.partition(NotRequested()) is None
