"""Requests and assignments follow responsibility, which is intake's to say: in whichever order anything is delivered."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from contracts.assignments import AssignmentEnded
from contracts.handing_over import AssignmentHandedOver, RequestHandedOver
from contracts.transfers import TransferAccepted
from contracts.tutor_codes import EndReason, WithdrawalReason
from contracts.tutor_requests import RequestPrecluded, RequestReopened
from services._runtime.access.permission import NotPermitted
from services._runtime.decider import Placement
from services._runtime.ids import derived_id
from services._runtime.store.port import InboxEntry
from services.tutors.app.deciders import ASSIGNMENT, REQUEST
from services.tutors.app.process_managers import follow_transfer, request_id_of
from services.tutors.app.steps import ending
from services.tutors.domain.assignment_commands import EndAssignment, HandAssignmentOver
from services.tutors.domain.assignment_state import Ended, Running
from services.tutors.domain.request_commands import CloseForExit, HandedTo, HandRequestOver, MeetRequest, RequestTutor
from services.tutors.domain.tutor_request_state import Met, Open, RequestUnknown, Unasked, Withdrawn
from services.tutors.projections.assignments import ASSIGNMENTS
from services.tutors.projections.tutor_requests import TUTOR_REQUESTS
from tests.support.given import given
from tests.support.read_models import given as given_facts
from tests.unit.tutors.cases import (
    ASSIGNED,
    ASSIGNMENT_ID,
    BENEFICIARY_ID,
    PATHWAY_ID,
    REQUEST_ID,
    REQUESTED,
    TODAY,
    TUTOR_ID,
    after,
    meeting_on,
)
from tests.unit.tutors.service import REQUEST_OF_PERSON, Service, YieldingStore, exited, pathway_of, plan_agreed

if TYPE_CHECKING:
    from contracts.event import Event

TRANSFER_ID = derived_id("transfer", BENEFICIARY_ID)
TO = HandedTo(transfer_id=TRANSFER_ID, organisation="cidas", territory="FE", municipality=None, sender="ciac", responsibility=7)
HAND = HandRequestOver(request_id=REQUEST_ID, beneficiary_id=BENEFICIARY_ID, pathway_id=PATHWAY_ID, episode=1, to=TO)
HANDED = RequestHandedOver(
    request_id=REQUEST_ID,
    beneficiary_id=BENEFICIARY_ID,
    pathway_id=PATHWAY_ID,
    episode=1,
    transfer_id=TRANSFER_ID,
    organisation="cidas",
    territory="FE",
    sender="ciac",
    responsibility=7,
)
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
CLOSE = CloseForExit(
    request_id=REQUEST_ID, beneficiary_id=BENEFICIARY_ID, pathway_id=PATHWAY_ID, episode=1, organisation="cidas", territory="FE"
)


@pytest.fixture
def service() -> Service:
    return Service()


def transferred(*, territory: str = "FE", episode: int = 1) -> TransferAccepted:
    """Return the acceptance of a transfer from CIAC in Parma."""
    return TransferAccepted(
        beneficiary_id=BENEFICIARY_ID,
        transfer_id=TRANSFER_ID,
        episode=episode,
        organisation="cidas",
        territory=territory,
        sender="ciac",
        admissions=(),
    )


def place_of(*events: Event) -> Placement:
    """Return where a request with this history belongs."""
    return REQUEST.place(given(REQUEST)(events).state())


def test_an_open_request_becomes_the_receivers() -> None:
    """The person waits on, where they are now."""
    state = given(REQUEST)([REQUESTED]).when(HAND).then([HANDED])
    assert isinstance(state, Open)
    assert REQUEST.place(state) == Placement(responsible_organisation="cidas", territory="FE", municipality=None)


def test_before_anybody_has_asked_a_transfer_says_where_a_wish_will_belong() -> None:
    """A plan that was agreed with the sender, and comes late, is answered where the person is."""
    state = given(REQUEST)([]).when(HAND).then([HANDED])
    assert isinstance(state, Unasked)
    there = {"organisation": "cidas", "territory": "FE", "municipality": None}
    asked = REQUESTED.model_copy(update=there)
    given(REQUEST)([HANDED]).when(ASK).then([asked])
    given(REQUEST)([HANDED]).when(MeetRequest(assignment_id=ASSIGNMENT_ID, tutor_id=TUTOR_ID, starts_on=TODAY)).refused(RequestUnknown)
    precluded = given(REQUEST)([HANDED]).when(CLOSE).then_types(RequestPrecluded)
    given(REQUEST)([HANDED, *precluded]).when(HAND).then([])


def test_what_was_followed_or_overtaken_before_changes_nothing() -> None:
    """I4: intake's version of the fact decides, not the order of arrival."""
    for events in ([HANDED], [REQUESTED, HANDED]):
        given(REQUEST)(events).when(HAND).then([])
        assert place_of(*events).responsible_organisation == "cidas"
    handed = given(ASSIGNMENT)([ASSIGNED]).when(HandAssignmentOver(to=TO)).then_types(AssignmentHandedOver)
    given(ASSIGNMENT)([ASSIGNED, *handed]).when(HandAssignmentOver(to=TO)).then([])


