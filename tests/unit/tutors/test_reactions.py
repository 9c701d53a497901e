"""Plans and exits of other services arrive in any order, and more than once; the outcome is the same."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import permutations

import pytest

from contracts.assignments import AssignmentEnded
from contracts.tutor_codes import EndReason, WithdrawalReason
from services._runtime.store.port import InboxEntry
from services.tutors.app.deciders import ASSIGNMENT, REQUEST
from services.tutors.app.process_managers import PROCESS_MANAGERS, Unplaced, conclude_for_exit, request_id_of
from services.tutors.domain.assignment_commands import EndAssignment
from services.tutors.domain.assignment_state import Ended, Running
from services.tutors.domain.request_commands import WithdrawRequest
from services.tutors.domain.tutor_request_state import Met, NotRequested, Open, Withdrawn
from tests.unit.tutors.cases import ASSIGNMENT_ID, BENEFICIARY_ID, TODAY, after, meeting_on
from tests.unit.tutors.service import REQUEST_OF_PERSON, Service, YieldingStore, exited, pathway_of, plan_agreed

EXITED = WithdrawalReason.BENEFICIARY_EXITED


@pytest.fixture
def service() -> Service:
    return Service()


async def test_an_agreed_plan_that_wants_a_tutor_opens_a_request_where_the_person_is(service: Service) -> None:
    came = service.came(plan_agreed(), territory="PR")
    assert await service.deliver(came) is None
    state = await service.request()
    assert isinstance(state, Open)
    assert (state.wish.beneficiary_id, state.wish.organisation, state.wish.territory) == (BENEFICIARY_ID, "ciac", "PR")
    (stored,) = await service.store.load(REQUEST.stream(REQUEST_OF_PERSON))
    envelope = stored.recorded.envelope
    assert (envelope.causation, envelope.partition_key) == (came.envelope.event_id, str(BENEFICIARY_ID))
    assert envelope.recorded_at > came.envelope.recorded_at


async def test_an_agreed_plan_without_a_tutor_opens_nothing(service: Service) -> None:
    assert await service.deliver(service.came(plan_agreed(wants_tutor=False))) is None
    assert await service.stored() == 0


async def test_a_later_plan_without_a_tutor_takes_the_request_back(service: Service) -> None:
    plans = [plan_agreed(), plan_agreed(version=2, wants_tutor=False), plan_agreed(version=3), plan_agreed(version=4, wants_tutor=False)]
    arrivals = [service.came(plan) for plan in plans]
    for arrival in arrivals:
        assert await service.deliver(arrival) is None
    history = ["tutor_requested", "request_withdrawn", "request_reopened", "request_withdrawn"]
    assert await service.types(REQUEST, REQUEST_OF_PERSON) == history


async def test_running_again_from_the_first_event_without_an_inbox_changes_nothing(service: Service) -> None:
    """I4: the deciders alone make the reactions idempotent; the inbox only spares the work."""
    plans = [plan_agreed(), plan_agreed(version=2, wants_tutor=False), plan_agreed(version=3)]
    for _ in range(2):
        for plan in plans:
            await service.deliver(service.came(plan))
    assert await service.types(REQUEST, REQUEST_OF_PERSON) == ["tutor_requested", "request_withdrawn", "request_reopened"]


async def test_a_repeated_plan_opens_one_request(service: Service) -> None:
    """I4: the same delivery twice, and the same event after the inbox was lost, have no second effect."""
    came = service.came(plan_agreed())
    await service.deliver(came)
    await service.deliver(came)
    again = service.came(plan_agreed(version=2))
    assert await service.deliver(again) == "tutor-already-requested"
    assert await service.types(REQUEST, REQUEST_OF_PERSON) == ["tutor_requested"]


async def test_an_exit_withdraws_the_open_request(service: Service) -> None:
    await service.deliver(service.came(plan_agreed()))
    await service.deliver(service.came(exited()))
    state = await service.request()
    assert isinstance(state, Withdrawn)
    assert state.reason is EXITED


async def test_an_exit_before_the_plan_leaves_no_request_open_for_ever(service: Service) -> None:
    """I4: the topics have no common order, so the later event finds what the earlier one left."""
    await service.deliver(service.came(exited()))
    assert await service.deliver(service.came(plan_agreed())) == "person-has-exited"
    assert await service.types(REQUEST, REQUEST_OF_PERSON) == ["request_precluded"]
    assert isinstance(await service.request(), Withdrawn)


async def test_an_exit_ends_the_assignment_frees_the_place_and_withdraws_the_request_at_once(service: Service) -> None:
    await service.tutor()
    await service.deliver(service.came(plan_agreed()))
    await service.assign(REQUEST_OF_PERSON, ASSIGNMENT_ID)
    await service.deliver(service.came(exited()))

    assignment = await service.commands.read(ASSIGNMENT, ASSIGNMENT_ID)
    ended = assignment.events[-1]
    assert isinstance(ended, AssignmentEnded)
    assert (ended.reason, ended.relationship_continues) == (EndReason.BENEFICIARY_EXITED, None)
    assert not (await service.facts()).taken
    assert isinstance(await service.request(), Withdrawn)


async def test_an_exit_entered_late_ends_the_assignment_on_its_day_but_not_before_a_recorded_meeting(service: Service) -> None:
    await service.tutor()
    await service.deliver(service.came(plan_agreed()))
    await service.assign(REQUEST_OF_PERSON, ASSIGNMENT_ID)
    await service.wait_until(after(8))
    await service.tell(ASSIGNMENT, ASSIGNMENT_ID, meeting_on(after(8)))
    await service.deliver(service.came(exited(), occurred_on=after(5)))
    state = await service.assignment()
    assert isinstance(state, Ended)
    assert state.ended_on == after(8)
    stored = await service.store.load(ASSIGNMENT.stream(ASSIGNMENT_ID))
    assert stored[-1].recorded.envelope.occurred_on == after(5)


async def test_an_exit_after_the_assignment_ended_closes_the_reopened_request(service: Service) -> None:
    await service.tutor()
    await service.deliver(service.came(plan_agreed()))
    await service.assign(REQUEST_OF_PERSON, ASSIGNMENT_ID)
    await service.end(ASSIGNMENT_ID, EndAssignment(ended_on=TODAY, reason=EndReason.TUTOR_ASKED), still_wanted=True)
    assert isinstance(await service.request(), Open)
    await service.deliver(service.came(exited()))
    state = await service.request()
    assert isinstance(state, Withdrawn)
    assert state.reason is EXITED


async def test_a_repeated_exit_has_no_second_effect(service: Service) -> None:
    """I4: neither the same delivery nor a second run through all events changes anything."""
    await service.tutor()
    plan, end = service.came(plan_agreed()), service.came(exited())
    await service.deliver(plan)
    await service.assign(REQUEST_OF_PERSON, ASSIGNMENT_ID)
    await service.deliver(end)
    stored = await service.stored()
    await service.deliver(end)
    await service.deliver(plan)
    afresh = InboxEntry("tutors.run-again", end.envelope.event_id)
    await conclude_for_exit(end, service.commands, afresh)
    assert await service.store.handled(afresh.consumer, afresh.event_id)
    assert await service.stored() == stored


async def test_a_readmitted_person_asks_anew_under_another_id(service: Service) -> None:
    await service.deliver(service.came(exited()))
    assert await service.deliver(service.came(plan_agreed(episode=2))) is None
    assert isinstance(await service.request(request_id_of(pathway_of(BENEFICIARY_ID, 2))), Open)


async def test_a_plan_after_a_withdrawn_wish_asks_again_but_not_after_an_exit(service: Service) -> None:
    await service.deliver(service.came(plan_agreed()))
    await service.tell(REQUEST, REQUEST_OF_PERSON, WithdrawRequest(reason=WithdrawalReason.NO_LONGER_WANTED))
    assert await service.deliver(service.came(plan_agreed(version=2))) is None
    assert isinstance(await service.request(), Open)
    await service.tell(REQUEST, REQUEST_OF_PERSON, WithdrawRequest(reason=WithdrawalReason.NO_LONGER_WANTED))
    await service.deliver(service.came(exited()))
    assert await service.deliver(service.came(plan_agreed(version=3))) == "person-has-exited"


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
@pytest.mark.parametrize("repeats", [1, 2], ids=["once", "twice each"])
async def test_whatever_the_order_of_two_plans_and_an_exit_nothing_stays_open(order: tuple[int, ...], repeats: int) -> None:
    """I4: every order of arrival, each event delivered once or twice in a row, ends in a closed request."""
    service = Service()
    arrivals = [service.came(plan_agreed()), service.came(plan_agreed(version=2)), service.came(exited())]
    for index in order:
        for _ in range(repeats):
            await service.deliver(arrivals[index])
    state = await service.request()
    assert isinstance(state, Withdrawn)
    assert state.reason is EXITED


async def test_an_event_without_a_place_is_a_fault_and_leaves_nothing(service: Service) -> None:
    for came in (service.came(plan_agreed(), territory=None), service.came(exited(), responsible_organisation=None)):
        with pytest.raises(Unplaced):
            await service.deliver(came)
    assert isinstance(await service.request(), NotRequested)


def test_the_service_listens_to_the_two_it_depends_on_and_for_erasures_to_all() -> None:
    """What others acknowledge of a tutor's erasure comes from every service, this one among them."""
    assert set(PROCESS_MANAGERS.sources) == {"intake", "pathways", "tutors", "reporting"}


