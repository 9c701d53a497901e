"""A request whose record is another one's person: no tutor is sought under it, whoever asks and whenever; again once they are split."""

from __future__ import annotations

from dataclasses import asdict, replace
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from contracts.duplicates import DuplicateConfirmed, DuplicateSplit
from contracts.errors import Invalid
from contracts.joining import RequestJoined, RequestParted
from contracts.tutor_codes import EndReason, WithdrawalReason
from contracts.tutor_requests import RequestPrecluded, RequestWithdrawn
from contracts.upcasters import decode
from services._runtime.decider import Placement
from services._runtime.ids import derived_id
from services._runtime.store.port import InboxEntry
from services.tutors.adapters.answers import request_answer
from services.tutors.app.deciders import REQUEST
from services.tutors.app.process_managers import follow_decision, request_id_of
from services.tutors.domain.assignment_commands import EndAssignment
from services.tutors.domain.assignment_state import Running
from services.tutors.domain.joining import RecordedElsewhere
from services.tutors.domain.match_talks import NO_TALKS
from services.tutors.domain.matching_commands import DescribeWish
from services.tutors.domain.request_commands import JoinRequest, PartRequest, ReleaseRequest, WithdrawRequest
from services.tutors.domain.traits import Traits
from services.tutors.domain.tutor_request_state import Met, Open, Unasked, Withdrawn
from tests.support.given import given
from tests.unit.tutors.cases import ASSIGNMENT_ID, BENEFICIARY_ID, OTHER_ASSIGNMENT, PATHWAY_ID, REQUEST_ID, REQUESTED, TODAY
from tests.unit.tutors.match_cases import ACCEPT, DECLINE, OTHER_TUTOR, PROPOSE
from tests.unit.tutors.service import REQUEST_OF_PERSON, Service, exited, pathway_of, plan_agreed
from tests.unit.tutors.test_handing_over import HAND, HANDED, transferred
from tests.unit.tutors.test_tutor_request import ASK, CLOSE, MEET, MET, UNWANTED, reopened, withdrawn

if TYPE_CHECKING:
    from contracts.event import Event
    from services.tutors.domain.request_commands import RequestCommand

SURVIVOR = derived_id("survivor", BENEFICIARY_ID)
JOIN = JoinRequest(
    request_id=REQUEST_ID,
    beneficiary_id=BENEFICIARY_ID,
    pathway_id=PATHWAY_ID,
    episode=1,
    organisation="ciac",
    territory="PR",
    municipality="034027",
    survivor_id=SURVIVOR,
    decided=7,
)
PART = PartRequest(**asdict(JOIN) | {"decided": 9})
JOINED = RequestJoined(**asdict(JOIN))
PARTED = RequestParted(**asdict(PART))
ELSEWHERE = withdrawn(WithdrawalReason.RECORDED_ELSEWHERE)
given_request = given(REQUEST)


def test_an_open_request_is_withdrawn_and_open_again_once_they_are_split() -> None:
    """The plan that asked for a tutor is named as the one that asks again."""
    state = given_request([REQUESTED]).when(JOIN).then([JOINED, ELSEWHERE])
    assert isinstance(state, Withdrawn)
    assert request_answer(state).goes_on_under == SURVIVOR
    state = given_request([REQUESTED, JOINED, ELSEWHERE]).when(PART).then([PARTED, reopened(plan=1)])
    assert isinstance(state, Open)
    assert request_answer(state).goes_on_under is None


def test_what_is_wanted_later_is_remembered_and_no_tutor_is_sought() -> None:
    """A plan that was agreed before the join and comes after it; a later plan; a wish that is open again by the end of an assignment."""
    state = given_request([JOINED]).when(ASK).then([REQUESTED, ELSEWHERE])
    assert isinstance(state, Withdrawn)
    given_request([JOINED, REQUESTED, ELSEWHERE, PARTED]).when(replace(PART, decided=10)).then(
        [PARTED.model_copy(update={"decided": 10}), reopened(plan=1)]
    )
    gone = [REQUESTED, withdrawn(UNWANTED), JOINED]
    given_request(gone).when(replace(ASK, plan_version=2)).then([reopened(plan=2), ELSEWHERE])
    given_request([REQUESTED, MET, JOINED]).when(ReleaseRequest(assignment_id=ASSIGNMENT_ID, still_wanted=True)).then(
        [reopened(held=True), ELSEWHERE]
    )
    given_request([REQUESTED, MET, JOINED]).when(replace(HAND, ending=ASSIGNMENT_ID)).then([HANDED, reopened(held=True), ELSEWHERE])