def test_the_lists_show_them_to_the_receiver() -> None:
    """I8: by organisation and territory; whoever never asked is in no list."""
    row = given_facts(REQUESTED, HANDED, source="tutors").then(TUTOR_REQUESTS).row(REQUEST_ID)
    assert row is not None
    assert (row.organisation, row.territory, row.municipality) == ("cidas", "FE", None)
    assert given_facts(HANDED, source="tutors").then(TUTOR_REQUESTS).row(REQUEST_ID) is None
    (moved,) = ASSIGNMENT.decide(HandAssignmentOver(to=TO), given(ASSIGNMENT)([ASSIGNED]).state())
    running = given_facts(ASSIGNED, moved, source="tutors").then(ASSIGNMENTS).row(ASSIGNMENT_ID)
    assert running is not None
    assert (running.organisation, running.territory) == ("cidas", "FE")


async def test_within_the_province_the_tutor_goes_on_and_the_receiver_coordinates(service: Service) -> None:
    """The tutor stays in the register where they stand, and the place stays taken."""
    await _assigned(service)
    assert await service.deliver(service.came(transferred(territory="PR"), stream_version=7)) is None
    request, assignment = await service.request(), await service.assignment()
    assert isinstance(request, Met)
    assert isinstance(assignment, Running)
    assert (request.wish.organisation, assignment.support.organisation, assignment.support.territory) == ("cidas", "cidas", "PR")
    assert (await service.facts()).taken
    assert await service.types(ASSIGNMENT, ASSIGNMENT_ID) == ["tutor_assigned", "assignment_handed_over"]


async def test_the_receiver_ends_what_it_coordinates_and_the_place_in_anothers_register_is_free(service: Service) -> None:
    """What an end entails needs no permission of its own; anything else of the tutor's is not the receiver's (I8)."""
    await _assigned(service)
    await service.deliver(service.came(transferred(territory="PR"), stream_version=7))
    opened = await service.commands.read(ASSIGNMENT, ASSIGNMENT_ID)
    end = EndAssignment(ended_on=TODAY, reason=EndReason.TUTOR_ASKED)
    steps = ending(ASSIGNMENT_ID, opened.state, end, version=opened.version, still_wanted=True)

    async def told_by(organisation: str) -> None:
        await service.commands.execute(
            *steps, context=service.context(), may=lambda placement: placement.responsible_organisation == organisation
        )

    with pytest.raises(NotPermitted):
        await told_by("ciac")
    await told_by("cidas")
    assert not (await service.facts()).taken
    assert isinstance(await service.request(), Open)


async def test_elsewhere_the_assignment_ends_and_the_wish_is_open_again_with_the_receiver(service: Service) -> None:
    """Its meetings stay with it: it ends on the last one's day where that is later."""
    await _assigned(service)
    await service.wait_until(after(8))
    await service.tell(ASSIGNMENT, ASSIGNMENT_ID, meeting_on(after(8)))
    await service.deliver(service.came(transferred(), stream_version=7, occurred_on=after(5)))
    opened = await service.commands.read(ASSIGNMENT, ASSIGNMENT_ID)
    ended = opened.events[-1]
    assert isinstance(ended, AssignmentEnded)
    assert (ended.reason, ended.ended_on, ended.relationship_continues) == (EndReason.TRANSFERRED, after(8), None)
    assert not (await service.facts()).taken
    request = await service.commands.read(REQUEST, REQUEST_OF_PERSON)
    assert isinstance(request.state, Open)
    assert (request.state.wish.organisation, request.state.wish.territory) == ("cidas", "FE")
    assert [type(event) for event in request.events[-2:]] == [RequestHandedOver, RequestReopened]
    assert request.stored[-1].recorded.envelope.responsible_organisation == "cidas"


