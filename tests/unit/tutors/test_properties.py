"""Properties of capacity and of the three-stream appends, over any interleaving."""

from __future__ import annotations

import asyncio
from datetime import date
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.errors import Refusal
from contracts.tutor_codes import EndReason, SuspensionReason
from contracts.tutors import AvailabilityChanged
from services._runtime.ids import derived_id
from services._runtime.store.port import ConcurrencyError
from services.tutors.app.deciders import SERVING
from services.tutors.app.process_managers import request_id_of
from services.tutors.domain.assignment_commands import EndAssignment
from services.tutors.domain.assignment_state import Ended, Running
from services.tutors.domain.tutor_commands import ApproveTutor, ChangeAvailability, FreeCapacity, SuspendTutor, TakeCapacity, TutorCommand
from services.tutors.domain.tutor_request_state import Met
from services.tutors.domain.tutor_state import TutorState, Unregistered
from tests.unit.tutors.cases import ASSIGNABLE, TODAY, after
from tests.unit.tutors.service import Service, YieldingStore, pathway_of, plan_agreed

ASSIGNMENT_IDS = tuple(derived_id("assignment", number) for number in range(5))
PERSONS = tuple(derived_id("person", number) for number in range(3))
TUTORS = tuple(derived_id("tutor", number) for number in range(2))

_assignments = st.sampled_from(ASSIGNMENT_IDS)
_days = st.dates(min_value=date(2020, 12, 1), max_value=date(2022, 3, 1))
_commands: st.SearchStrategy[TutorCommand] = st.one_of(
    st.builds(TakeCapacity, assignment_id=_assignments, territory=st.sampled_from(["PR", "BO"]), on=_days),
    st.builds(TakeCapacity, assignment_id=_assignments, territory=st.just("PR"), on=st.just(TODAY)),
    st.builds(FreeCapacity, assignment_id=_assignments),
    st.builds(ChangeAvailability, capacity=st.integers(-1, 4), available=st.booleans()),
    st.builds(SuspendTutor, reason=st.just(SuspensionReason.TUTOR_ASKED)),
    st.builds(ApproveTutor, on=st.just(after(1))),
)


@given(st.lists(_commands, max_size=40))
def test_capacity_is_never_negative_nor_exceeded(commands: list[TutorCommand]) -> None:
    state: TutorState = Unregistered()
    for event in ASSIGNABLE:
        state = SERVING.evolve(state, event)
    for command in commands:
        try:
            events = SERVING.decide(command, state)
        except Refusal:
            continue
        for event in events:
            state = SERVING.evolve(state, event)
        assert not isinstance(state, Unregistered)
        assert 0 <= len(state.facts.taken) <= state.facts.capacity


_Act = tuple[str, int, int]
_acts = st.tuples(st.sampled_from(["assign", "assign", "end"]), st.integers(0, len(PERSONS) - 1), st.integers(0, len(TUTORS) - 1))


async def _act(service: Service, number: int, act: _Act) -> None:
    """Assign or end as a coordinator would, on what they see at that moment; refusals are answers."""
    kind, person, tutor = act
    request_id = request_id_of(pathway_of(PERSONS[person]))
    try:
        if kind == "assign":
            await service.assign(request_id, derived_id("act", number), TUTORS[tutor])
        elif isinstance(request := await service.request(request_id), Met):
            end = EndAssignment(ended_on=TODAY, reason=EndReason.CONCLUDED)
            await service.end(request.assignment_id, end, still_wanted=bool(tutor))
    except (Refusal, ConcurrencyError):
        pass


async def _interleaved(capacities: list[int], acts: list[_Act], width: int) -> None:
    service = Service(YieldingStore("tutors", clock=Service().clock))
    for tutor_id, capacity in zip(TUTORS, capacities, strict=True):
        offered = AvailabilityChanged(tutor_id=tutor_id, capacity=capacity, available=True)
        await service.tutor(tutor_id, [*ASSIGNABLE, offered])
    for person in PERSONS:
        await service.deliver(service.came(plan_agreed(person)))
    numbered = list(enumerate(acts))
    for start in range(0, len(numbered), width):
        await asyncio.gather(*(_act(service, number, act) for number, act in numbered[start : start + width]))
        await _agree(service, [derived_id("act", number) for number, _ in numbered])


async def _agree(service: Service, assignment_ids: list[UUID]) -> None:
    """Assert that the three streams tell the same story: nothing was stored of an append that failed anywhere."""
    running: dict[UUID, set[UUID]] = {tutor_id: set() for tutor_id in TUTORS}
    for assignment_id in assignment_ids:
        state = await service.assignment(assignment_id)
        if isinstance(state, Running):
            running[state.support.tutor_id].add(assignment_id)
            request = await service.request(state.support.request_id)
            assert isinstance(request, Met)
            assert (request.assignment_id, request.tutor_id) == (assignment_id, state.support.tutor_id)
        elif isinstance(state, Ended):
            request = await service.request(state.support.request_id)
            assert not isinstance(request, Met) or request.assignment_id != assignment_id
    for tutor_id in TUTORS:
        facts = await service.facts(tutor_id)
        assert facts.taken == running[tutor_id]
        assert len(facts.taken) <= facts.capacity
    for person in PERSONS:
        request = await service.request(request_id_of(pathway_of(person)))
        if isinstance(request, Met):
            assert request.assignment_id in running[request.tutor_id]


@settings(max_examples=40)
@given(
    capacities=st.lists(st.integers(0, 2), min_size=len(TUTORS), max_size=len(TUTORS)),
    acts=st.lists(_acts, max_size=24),
    width=st.integers(1, 6),
)
def test_assigning_and_ending_store_all_three_streams_or_none_whoever_is_first(capacities: list[int], acts: list[_Act], width: int) -> None:
    asyncio.run(_interleaved(capacities, acts, width))


async def test_of_many_who_assign_at_once_exactly_one_wins() -> None:
    service = Service(YieldingStore("tutors", clock=Service().clock))
    await service.tutor(TUTORS[0])
    for person in PERSONS:
        await service.deliver(service.came(plan_agreed(person)))
    before = await service.stored()
    await asyncio.gather(*(_act(service, number, ("assign", number, 0)) for number in range(len(PERSONS))))
    assert len((await service.facts(TUTORS[0])).taken) == 1
    assert await service.stored() == before + len(["match", "accepted", "accepted", "met", "assigned", "taken"])
    states = [await service.request(request_id_of(pathway_of(person))) for person in PERSONS]
    assert sorted(type(state).__name__ for state in states) == ["Met", "Open", "Open"]