def test_what_is_not_wanted_any_more_is_not_wanted_after_a_split() -> None:
    """By a later plan, or because the person says so; why a record goes on is intake's to say."""
    joined = [REQUESTED, JOINED, ELSEWHERE]
    for drop in (WithdrawRequest(reason=UNWANTED, plan_version=2), WithdrawRequest(reason=UNWANTED)):
        given_request(joined).when(drop).then([withdrawn(UNWANTED)])
    given_request([*joined, withdrawn(UNWANTED)]).when(PART).then([PARTED])
    for events in ([REQUESTED], joined):
        given_request(events).when(WithdrawRequest(reason=WithdrawalReason.RECORDED_ELSEWHERE)).refused(Invalid)


def test_after_the_exit_a_split_opens_nothing() -> None:
    """The episode ended under whichever record."""
    state = given_request([REQUESTED, JOINED, ELSEWHERE]).when(CLOSE).then_types(RequestPrecluded)
    given_request([REQUESTED, JOINED, ELSEWHERE, *state]).when(PART).then([PARTED])
    given_request([REQUESTED, withdrawn(WithdrawalReason.BENEFICIARY_EXITED)]).when(JOIN).then([JOINED])


def test_a_tutor_who_stands_beside_the_person_goes_on() -> None:
    """They are ended by people; a match with another, who would take over, falls."""
    (proposed,) = given_request([REQUESTED, MET]).when(replace(PROPOSE, tutor_id=OTHER_TUTOR))._decide()
    state = given_request([REQUESTED, MET, proposed]).when(JOIN).then([JOINED])
    assert isinstance(state, Met)
    assert state.talks.standing is None
    parted = given_request([REQUESTED, MET, JOINED]).when(PART).then([PARTED])
    assert isinstance(parted, Met)
    given_request([REQUESTED, MET, JOINED]).when(ReleaseRequest(assignment_id=ASSIGNMENT_ID, still_wanted=False)).then(
        [withdrawn(UNWANTED, held=True)]
    )


@pytest.mark.parametrize(
    "command",
    [
        replace(PROPOSE, tutor_id=OTHER_TUTOR),
        ACCEPT,
        DECLINE,
        DescribeWish(Traits()),
        MEET,
        replace(MEET, assignment_id=OTHER_ASSIGNMENT, tutor_id=OTHER_TUTOR, instead_of=ASSIGNMENT_ID),
    ],
    ids=["propose", "accept", "decline", "describe", "meet", "take over"],
)
@pytest.mark.parametrize("events", [[REQUESTED, MET, JOINED], [REQUESTED, JOINED, ELSEWHERE]], ids=["met", "withdrawn"])
def test_no_tutor_is_sought_or_assigned_under_it(events: list[Event], command: RequestCommand) -> None:
    """Whoever tries is told which record goes on."""
    refusal = given_request(events).when(command).refused(RecordedElsewhere)
    assert str(SURVIVOR) in str(refusal)
    assert refusal.code == "recorded-elsewhere"


def test_what_was_followed_or_overtaken_before_changes_nothing() -> None:
    """I4: intake's version of the decision counts; a split that overtook its confirmation takes no talks away."""
    for overtaken in (JOIN, replace(PART, decided=7)):
        given_request([JOINED]).when(overtaken).then([])
    given_request([PARTED]).when(JOIN).then([])
    given_request([JOINED, PARTED]).when(JOIN).then([])
    (proposed,) = given_request([REQUESTED]).when(PROPOSE)._decide()
    state = given_request([REQUESTED, proposed]).when(PART).then([PARTED])
    assert isinstance(state, Open)
    assert state.talks != NO_TALKS


def test_before_anybody_has_asked_a_request_remembers() -> None:
    """And where the wish will belong, until a transfer says otherwise; transfer and decision are followed each by its own version."""
    state = given_request([]).when(JOIN).then([JOINED])
    assert isinstance(state, Unasked)
    assert REQUEST.place(state) == Placement(responsible_organisation="ciac", territory="PR", municipality="034027")
    for events in ([JOINED, HANDED], [HANDED, JOINED]):
        state = given_request(events).state()
        assert isinstance(state, Unasked)
        wish = state.wish
        assert (wish.organisation, wish.responsibility, wish.goes_on_under, wish.decided) == ("cidas", 7, SURVIVOR, 7)


def test_requests_that_were_withdrawn_before_are_read_as_ever() -> None:
    """I11: another record was no reason then."""
    told = withdrawn(UNWANTED)
    assert decode(RequestWithdrawn.type_name, 1, told.model_dump_json().encode()) == told


def decided(event: type[DuplicateConfirmed | DuplicateSplit], *, survivor: bool = False, episode: int = 1) -> Event:
    """Return what intake decided of this person's record and another."""
    return event(beneficiary_id=BENEFICIARY_ID, other_id=SURVIVOR, survivor_id=BENEFICIARY_ID if survivor else SURVIVOR, episode=episode)


