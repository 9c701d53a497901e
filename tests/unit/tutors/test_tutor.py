"""The rules of the tutors' register, rule by rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from contracts.errors import Invalid, Refusal
from contracts.tutor_codes import LapseReason, RetirementReason, SuspensionReason, TutorKind, VettingOutcome
from contracts.tutors import (
    CapacityFreed,
    CapacityTaken,
    InsuranceRecorded,
    TutorApprovalLapsed,
    TutorApproved,
    TutorInterviewed,
    TutorRetired,
    TutorSuspended,
    TutorTrained,
    VettingRecorded,
)
from services.tutors.app.deciders import SERVING
from services.tutors.domain.approval import (
    InterviewMissing,
    TrainingMissing,
    TutorAlreadyApproved,
    TutorNotInsured,
    VettingExpired,
    VettingNotPassed,
)
from services.tutors.domain.taking import AssignmentsRunning, TutorIsSuspended
from services.tutors.domain.tutor import TutorAlreadyRegistered, TutorIsPaidStaff, TutorIsRetired
from services.tutors.domain.tutor_commands import (
    ApproveTutor,
    ChangeAvailability,
    FreeCapacity,
    LapseApproval,
    RecordInsurance,
    RecordInterview,
    RecordTraining,
    RecordVetting,
    RegisterTutor,
    RetireTutor,
    SuspendTutor,
    TakeCapacity,
    TutorCommand,
)
from services.tutors.domain.tutor_state import Registered, TutorEvent, TutorUnknown
from tests.support.given import given
from tests.unit.tutors.cases import (
    APPROVED,
    ASSIGNABLE,
    ASSIGNMENT_ID,
    INSURED,
    INTERVIEWED,
    READY,
    REGISTER,
    REGISTERED,
    TODAY,
    TRAINED,
    TUTOR_ID,
    VETTED,
    YEAR_END,
    after,
)

given_tutor = given(SERVING)

TAKE = TakeCapacity(assignment_id=ASSIGNMENT_ID, territory="PR", on=TODAY)
TAKEN = CapacityTaken(tutor_id=TUTOR_ID, assignment_id=ASSIGNMENT_ID)
SUSPENDED = TutorSuspended(tutor_id=TUTOR_ID, reason=SuspensionReason.TUTOR_ASKED)
RETIRED = TutorRetired(tutor_id=TUTOR_ID, reason=RetirementReason.MOVED)
NEXT_YEAR = InsuranceRecorded(tutor_id=TUTOR_ID, valid_from=date(2022, 1, 1), valid_until=date(2022, 12, 31), kept_by="ciac")

ANY_BUT_REGISTER: list[TutorCommand] = [
    RecordInterview(),
    RecordTraining(course="tutors-basic", hours=12),
    RecordVetting(on=TODAY, outcome=VettingOutcome.PASSED, valid_until=YEAR_END),
    RecordInsurance(valid_from=TODAY, valid_until=YEAR_END, kept_by="ciac"),
    ApproveTutor(on=TODAY),
    SuspendTutor(reason=SuspensionReason.TUTOR_ASKED),
    RetireTutor(reason=RetirementReason.MOVED),
    ChangeAvailability(capacity=2, available=True),
    TAKE,
    FreeCapacity(assignment_id=ASSIGNMENT_ID),
]


def test_a_volunteer_enters_the_register() -> None:
    given_tutor([]).when(REGISTER).then([REGISTERED])


def test_an_association_names_its_volunteers_and_may_have_a_public_number() -> None:
    command = replace(REGISTER, kind=TutorKind.ASSOCIATION, volunteers=("Uno", "Due"), runts="12345")
    (event,) = given_tutor([]).when(command).then_types(type(REGISTERED))
    assert event == REGISTERED.model_copy(update={"kind": TutorKind.ASSOCIATION, "volunteers": ("Uno", "Due"), "runts": "12345"})


@pytest.mark.parametrize(
    "command",
    [
        replace(REGISTER, kind=TutorKind.ASSOCIATION),
        replace(REGISTER, volunteers=("Uno",)),
        replace(REGISTER, kind=TutorKind.GROUP, runts="12345"),
        replace(REGISTER, capacity=0),
        replace(REGISTER, name="  "),
    ],
    ids=["association without volunteers", "citizen with volunteers", "group with a public number", "no place", "no name"],
)
def test_a_registration_that_contradicts_itself_is_invalid(command: RegisterTutor) -> None:
    given_tutor([]).when(command).refused(Invalid)


def test_paid_staff_of_the_same_organisation_cannot_volunteer_there() -> None:
    given_tutor([]).when(replace(REGISTER, paid_staff=True)).refused(TutorIsPaidStaff)


@pytest.mark.parametrize("events", [[REGISTERED], [REGISTERED, SUSPENDED], [REGISTERED, RETIRED]], ids=str)
def test_an_id_is_registered_once(events: list[TutorEvent]) -> None:
    given_tutor(events).when(REGISTER).refused(TutorAlreadyRegistered)


@pytest.mark.parametrize("command", [*ANY_BUT_REGISTER, LapseApproval(on=TODAY)], ids=lambda c: type(c).__name__)
def test_nothing_is_recorded_about_an_unknown_tutor(command: TutorCommand) -> None:
    given_tutor([]).when(command).refused(TutorUnknown)


@pytest.mark.parametrize("command", ANY_BUT_REGISTER, ids=lambda c: type(c).__name__)
def test_nothing_follows_a_retirement(command: TutorCommand) -> None:
    given_tutor([REGISTERED, RETIRED]).when(command).refused(TutorIsRetired)


def test_what_the_approval_asks_for_is_recorded() -> None:
    registered = given_tutor([REGISTERED])
    registered.when(RecordInterview(notes="Motivata.")).then([TutorInterviewed(tutor_id=TUTOR_ID, notes="Motivata.")])
    registered.when(RecordTraining(course="tutors-basic", hours=12)).then(
        [TutorTrained(tutor_id=TUTOR_ID, course="tutors-basic", hours=12)]
    )
    registered.when(RecordVetting(on=TODAY, outcome=VettingOutcome.PASSED, valid_until=YEAR_END)).then([VETTED])
    registered.when(RecordInsurance(valid_from=INSURED.valid_from, valid_until=YEAR_END, kept_by="ciac")).then([INSURED])


@pytest.mark.parametrize(
    "command",
    [
        RecordVetting(on=TODAY, outcome=VettingOutcome.PASSED),
        RecordVetting(on=TODAY, outcome=VettingOutcome.PASSED, valid_until=after(-1)),
        RecordVetting(on=TODAY, outcome=VettingOutcome.FAILED, valid_until=YEAR_END),
        RecordInsurance(valid_from=TODAY, valid_until=after(-1), kept_by="ciac"),
    ],
    ids=["passed without an end", "passed and past", "failed but valid", "ends before it begins"],
)
def test_a_vetting_or_insurance_that_contradicts_itself_is_invalid(command: TutorCommand) -> None:
    given_tutor([REGISTERED]).when(command).refused(Invalid)


def test_a_tutor_with_everything_is_approved_until_the_first_condition_ends() -> None:
    short = InsuranceRecorded(tutor_id=TUTOR_ID, valid_from=TODAY, valid_until=after(30), kept_by="ciac")
    given_tutor(READY).when(ApproveTutor(on=TODAY)).then([APPROVED])
    given_tutor([REGISTERED, INTERVIEWED, TRAINED, VETTED, short]).when(ApproveTutor(on=TODAY)).then(
        [TutorApproved(tutor_id=TUTOR_ID, approved_on=TODAY, valid_until=after(30))]
    )


FAILED = VettingRecorded(tutor_id=TUTOR_ID, outcome=VettingOutcome.FAILED)
OLD_VETTING = VettingRecorded(tutor_id=TUTOR_ID, outcome=VettingOutcome.PASSED, valid_until=after(-1))
LATER_INSURANCE = InsuranceRecorded(tutor_id=TUTOR_ID, valid_from=after(1), valid_until=YEAR_END, kept_by="ciac")


@pytest.mark.parametrize(
    ("events", "refusal"),
    [
        ([REGISTERED, TRAINED, VETTED, INSURED], InterviewMissing),
        ([REGISTERED, INTERVIEWED, VETTED, INSURED], TrainingMissing),
        ([REGISTERED, INTERVIEWED, TRAINED, INSURED], VettingNotPassed),
        ([REGISTERED, INTERVIEWED, TRAINED, VETTED, FAILED, INSURED], VettingNotPassed),
        ([REGISTERED, INTERVIEWED, TRAINED, OLD_VETTING, INSURED], VettingExpired),
        ([REGISTERED, INTERVIEWED, TRAINED, VETTED], TutorNotInsured),
        ([REGISTERED, INTERVIEWED, TRAINED, VETTED, LATER_INSURANCE], TutorNotInsured),
        (ASSIGNABLE, TutorAlreadyApproved),
    ],
    ids=["interview", "training", "vetting", "failed vetting", "expired vetting", "insurance", "insured later", "approved"],
)
def test_an_approval_names_what_is_missing(events: list[TutorEvent], refusal: type[Refusal]) -> None:
    given_tutor(events).when(ApproveTutor(on=TODAY)).refused(refusal)


def test_the_last_day_of_a_vetting_and_of_an_insurance_is_still_covered() -> None:
    given_tutor(READY).when(ApproveTutor(on=YEAR_END)).then_types(TutorApproved)
    given_tutor([*READY, NEXT_YEAR]).when(ApproveTutor(on=after(306))).refused(VettingExpired)


def test_an_approval_is_prolonged_once_something_new_carries_it_further() -> None:
    renewed = VettingRecorded(tutor_id=TUTOR_ID, outcome=VettingOutcome.PASSED, valid_until=date(2022, 6, 30))
    prolonged = TutorApproved(tutor_id=TUTOR_ID, approved_on=after(100), valid_until=date(2022, 6, 30))
    state = given_tutor([*ASSIGNABLE, NEXT_YEAR, renewed]).when(ApproveTutor(on=after(100))).then([prolonged])
    assert isinstance(state, Registered)
    assert state.approval is not None
    assert (state.approval.approved_on, state.approval.valid_until) == (TODAY, date(2022, 6, 30))


@pytest.mark.parametrize(
    ("events", "day", "reason"),
    [
        (ASSIGNABLE, date(2022, 1, 1), LapseReason.VETTING_EXPIRED),
        ([*ASSIGNABLE, NEXT_YEAR], date(2022, 1, 1), LapseReason.VETTING_EXPIRED),
        (
            [*ASSIGNABLE, VettingRecorded(tutor_id=TUTOR_ID, outcome=VettingOutcome.PASSED, valid_until=date(2023, 1, 1))],
            date(2022, 1, 1),
            LapseReason.INSURANCE_EXPIRED,
        ),
    ],
    ids=["both", "vetting", "insurance"],
)
def test_an_approval_lapses_when_a_condition_expires(events: list[TutorEvent], day: date, reason: LapseReason) -> None:
    lapsed = TutorApprovalLapsed(tutor_id=TUTOR_ID, reason=reason, lapsed_on=day)
    state = given_tutor(events).when(LapseApproval(on=day)).then([lapsed])
    assert isinstance(state, Registered)
    assert state.approval is None


@pytest.mark.parametrize(
    ("events", "day"),
    [
        (ASSIGNABLE, YEAR_END),
        (READY, date(2022, 1, 1)),
        ([*ASSIGNABLE, SUSPENDED], date(2022, 1, 1)),
        ([REGISTERED, RETIRED], date(2022, 1, 1)),
        (
            [*ASSIGNABLE, NEXT_YEAR, VettingRecorded(tutor_id=TUTOR_ID, outcome=VettingOutcome.PASSED, valid_until=date(2023, 1, 1))],
            date(2022, 1, 1),
        ),
    ],
    ids=["still valid", "never approved", "suspended", "retired", "renewed"],
)
def test_time_finds_nothing_to_do_where_no_approval_has_run_out(events: list[TutorEvent], day: date) -> None:
    given_tutor(events).when(LapseApproval(on=day)).then([])


def test_a_failed_vetting_ends_an_approval_at_once() -> None:
    lapsed = TutorApprovalLapsed(tutor_id=TUTOR_ID, reason=LapseReason.VETTING_FAILED, lapsed_on=after(10))
    fail = RecordVetting(on=after(10), outcome=VettingOutcome.FAILED)
    given_tutor(ASSIGNABLE).when(fail).then([FAILED, lapsed])
    given_tutor(READY).when(fail).then([FAILED])


def test_a_suspended_tutor_is_approved_again_before_the_next_assignment() -> None:
    suspended = given_tutor([*ASSIGNABLE, SUSPENDED])
    given_tutor(ASSIGNABLE).when(SuspendTutor(reason=SuspensionReason.TUTOR_ASKED)).then([SUSPENDED])
    suspended.when(TAKE).refused(TutorIsSuspended)
    suspended.when(SuspendTutor(reason=SuspensionReason.TUTOR_ASKED)).refused(TutorIsSuspended)
    suspended.when(ApproveTutor(on=after(1))).then([TutorApproved(tutor_id=TUTOR_ID, approved_on=after(1), valid_until=YEAR_END)])


def test_a_tutor_retires_once_no_assignment_runs() -> None:
    retire = RetireTutor(reason=RetirementReason.MOVED)
    given_tutor([*ASSIGNABLE, TAKEN]).when(retire).refused(AssignmentsRunning)
    given_tutor([*ASSIGNABLE, TAKEN, CapacityFreed(tutor_id=TUTOR_ID, assignment_id=ASSIGNMENT_ID)]).when(retire).then([RETIRED])


def test_a_stream_that_does_not_begin_with_a_registration_is_not_folded() -> None:
    with pytest.raises(TutorUnknown):
        given_tutor([INTERVIEWED]).state()


def test_facts_of_a_tutor_belong_to_the_organisation_and_territory_of_the_register() -> None:
    for events in (ASSIGNABLE, [*ASSIGNABLE, SUSPENDED], [*ASSIGNABLE, RETIRED]):
        placement = SERVING.place(given_tutor(events).state())
        assert (placement.responsible_organisation, placement.territory) == ("ciac", "PR")