async def test_an_exit_that_meets_an_assignment_being_made_ends_it_or_prevents_it() -> None:
    """I4: whoever is first, nobody who exited keeps a tutor, and no place stays taken."""
    for head_start in range(12):
        base = Service()
        service = Service(YieldingStore("tutors", clock=base.clock))
        await service.tutor()
        await service.deliver(service.came(plan_agreed()))
        await _both(service, head_start)
        assert isinstance(await service.request(), Withdrawn)
        assert not isinstance(await service.assignment(), Running)
        assert not (await service.facts()).taken


async def test_an_exit_that_meets_an_end_being_entered_loses_nothing() -> None:
    """I4: the end by hand and the end by exit both want the assignment; one ends it, and the request is closed for good."""
    for head_start in range(12):
        base = Service()
        service = Service(YieldingStore("tutors", clock=base.clock))
        await service.tutor()
        await service.deliver(service.came(plan_agreed()))
        await service.assign(REQUEST_OF_PERSON, ASSIGNMENT_ID)
        assert isinstance(await service.request(), Met)
        await _both(service, head_start, ending=True)
        state = await service.request()
        assert isinstance(state, Withdrawn)
        assert state.reason is EXITED
        assert isinstance(await service.assignment(), Ended)


async def _both(service: Service, head_start: int, *, ending: bool = False) -> None:
    """Deliver an exit and let a coordinator act, the exit so many turns of the loop later."""

    async def coordinator() -> None:
        if ending:
            await service.end(ASSIGNMENT_ID, EndAssignment(ended_on=TODAY, reason=EndReason.MOVED), still_wanted=True)
        else:
            await service.assign(REQUEST_OF_PERSON, ASSIGNMENT_ID)

    async def leaving() -> None:
        for _ in range(head_start):
            await asyncio.sleep(0)
        assert await service.deliver(service.came(exited(), recorded_at=service.clock.now() - timedelta(seconds=2))) is None

    results = await asyncio.gather(coordinator(), leaving(), return_exceptions=True)
    assert results[1] is None, results[1]