async def test_a_plan_that_slipped_in_before_the_transfer_opens_its_request_with_the_receiver(service: Service) -> None:
    """It was agreed with the sender, and its envelope says so; intake's version counts."""
    await service.deliver(service.came(transferred(), stream_version=7))
    assert await service.deliver(service.came(plan_agreed(), responsible_organisation="ciac", territory="PR")) is None
    state = await service.request()
    assert isinstance(state, Open)
    assert (state.wish.organisation, state.wish.territory) == ("cidas", "FE")
    stored = await service.store.load(REQUEST.stream(REQUEST_OF_PERSON))
    assert {each.recorded.envelope.partition_key for each in stored} == {str(BENEFICIARY_ID)}


async def test_the_requests_of_every_episode_follow(service: Service) -> None:
    """What an earlier episode left is the receiver's history."""
    await service.deliver(service.came(plan_agreed()))
    await service.deliver(service.came(exited()))
    await service.deliver(service.came(plan_agreed(episode=2)))
    await service.deliver(service.came(transferred(episode=2), stream_version=9))
    for episode, kind in ((1, Withdrawn), (2, Open)):
        state = await service.request(request_id_of(pathway_of(BENEFICIARY_ID, episode)))
        assert isinstance(state, kind)
        assert REQUEST.place(state).responsible_organisation == "cidas"


async def test_a_repeated_transfer_has_no_second_effect(service: Service) -> None:
    """I4: neither the same delivery nor a second run from the first event."""
    await _assigned(service)
    moved = service.came(transferred(), stream_version=7)
    await service.deliver(moved)
    stored = await service.stored()
    await service.deliver(moved)
    await follow_transfer(moved, service.commands, InboxEntry("tutors.run-again", moved.envelope.event_id))
    assert await service.stored() == stored


async def test_every_order_of_delivery_ends_the_same() -> None:
    """I4: plan, transfer, transfer onward and exit in all 24 orders, with a tutor assigned by hand as soon as one is wanted, or never."""
    onward = transferred().model_copy(
        update={"transfer_id": derived_id("onward", BENEFICIARY_ID), "organisation": "arca-di-noe", "territory": "BO", "sender": "cidas"}
    )
    arrivals = ((plan_agreed(), 1), (transferred(), 7), (onward, 9), (exited(), 11))
    for by_hand in (False, True):
        for order in permutations(arrivals):
            service = Service()
            await service.tutor()
            for event, version in order:
                place = {"responsible_organisation": "arca-di-noe", "territory": "BO"} if version == 11 else {}
                await service.deliver(service.came(event, stream_version=version, municipality=None, **place))
                state = await service.request()
                if by_hand and isinstance(state, Open) and state.wish.territory == "PR":
                    await service.assign(REQUEST_OF_PERSON, ASSIGNMENT_ID)
            state = await service.request()
            assert isinstance(state, Withdrawn), order
            assert state.reason is WithdrawalReason.BENEFICIARY_EXITED
            assert (state.wish.organisation, state.wish.territory, state.wish.responsibility) == ("arca-di-noe", "BO", 9), order
            assert not isinstance(await service.assignment(), Running)
            assert not (await service.facts()).taken, order


async def test_a_transfer_that_meets_an_assignment_being_made_ends_it_or_prevents_it() -> None:
    """I4: whoever is first, nobody keeps a tutor in a province that they left, and no place stays taken."""
    for head_start in range(12):
        service = Service(YieldingStore("tutors", clock=Service().clock))
        await service.tutor()
        await service.deliver(service.came(plan_agreed()))
        results = await asyncio.gather(
            service.assign(REQUEST_OF_PERSON, ASSIGNMENT_ID), _moving(service, head_start), return_exceptions=True
        )
        assert results[1] is None, results[1]
        state = await service.request()
        assert isinstance(state, Open), head_start
        assert state.wish.organisation == "cidas"
        assert not isinstance(await service.assignment(), Running)
        assert not (await service.facts()).taken


async def _moving(service: Service, head_start: int) -> None:
    for _ in range(head_start):
        await asyncio.sleep(0)
    assert (
        await service.deliver(service.came(transferred(), stream_version=7, recorded_at=service.clock.now() - timedelta(seconds=2))) is None
    )


async def _assigned(service: Service) -> None:
    """Have a tutor of CIAC's stand beside the person in Parma."""
    await service.tutor()
    await service.deliver(service.came(plan_agreed()))
    await service.assign(REQUEST_OF_PERSON, ASSIGNMENT_ID)
    assert isinstance(await service.assignment(), Running)
    assert not isinstance(await service.assignment(), Ended)
