"""A tutor's places: who gets one, who is refused, and who gives one back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contracts.errors import Invalid, Refusal
from contracts.tutor_codes import LapseReason, SuspensionReason, VettingOutcome
from contracts.tutors import AvailabilityChanged, CapacityFreed, CapacityTaken, TutorApprovalLapsed, TutorSuspended, VettingRecorded
from services.tutors.app.deciders import SERVING
from services.tutors.domain.approval import (
    TutorNotInsured,
    VettingExpired,
)
from services.tutors.domain.taking import (
    AssignmentsRunning,
    CapacityAlreadyHeld,
    CapacityNotHeld,
    TutorAtCapacity,
    TutorElsewhere,
    TutorNotApproved,
    TutorNotAvailable,
)
from services.tutors.domain.tutor_commands import ChangeAvailability, FreeCapacity, TakeCapacity
from services.tutors.domain.tutor_state import TutorEvent
from tests.support.given import given
from tests.unit.tutors.cases import (
    ASSIGNABLE,
    ASSIGNMENT_ID,
    OTHER_ASSIGNMENT,
    READY,
    TODAY,
    TUTOR_ID,
    YEAR_END,
    after,
)
from tests.unit.tutors.service import REQUEST_OF_PERSON, Service, plan_agreed

given_tutor = given(SERVING)

TAKE = TakeCapacity(assignment_id=ASSIGNMENT_ID, territory="PR", on=TODAY)
TAKEN = CapacityTaken(tutor_id=TUTOR_ID, assignment_id=ASSIGNMENT_ID)
SUSPENDED = TutorSuspended(tutor_id=TUTOR_ID, reason=SuspensionReason.TUTOR_ASKED)


def test_a_suspended_tutor_keeps_and_frees_the_places_that_are_taken() -> None:
    events = [*ASSIGNABLE, TAKEN, SUSPENDED]
    given_tutor(events).when(FreeCapacity(assignment_id=ASSIGNMENT_ID)).then(
        [CapacityFreed(tutor_id=TUTOR_ID, assignment_id=ASSIGNMENT_ID)]
    )


def test_a_place_is_taken_by_an_assignment() -> None:
    given_tutor(ASSIGNABLE).when(TAKE).then([TAKEN])


async def test_whoever_is_assigned_takes_a_place() -> None:
    service = Service()
    await service.tutor()
    await service.deliver(service.came(plan_agreed()))
    await service.assign(REQUEST_OF_PERSON, ASSIGNMENT_ID)
    assert (await service.facts()).taken == {ASSIGNMENT_ID}


@pytest.mark.parametrize(
    ("events", "command", "refusal"),
    [
        (READY, TAKE, TutorNotApproved),
        (ASSIGNABLE, replace(TAKE, on=after(-1)), TutorNotApproved),
        (ASSIGNABLE, replace(TAKE, on=YEAR_END + timedelta(days=1)), VettingExpired),
        ([*ASSIGNABLE, TAKEN], replace(TAKE, assignment_id=OTHER_ASSIGNMENT), TutorAtCapacity),
        ([*ASSIGNABLE, TAKEN], TAKE, CapacityAlreadyHeld),
        (ASSIGNABLE, replace(TAKE, territory="BO"), TutorElsewhere),
        ([*ASSIGNABLE, AvailabilityChanged(tutor_id=TUTOR_ID, capacity=3, available=False)], TAKE, TutorNotAvailable),
        (
            [*ASSIGNABLE, TutorApprovalLapsed(tutor_id=TUTOR_ID, reason=LapseReason.VETTING_EXPIRED, lapsed_on=TODAY)],
            TAKE,
            TutorNotApproved,
        ),
    ],
    ids=["not approved", "not yet approved", "vetting expired", "full", "held already", "elsewhere", "not available", "lapsed"],
)
def test_a_place_is_refused(events: list[TutorEvent], command: TakeCapacity, refusal: type[Refusal]) -> None:
    given_tutor(events).when(command).refused(refusal)


def test_a_tutor_whose_insurance_ran_out_gets_no_assignment_even_before_the_timer_says_so() -> None:
    vetting = VettingRecorded(tutor_id=TUTOR_ID, outcome=VettingOutcome.PASSED, valid_until=date(2023, 1, 1))
    given_tutor([*ASSIGNABLE, vetting]).when(replace(TAKE, on=date(2022, 1, 1))).refused(TutorNotInsured)


def test_only_a_place_that_is_held_is_freed() -> None:
    given_tutor([*ASSIGNABLE, TAKEN]).when(FreeCapacity(assignment_id=OTHER_ASSIGNMENT)).refused(CapacityNotHeld)


def test_availability_changes_but_never_below_what_is_taken() -> None:
    taken = given_tutor([*ASSIGNABLE, TAKEN])
    taken.when(ChangeAvailability(capacity=2, available=False)).then([AvailabilityChanged(tutor_id=TUTOR_ID, capacity=2, available=False)])
    taken.when(ChangeAvailability(capacity=0, available=True)).refused(AssignmentsRunning)
    given_tutor(ASSIGNABLE).when(ChangeAvailability(capacity=-1, available=True)).refused(Invalid)
