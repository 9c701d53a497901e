"""An assignment passes to another tutor: in one moment, by every rule of an assignment, and with nothing credited to who comes after."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contracts.assignments import AssignmentEnded, ConnectionIntroduced
from contracts.matching_codes import MatchParty
from contracts.tutor_codes import ConnectionKind, EndReason, SuspensionReason
from services._runtime.ids import derived_id
from services.tutors.app.deciders import ASSIGNMENT, REQUEST, TUTOR
from services.tutors.domain.approval import TutorNotInsured
from services.tutors.domain.assignment_commands import AssignTutor, EndAssignment
from services.tutors.domain.assignment_state import Ended, Running
from services.tutors.domain.match_talks import MatchNotAccepted
from services.tutors.domain.meetings import AssignmentHasEnded, MeetingAlreadyLogged, OutsideAssignment
from services.tutors.domain.taking import TutorAtCapacity, TutorElsewhere, TutorIsSuspended, TutorNotApproved, TutorNotAvailable
from services.tutors.domain.tutor_commands import ChangeAvailability, SuspendTutor
from services.tutors.domain.tutor_request import RequestHeldByOther, RequestNotOpen, TutorStandsAlready
from services.tutors.domain.tutor_request_state import Met, Open
from services.tutors.projections.assignments import ASSIGNMENTS
from services.tutors.projections.tutor_requests import TUTOR_REQUESTS, RequestStatus
from tests.support.given import given
from tests.support.read_models import given as given_facts
from tests.support.read_models import happened
from tests.unit.tutors.cases import (
    AGREED,
    ASSIGNABLE,
    ASSIGNED,
    ASSIGNMENT_ID,
    BENEFICIARY_ID,
    OTHER_ASSIGNMENT,
    PROPOSED,
    READY,
    REGISTERED,
    REQUEST_ID,
    REQUESTED,
    TODAY,
    TUTOR_ID,
    accepted,
    after,
    meeting_on,
    met,
)
from tests.unit.tutors.match_cases import ACCEPT, MEET, MET, OTHER_TUTOR, PROPOSE, REOPENED
from tests.unit.tutors.service import REQUEST_OF_PERSON, Service, plan_agreed

if TYPE_CHECKING:
    from contracts.errors import Refusal
    from contracts.event import Event
    from services.tutors.domain.tutor_state import TutorEvent
    from tests.support.read_models import Happened

given_assignment, given_request = given(ASSIGNMENT), given(REQUEST)

LEFT = EndAssignment(ended_on=after(20), reason=EndReason.TUTOR_UNAVAILABLE, continued_by=OTHER_ASSIGNMENT)
ENDED = AssignmentEnded(
    assignment_id=ASSIGNMENT_ID,
    request_id=REQUEST_ID,
    tutor_id=TUTOR_ID,
    beneficiary_id=BENEFICIARY_ID,
    pathway_id=ASSIGNED.pathway_id,
    episode=1,
    ended_on=after(20),
    reason=EndReason.TUTOR_UNAVAILABLE,
    continued_by=OTHER_ASSIGNMENT,
)
SUCCEEDS = ASSIGNED.model_copy(
    update={"assignment_id": OTHER_ASSIGNMENT, "tutor_id": OTHER_TUTOR, "starts_on": after(20), "continues": ASSIGNMENT_ID}
)
TAKE_OVER = replace(MEET, assignment_id=OTHER_ASSIGNMENT, tutor_id=OTHER_TUTOR, starts_on=after(20), instead_of=ASSIGNMENT_ID)
TAKEN_OVER = MET.model_copy(update={"assignment_id": OTHER_ASSIGNMENT, "tutor_id": OTHER_TUTOR})
PROPOSED_OTHER = PROPOSED.model_copy(update={"tutor_id": OTHER_TUTOR})
IN_TALKS: list[Event] = [*AGREED, MET, PROPOSED_OTHER]
BOTH_AGREED = [*IN_TALKS, *(accepted(by).model_copy(update={"tutor_id": OTHER_TUTOR}) for by in (MatchParty.TUTOR, MatchParty.BENEFICIARY))]


@pytest.fixture
async def service() -> Service:
    """Have two tutors, the first of whom stands beside a person; twenty days have passed."""
    made = Service()
    await made.tutor()
    await made.tutor(OTHER_TUTOR)
    await made.deliver(made.came(plan_agreed()))
    await made.assign(REQUEST_OF_PERSON, ASSIGNMENT_ID)
    await made.wait_until(after(10))
    await made.tell(ASSIGNMENT, ASSIGNMENT_ID, meeting_on(after(10)))
    await made.wait_until(after(20))
    return made


# --- each stream's rules ---------------------------------------------------------------------------------------------------------


def test_an_assignment_ends_with_the_name_of_the_one_that_continues_it() -> None:
    given_assignment([ASSIGNED]).when(LEFT).then([ENDED])


def test_an_assignment_begins_with_the_name_of_the_one_that_it_continues() -> None:
    told = {field: getattr(SUCCEEDS, field) for field in AssignTutor.__dataclass_fields__}
    state = given_assignment([]).when(AssignTutor(**told)).then([SUCCEEDS])
    assert isinstance(state, Running)
    assert (state.meetings, state.connections, state.noticed) == ((), (), frozenset())


def test_nobody_takes_over_before_the_last_meeting_of_the_tutor_before_nor_from_one_who_left() -> None:
    given_assignment([ASSIGNED, met(after(21))]).when(LEFT).refused(OutsideAssignment)
    given_assignment([ASSIGNED, ENDED]).when(LEFT).refused(AssignmentHasEnded)


def test_another_tutor_is_proposed_and_accepted_while_one_stands_beside_the_person() -> None:
    propose = replace(PROPOSE, tutor_id=OTHER_TUTOR)
    state = given_request([*AGREED, MET]).when(propose).then([PROPOSED_OTHER])
    assert isinstance(state, Met)
    expected = accepted(MatchParty.TUTOR, met_on=after(2), on=after(3)).model_copy(update={"tutor_id": OTHER_TUTOR})
    given_request(IN_TALKS).when(ACCEPT).then([expected])


def test_a_request_is_met_by_the_tutor_who_takes_over_once_both_accepted() -> None:
    state = given_request(BOTH_AGREED).when(TAKE_OVER).then([TAKEN_OVER])
    assert isinstance(state, Met)
    assert state.talks.standing is None
    given_request(IN_TALKS).when(TAKE_OVER).refused(MatchNotAccepted)
    given_request([*AGREED, MET]).when(TAKE_OVER).refused(MatchNotAccepted)


def test_the_tutor_who_stands_there_does_not_take_over_from_themselves() -> None:
    given_request([*AGREED, MET]).when(PROPOSE).refused(TutorStandsAlready)
    given_request(BOTH_AGREED).when(replace(TAKE_OVER, tutor_id=TUTOR_ID)).refused(TutorStandsAlready)


def test_only_the_assignment_that_runs_is_taken_over() -> None:
    given_request(BOTH_AGREED).when(replace(TAKE_OVER, instead_of=None)).refused(RequestNotOpen)
    given_request(BOTH_AGREED).when(replace(TAKE_OVER, instead_of=derived_id("case", "third"))).refused(RequestHeldByOther)
    given_request(AGREED).when(TAKE_OVER).refused(RequestHeldByOther)


def test_talks_about_another_go_on_where_the_tutor_leaves_before() -> None:
    state = given_request(IN_TALKS).state([REOPENED])
    assert isinstance(state, Open)
    assert state.talks.standing is not None


# --- all streams at once ---------------------------------------------------------------------------------------------------------


async def test_another_tutor_takes_over_in_one_append(service: Service) -> None:
    receipt = await service.reassign(ASSIGNMENT_ID, service.told(OTHER_ASSIGNMENT, OTHER_TUTOR))
    written = [event.recorded.envelope.type.partition(".")[2] for outcome in receipt.outcomes for event in outcome.events]
    agreed = ["match_proposed", "match_accepted", "match_accepted"]
    assert written == ["assignment_ended", *agreed, "request_met", "tutor_assigned", "capacity_taken", "capacity_freed"]
    assert (await service.facts()).taken == frozenset()
    assert (await service.facts(OTHER_TUTOR)).taken == {OTHER_ASSIGNMENT}
    ended, begun = await service.assignment(), await service.assignment(OTHER_ASSIGNMENT)
    assert isinstance(ended, Ended)
    assert isinstance(begun, Running)
    assert (ended.ended_on, begun.support.starts_on) == (after(20), after(20))


NO_LONGER_INSURED = [*READY[:-1], READY[-1].model_copy(update={"valid_until": after(15)}), ASSIGNABLE[-1]]


@pytest.mark.parametrize(
    ("tutor", "refusal"),
    [
        (READY, TutorNotApproved),
        (NO_LONGER_INSURED, TutorNotInsured),
        ([REGISTERED.model_copy(update={"territory": "FE"}), *ASSIGNABLE[1:]], TutorElsewhere),
    ],
    ids=["not approved", "not insured", "elsewhere"],
)
async def test_nobody_takes_over_who_could_not_be_assigned(service: Service, tutor: list[TutorEvent], refusal: type[Refusal]) -> None:
    """The rules are those of every assignment; where one stream refuses, none is changed."""
    third = derived_id("case", "third tutor")
    await service.tutor(third, tutor)
    stored = await service.stored()
    with pytest.raises(refusal):
        await service.reassign(ASSIGNMENT_ID, service.told(OTHER_ASSIGNMENT, third))
    assert await service.stored() == stored


async def test_whoever_has_no_place_left_rests_or_takes_nobody_new_does_not_take_over(service: Service) -> None:
    await service.tell(TUTOR, OTHER_TUTOR, ChangeAvailability(capacity=0, available=True))
    with pytest.raises(TutorAtCapacity):
        await service.reassign(ASSIGNMENT_ID, service.told(OTHER_ASSIGNMENT, OTHER_TUTOR))
    await service.tell(TUTOR, OTHER_TUTOR, ChangeAvailability(capacity=1, available=False))
    with pytest.raises(TutorNotAvailable):
        await service.reassign(ASSIGNMENT_ID, service.told(OTHER_ASSIGNMENT, OTHER_TUTOR))
    await service.tell(TUTOR, OTHER_TUTOR, SuspendTutor(reason=SuspensionReason.TUTOR_ASKED))
    with pytest.raises(TutorIsSuspended):
        await service.reassign(ASSIGNMENT_ID, service.told(OTHER_ASSIGNMENT, OTHER_TUTOR))


async def test_the_clocks_of_silence_begin_anew_for_the_tutor_who_takes_over(service: Service) -> None:
    """The last meeting was ten days before the handing over: it counts for whoever held it, and for no clock of the next tutor."""
    await service.reassign(ASSIGNMENT_ID, service.told(OTHER_ASSIGNMENT, OTHER_TUTOR))
    await service.wait_until(after(33))
    assert "silence_noticed" not in await service.types(ASSIGNMENT, OTHER_ASSIGNMENT)
    await service.wait_until(after(34))
    assert (await service.types(ASSIGNMENT, OTHER_ASSIGNMENT)).count("silence_noticed") == 1
    await service.wait_until(after(100))
    begun = await service.assignment(OTHER_ASSIGNMENT)
    assert isinstance(begun, Running)
    assert {since for _, since in begun.noticed} == {after(20)}
    assert "silence_noticed" not in await service.types(ASSIGNMENT, ASSIGNMENT_ID)


async def test_a_meeting_is_logged_in_one_assignment_alone(service: Service) -> None:
    """Who sends it again under the next tutor's assignment is told so: it is the tutor's who held it. Issue 6: no meeting of two tutors."""
    await service.reassign(ASSIGNMENT_ID, service.told(OTHER_ASSIGNMENT, OTHER_TUTOR))
    again = meeting_on(after(20))
    with pytest.raises(MeetingAlreadyLogged):
        await service.tell(ASSIGNMENT, OTHER_ASSIGNMENT, again)
    await service.tell(ASSIGNMENT, OTHER_ASSIGNMENT, replace(again, meeting_id=derived_id("case", "new meeting")))


async def test_what_comes_late_is_still_the_earlier_tutors(service: Service) -> None:
    await service.reassign(ASSIGNMENT_ID, service.told(OTHER_ASSIGNMENT, OTHER_TUTOR))
    late = replace(meeting_on(after(15), today=after(20)), meeting_id=derived_id("case", "late"))
    await service.tell(ASSIGNMENT, ASSIGNMENT_ID, late)
    with pytest.raises(OutsideAssignment):
        await service.tell(ASSIGNMENT, OTHER_ASSIGNMENT, replace(late, meeting_id=derived_id("case", "later still")))


# --- CASA: credit and coverage, on the read models ---------------------------------------------------------------------------------


def _reassigned() -> list[Event | Happened]:
    """Return what the lists read of a tutor who met the person twice and introduced them once, and of the one who took over."""
    twice = [met(after(3)), met(after(10), derived_id("case", "second meeting"))]
    introduced = ConnectionIntroduced(
        assignment_id=ASSIGNMENT_ID,
        beneficiary_id=BENEFICIARY_ID,
        connection_id=derived_id("case", "connection"),
        kind=ConnectionKind.ASSOCIATION,
        introduced_on=after(12),
    )
    new = met(after(25), derived_id("case", "third meeting")).model_copy(update={"assignment_id": OTHER_ASSIGNMENT, "duration_minutes": 30})
    later = {"occurred_on": after(20)}
    handed_over = (happened(one, **later) for one in (ENDED, TAKEN_OVER, SUCCEEDS))
    return [REQUESTED, MET, ASSIGNED, *twice, introduced, *handed_over, new]


def test_a_reassigned_volunteer_is_not_credited_with_the_predecessors_contacts() -> None:
    """CASA: "a reassigned volunteer was credited with the predecessor's contacts". Meetings, minutes, introductions: whose they were."""
    rows = given_facts(*_reassigned(), source="tutors").then(ASSIGNMENTS).rows.values()
    figures = {row.tutor_id: (len(row.took_place), sum(one.minutes for one in row.took_place), row.connections) for row in rows}
    assert figures == {TUTOR_ID: (2, 180, 1), OTHER_TUTOR: (1, 30, 0)}
    assert {row.tutor_id: row.last_contact for row in rows} == {TUTOR_ID: after(10), OTHER_TUTOR: after(25)}
    contacts = Counter(mark.meeting_id for row in rows for mark in row.meetings)
    assert set(contacts.values()) == {1}


def test_who_is_handed_over_has_a_tutor_all_the_time() -> None:
    """The person does not wait in any list, and is met since the day on which the first tutor came."""
    feed = given_facts(*_reassigned(), source="tutors")
    row = feed.then(TUTOR_REQUESTS).row(REQUEST_ID)
    assert row is not None
    assert (row.status, row.tutor_id, row.since) == (RequestStatus.MET, OTHER_TUTOR, TODAY)
    for told in range(2, len(feed.events) + 1):
        so_far = replace(feed, events=feed.events[:told]).then(TUTOR_REQUESTS).row(REQUEST_ID)
        assert so_far is not None
        assert so_far.status is RequestStatus.MET
