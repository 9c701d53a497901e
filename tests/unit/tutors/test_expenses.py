"""Expenses of volunteers, rule by rule: documented, or self-declared within the limits and under a resolution; never a flat sum."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st

from contracts.errors import Invalid, Refusal
from contracts.event import Event
from contracts.pathway_values import Evidence
from contracts.tutor_codes import RetirementReason, TutorKind
from contracts.tutor_follow_up import ExpenseDeclared, ExpenseWithdrawn, ResolutionAdopted, ResolutionRevoked
from contracts.tutor_follow_up_codes import ExpenseKind, ExpenseProof, RegisterSection, ResolvingBody
from contracts.tutor_register import VolunteerLeft, VolunteerNamed
from contracts.tutors import CapacityFreed, CapacityTaken, TutorRetired
from services._runtime.ids import derived_id
from services.tutors.app.deciders import REGISTER, SERVING
from services.tutors.domain.expense_policy import EXPENSE_POLICIES, expense_policy
from services.tutors.domain.expenses import (
    ExpenseAboveDay,
    ExpenseAboveMonth,
    ExpenseAlreadyDeclared,
    ExpenseBeforeApproval,
    ExpenseElsewhere,
    ExpenseInFuture,
    ExpenseOfNobody,
    ExpenseUninsured,
    ExpenseUnknown,
    ResolutionMissing,
)
from services.tutors.domain.follow_up_commands import (
    AdoptResolution,
    DeclareExpense,
    RelyOnResolution,
    RevokeResolution,
    WithdrawExpense,
)
from services.tutors.domain.register import ResolutionAlreadyAdopted, ResolutionUnknown
from services.tutors.domain.tutor import TutorIsRetired
from tests.support.given import given
from tests.unit.tutors.cases import ASSIGNABLE, ASSIGNMENT_ID, OTHER_ASSIGNMENT, READY, REGISTERED, TODAY, TUTOR_ID, YEAR_END, after

given_tutor = given(SERVING)
given_register = given(REGISTER)

EXPENSE_ID, RESOLUTION_ID, VOLUNTEER_ID = (derived_id("case", what) for what in ("expense", "resolution", "volunteer"))
RECEIPT = Evidence(kind="receipt", holder="Ufficio di Parma", date=after(3), sha256="ab" * 32)
DOCUMENTED = DeclareExpense(
    expense_id=EXPENSE_ID,
    kind=ExpenseKind.MATERIALS,
    proof=ExpenseProof.DOCUMENTED,
    amount_cents=48_90,
    spent_on=after(3),
    today=after(5),
    receipt=RECEIPT,
    notes="Libri di italiano.",
)
SELF_DECLARED = DeclareExpense(
    expense_id=EXPENSE_ID,
    kind=ExpenseKind.PUBLIC_TRANSPORT,
    proof=ExpenseProof.SELF_DECLARED,
    amount_cents=6_40,
    spent_on=after(3),
    today=after(5),
    resolution_id=RESOLUTION_ID,
)
DECLARED = ExpenseDeclared(
    tutor_id=TUTOR_ID,
    expense_id=EXPENSE_ID,
    kind=ExpenseKind.PUBLIC_TRANSPORT,
    proof=ExpenseProof.SELF_DECLARED,
    amount_cents=6_40,
    spent_on=after(3),
    resolution_id=RESOLUTION_ID,
    policy_version="2017-08",
)
ADOPT = AdoptResolution(
    organisation="ciac",
    resolution_id=RESOLUTION_ID,
    body=ResolvingBody.BOARD,
    adopted_on=TODAY,
    kinds=(ExpenseKind.PUBLIC_TRANSPORT,),
    minutes="2021-04",
)
ADOPTED = ResolutionAdopted(
    organisation="ciac",
    resolution_id=RESOLUTION_ID,
    body=ResolvingBody.BOARD,
    adopted_on=TODAY,
    kinds=(ExpenseKind.PUBLIC_TRANSPORT,),
    minutes="2021-04",
)


def declared(amount: int, day: date, number: int = 1, volunteer_id: UUID | None = None) -> ExpenseDeclared:
    changes = {"amount_cents": amount, "spent_on": day, "expense_id": derived_id("case", "expense", number), "volunteer_id": volunteer_id}
    return DECLARED.model_copy(update=changes)


def test_a_documented_expense_is_declared_with_its_receipt_and_without_a_limit() -> None:
    expected = ExpenseDeclared(
        tutor_id=TUTOR_ID,
        expense_id=EXPENSE_ID,
        kind=ExpenseKind.MATERIALS,
        proof=ExpenseProof.DOCUMENTED,
        amount_cents=48_90,
        spent_on=after(3),
        policy_version="2017-08",
        receipt=RECEIPT,
        notes="Libri di italiano.",
    )
    given_tutor(ASSIGNABLE).when(DOCUMENTED).then([expected])


def test_a_self_declared_expense_within_the_limits_names_its_resolution() -> None:
    given_tutor(ASSIGNABLE).when(SELF_DECLARED).then([DECLARED])


def test_the_limits_are_data_with_their_source() -> None:
    policy = expense_policy(TODAY)
    assert (policy.day_cents, policy.month_cents) == (10_00, 150_00)
    assert all("117" in one.source for one in EXPENSE_POLICIES)


def test_there_is_no_flat_sum() -> None:
    """A flat sum is forbidden: every expense is of a day and a kind, and rests on a receipt or on a declaration of what was spent."""
    assert {proof.value for proof in ExpenseProof} == {"documented", "self_declared"}
    assert not {kind.value for kind in ExpenseKind} & {"flat", "flat_sum", "lump_sum", "allowance", "other"}


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (replace(DOCUMENTED, receipt=None), Invalid),
        (replace(SELF_DECLARED, receipt=RECEIPT), Invalid),
        (replace(DOCUMENTED, amount_cents=0), Invalid),
        (replace(DOCUMENTED, spent_on=after(6)), ExpenseInFuture),
        (replace(DOCUMENTED, spent_on=after(-1)), ExpenseBeforeApproval),
        (replace(DOCUMENTED, assignment_id=OTHER_ASSIGNMENT), ExpenseElsewhere),
        (replace(DOCUMENTED, volunteer_id=VOLUNTEER_ID), ExpenseOfNobody),
        (replace(SELF_DECLARED, resolution_id=None), ResolutionMissing),
        (replace(SELF_DECLARED, amount_cents=10_01), ExpenseAboveDay),
    ],
    ids=[
        "documented without receipt",
        "self-declared with one",
        "of nothing",
        "of tomorrow",
        "before the approval",
        "for another's assignment",
        "of an unknown volunteer",
        "without a resolution",
        "above the day",
    ],
)
def test_an_expense_that_cannot_be_is_refused(command: DeclareExpense, refusal: type[Refusal]) -> None:
    given_tutor(ASSIGNABLE).when(command).refused(refusal)


def test_nothing_is_spent_before_an_approval_nor_without_insurance() -> None:
    given_tutor(READY).when(DOCUMENTED).refused(ExpenseBeforeApproval)
    day = YEAR_END + timedelta(days=1)
    given_tutor(ASSIGNABLE).when(replace(DOCUMENTED, spent_on=day, today=day)).refused(ExpenseUninsured)


def test_who_left_the_register_declares_nothing_more() -> None:
    retired = TutorRetired(tutor_id=TUTOR_ID, reason=RetirementReason.MOVED)
    given_tutor([*ASSIGNABLE, retired]).when(DOCUMENTED).refused(TutorIsRetired)


def test_an_expense_may_be_for_an_assignment_that_has_ended() -> None:
    held: list[Event] = [
        CapacityTaken(tutor_id=TUTOR_ID, assignment_id=ASSIGNMENT_ID),
        CapacityFreed(tutor_id=TUTOR_ID, assignment_id=ASSIGNMENT_ID),
    ]
    given_tutor([*ASSIGNABLE, *held]).when(replace(DOCUMENTED, assignment_id=ASSIGNMENT_ID)).then_types(ExpenseDeclared)


def test_ten_euros_a_day_are_all_that_is_self_declared_for_it() -> None:
    given_tutor([*ASSIGNABLE, declared(6_00, after(3))]).when(replace(SELF_DECLARED, amount_cents=4_00)).then_types(ExpenseDeclared)
    given_tutor([*ASSIGNABLE, declared(6_00, after(3))]).when(replace(SELF_DECLARED, amount_cents=4_01)).refused(ExpenseAboveDay)


def test_a_hundred_and_fifty_euros_are_all_that_is_self_declared_for_a_month() -> None:
    month = [declared(10_00, after(days), days) for days in range(15)]
    command = replace(SELF_DECLARED, spent_on=after(20), today=after(40), amount_cents=1)
    given_tutor([*ASSIGNABLE, *month]).when(command).refused(ExpenseAboveMonth)
    given_tutor([*ASSIGNABLE, *month[1:]]).when(replace(command, amount_cents=10_00)).then_types(ExpenseDeclared)
    given_tutor([*ASSIGNABLE, *month]).when(replace(command, spent_on=date(2021, 4, 1), amount_cents=10_00)).then_types(ExpenseDeclared)


def test_receipts_and_withdrawn_expenses_count_towards_no_limit() -> None:
    receipt = declared(500_00, after(3)).model_copy(update={"proof": ExpenseProof.DOCUMENTED, "resolution_id": None})
    withdrawn = declared(10_00, after(3), 2)
    events = [*ASSIGNABLE, receipt, withdrawn, ExpenseWithdrawn(tutor_id=TUTOR_ID, expense_id=withdrawn.expense_id)]
    given_tutor(events).when(replace(SELF_DECLARED, amount_cents=10_00)).then_types(ExpenseDeclared)


def test_an_expense_is_declared_once_and_withdrawn_once() -> None:
    given_tutor([*ASSIGNABLE, DECLARED]).when(SELF_DECLARED).refused(ExpenseAlreadyDeclared)
    withdraw = WithdrawExpense(expense_id=EXPENSE_ID, reason="Era di un altro giorno.")
    gone = ExpenseWithdrawn(tutor_id=TUTOR_ID, expense_id=EXPENSE_ID, reason="Era di un altro giorno.")
    given_tutor(ASSIGNABLE).when(withdraw).refused(ExpenseUnknown)
    given_tutor([*ASSIGNABLE, DECLARED]).when(withdraw).then([gone])
    given_tutor([*ASSIGNABLE, DECLARED, gone]).when(withdraw).refused(ExpenseUnknown)


def test_the_limits_are_each_volunteers_own() -> None:
    """An association's volunteers do not spend each other's limit; who has left, or has not come yet, spends nothing."""
    second = derived_id("case", "second volunteer")
    named = [
        VolunteerNamed(tutor_id=TUTOR_ID, volunteer_id=one, section=RegisterSection.ORDINARY, since=TODAY, name="Prova Volontaria")
        for one in (VOLUNTEER_ID, second)
    ]
    group = REGISTERED.model_copy(update={"kind": TutorKind.ASSOCIATION})
    events = [group, *ASSIGNABLE[1:], *named, declared(10_00, after(3), volunteer_id=VOLUNTEER_ID)]
    theirs = replace(SELF_DECLARED, amount_cents=10_00, volunteer_id=second)
    given_tutor(events).when(theirs).then_types(ExpenseDeclared)
    given_tutor(events).when(replace(theirs, volunteer_id=VOLUNTEER_ID)).refused(ExpenseAboveDay)
    left = VolunteerLeft(tutor_id=TUTOR_ID, volunteer_id=second, until=after(3))
    given_tutor([*events, left]).when(theirs).refused(ExpenseOfNobody)


@any_of(st.lists(st.tuples(st.integers(1, 12_00), st.integers(0, 45)), max_size=60))
def test_no_series_of_declarations_passes_a_limit(wanted: list[tuple[int, int]]) -> None:
    """Whatever is asked for, in whichever order: what stands is never more than a day's and a month's limit."""
    state = SERVING.initial
    for event in ASSIGNABLE:
        state = SERVING.evolve(state, event)
    stands: list[ExpenseDeclared] = []
    for number, (amount, days) in enumerate(wanted):
        asked = replace(SELF_DECLARED, expense_id=derived_id("any", number), amount_cents=amount, spent_on=after(days), today=after(50))
        try:
            (event,) = SERVING.decide(asked, state)
        except (ExpenseAboveDay, ExpenseAboveMonth):
            continue
        assert isinstance(event, ExpenseDeclared)
        state = SERVING.evolve(state, event)
        stands.append(event)
    by_day, by_month = dict[date, int](), dict[int, int]()
    for one in stands:
        by_day[one.spent_on] = by_day.get(one.spent_on, 0) + one.amount_cents
        by_month[one.spent_on.month] = by_month.get(one.spent_on.month, 0) + one.amount_cents
    assert max(by_day.values(), default=0) <= 10_00
    assert max(by_month.values(), default=0) <= 150_00


def test_a_resolution_is_adopted_once_and_revoked_once() -> None:
    revoke = RevokeResolution(resolution_id=RESOLUTION_ID, revoked_on=after(10))
    revoked = ResolutionRevoked(organisation="ciac", resolution_id=RESOLUTION_ID, revoked_on=after(10))
    given_register([]).when(ADOPT).then([ADOPTED])
    given_register([ADOPTED]).when(ADOPT).refused(ResolutionAlreadyAdopted)
    given_register([ADOPTED]).when(revoke).then([revoked])
    given_register([ADOPTED, revoked]).when(revoke).refused(ResolutionUnknown)
    given_register([]).when(revoke).refused(ResolutionUnknown)


@pytest.mark.parametrize("kinds", [(), (ExpenseKind.MEALS, ExpenseKind.MEALS)], ids=["none", "one twice"])
def test_a_resolution_names_the_kinds_of_expense(kinds: tuple[ExpenseKind, ...]) -> None:
    given_register([]).when(replace(ADOPT, kinds=kinds)).refused(Invalid)


def test_a_resolution_is_not_revoked_before_it_was_adopted() -> None:
    given_register([ADOPTED]).when(RevokeResolution(resolution_id=RESOLUTION_ID, revoked_on=after(-1))).refused(Invalid)


def test_a_resolution_holds_for_its_kinds_and_days_alone() -> None:
    revoked = ResolutionRevoked(organisation="ciac", resolution_id=RESOLUTION_ID, revoked_on=after(10))
    rely = RelyOnResolution(kind=ExpenseKind.PUBLIC_TRANSPORT, on=after(9))
    given_register([ADOPTED, revoked]).when(rely).then([])
    for other in (replace(rely, kind=ExpenseKind.MEALS), replace(rely, on=after(10)), replace(rely, on=after(-1))):
        given_register([ADOPTED, revoked]).when(other).refused(ResolutionMissing)
    given_register([]).when(rely).refused(ResolutionMissing)