CONFIRMED, SPLIT = decided(DuplicateConfirmed), decided(DuplicateSplit)


async def test_the_requests_of_every_episode_follow() -> None:
    """The one that is open is withdrawn; the one of before keeps why it does not stand."""
    service = Service()
    for event in (plan_agreed(), exited(), plan_agreed(episode=2)):
        await service.deliver(service.came(event))
    await service.deliver(service.came(decided(DuplicateConfirmed, episode=2), stream_version=9))
    for episode, reason in ((1, WithdrawalReason.BENEFICIARY_EXITED), (2, WithdrawalReason.RECORDED_ELSEWHERE)):
        state = await service.request(request_id_of(pathway_of(BENEFICIARY_ID, episode)))
        assert isinstance(state, Withdrawn)
        assert (state.reason, state.wish.goes_on_under, state.wish.decided) == (reason, SURVIVOR, 9)


async def test_nothing_changes_for_the_record_that_goes_on() -> None:
    """The decision stands on its stream, too."""
    service = Service()
    await service.deliver(service.came(plan_agreed()))
    stored = await service.stored()
    for event in (DuplicateConfirmed, DuplicateSplit):
        assert await service.deliver(service.came(decided(event, survivor=True), stream_version=7)) is None
    assert await service.stored() == stored


async def test_a_running_assignment_goes_on_until_people_end_it() -> None:
    """It is a relationship between two people; nobody else is sought after it."""
    service = Service()
    await service.tutor()
    await service.deliver(service.came(plan_agreed()))
    await service.assign(REQUEST_OF_PERSON, ASSIGNMENT_ID)
    await service.deliver(service.came(CONFIRMED, stream_version=7))
    assert isinstance(await service.assignment(), Running)
    with pytest.raises(RecordedElsewhere):
        await service.reassign(ASSIGNMENT_ID, service.told(OTHER_ASSIGNMENT, OTHER_TUTOR))
    await service.end(ASSIGNMENT_ID, EndAssignment(ended_on=TODAY, reason=EndReason.TUTOR_ASKED), still_wanted=True)
    state = await service.request()
    assert isinstance(state, Withdrawn)
    assert not (await service.facts()).taken


async def test_a_later_plan_without_a_tutor_is_heard_under_it() -> None:
    """So that a split brings no wish back that was given up."""
    service = Service()
    for event in (plan_agreed(), CONFIRMED, plan_agreed(version=2, wants_tutor=False), SPLIT):
        await service.deliver(service.came(event, stream_version=8 if event is SPLIT else 7))
    state = await service.request()
    assert isinstance(state, Withdrawn)
    assert state.reason is UNWANTED


async def test_a_repeated_decision_has_no_second_effect() -> None:
    """I4: neither the same delivery nor a second run from the first event."""
    service = Service()
    await service.deliver(service.came(plan_agreed()))
    came = [service.came(CONFIRMED, stream_version=7), service.came(SPLIT, stream_version=8)]
    for one in came:
        await service.deliver(one)
    stored = await service.stored()
    for one in came:
        await service.deliver(one)
        await follow_decision(one, service.commands, InboxEntry("tutors.run-again", one.envelope.event_id))
    assert await service.stored() == stored


LIVES = {
    "split in the end": [(transferred(), 5), (CONFIRMED, 7), (SPLIT, 8)],
    "joined in the end": [(transferred(), 5), (CONFIRMED, 7), (SPLIT, 8), (CONFIRMED, 9)],
    "exited in the end": [(CONFIRMED, 7), (SPLIT, 8), (exited(), 9)],
}


@pytest.mark.parametrize("by_hand", [False, True], ids=["never assigned", "assigned as soon as one is wanted"])
@pytest.mark.parametrize("life", LIVES)
async def test_every_order_of_delivery_ends_the_same(life: str, by_hand: bool) -> None:
    """I4: a plan that wants a tutor, and all that intake decides; who stands beside the person by then goes on, but for the exit."""
    joined = life.startswith("joined")
    arrivals = [(plan_agreed(), 3), *LIVES[life]]
    for order in permutations(arrivals):
        service = Service()
        await service.tutor()
        for event, version in order:
            await service.deliver(service.came(event, stream_version=version, municipality=None))
            state = await service.request()
            if by_hand and isinstance(state, Open) and state.wish.territory == "PR":
                await service.assign(REQUEST_OF_PERSON, ASSIGNMENT_ID)
        state = await service.request()
        assert isinstance(state, Met | Open if life.startswith("split") else Met | Withdrawn), order
        assert by_hand or not isinstance(state, Met), order
        assert (state.wish.goes_on_under, state.wish.decided) == ((SURVIVOR, 9) if joined else (None, 8)), order
        assert bool((await service.facts()).taken) == isinstance(state, Met) == isinstance(await service.assignment(), Running), order
