"""A volunteer's expenses: documented, or self-declared within the limits of the policy and under a resolution; never a flat sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.errors import Invalid, Refusal, Unknown
from contracts.tutor_follow_up import ExpenseDeclared, ExpenseWithdrawn
from contracts.tutor_follow_up_codes import ExpenseProof
from services.tutors.domain.expense_policy import ExpensePolicy, expense_policy

if TYPE_CHECKING:
    from services.tutors.domain.follow_up import Expense
    from services.tutors.domain.follow_up_commands import DeclareExpense, WithdrawExpense
    from services.tutors.domain.tutor_state import Facts


class ExpenseAlreadyDeclared(Refusal):
    """An expense is declared under this id."""

    code = "expense-already-declared"


class ExpenseUnknown(Unknown):
    """No expense of this tutor stands under this id."""

    code = "expense-unknown"


class ExpenseInFuture(Refusal):
    """The day has not come yet: what is not spent yet is not declared."""

    code = "expense-in-future"


class ExpenseBeforeApproval(Refusal):
    """The tutor was not approved yet on that day: nothing was done as a tutor."""

    code = "expense-before-approval"


class ExpenseUninsured(Refusal):
    """No recorded insurance covers that day: the tutor did nothing as a volunteer then."""

    code = "expense-uninsured"


class ExpenseElsewhere(Refusal):
    """The assignment is none that the tutor ever had."""

    code = "expense-elsewhere"


class ExpenseOfNobody(Refusal):
    """The volunteer is none who was with this tutor on that day."""

    code = "expense-of-nobody"


class ResolutionMissing(Refusal):
    """No resolution stands for this kind of expense on that day: attach a receipt, or record the resolution first."""

    code = "resolution-missing"


class ExpenseAboveDay(Refusal):
    """More than may be self-declared for one day."""

    code = "expense-above-day"


class ExpenseAboveMonth(Refusal):
    """More than may be self-declared for one calendar month."""

    code = "expense-above-month"


def declare(command: DeclareExpense, facts: Facts) -> ExpenseDeclared:
    """Return the declared expense; raises the refusal that names what stands against it."""
    if any(one.expense_id == command.expense_id for one in facts.follow_up.expenses):
        raise ExpenseAlreadyDeclared("an expense is declared under this id: withdraw it, or choose another id")
    if command.amount_cents < 1:
        raise Invalid("an expense is a cent at least")
    _check_day(command, facts)
    _check_whose(command, facts)
    policy = expense_policy(command.spent_on)
    self_declared = command.proof is ExpenseProof.SELF_DECLARED
    if self_declared == (command.receipt is not None):
        raise Invalid("a documented expense names its receipt, and a self-declared one has none")
    if self_declared:
        _check_limits(command, facts, policy)
    return ExpenseDeclared(
        tutor_id=facts.profile.tutor_id,
        expense_id=command.expense_id,
        kind=command.kind,
        proof=command.proof,
        amount_cents=command.amount_cents,
        spent_on=command.spent_on,
        assignment_id=command.assignment_id,
        volunteer_id=command.volunteer_id,
        resolution_id=command.resolution_id if self_declared else None,
        policy_version=policy.version,
        receipt=command.receipt,
        notes=command.notes,
    )


def withdraw(command: WithdrawExpense, facts: Facts) -> ExpenseWithdrawn:
    """Return the withdrawal of an expense that stands."""
    if all(one.expense_id != command.expense_id or one.withdrawn for one in facts.follow_up.expenses):
        raise ExpenseUnknown("no expense of this tutor stands under this id")
    return ExpenseWithdrawn(tutor_id=facts.profile.tutor_id, expense_id=command.expense_id, reason=command.reason)


def _check_day(command: DeclareExpense, facts: Facts) -> None:
    day, approved = command.spent_on, facts.follow_up.first_approved_on
    if day > command.today:
        raise ExpenseInFuture("that day has not come yet: declare what was spent, on the day it was spent or later")
    if approved is None or day < approved:
        raise ExpenseBeforeApproval("the tutor was not approved on that day: expenses count from the first approval on")
    if facts.insured_until(day) is None:
        raise ExpenseUninsured("no insurance covers that day: record it first, or the expense is none of a volunteer")


def _check_whose(command: DeclareExpense, facts: Facts) -> None:
    held, volunteers = facts.follow_up.held, facts.follow_up.volunteers
    if command.assignment_id is not None and command.assignment_id not in held:
        raise ExpenseElsewhere("the assignment is none that this tutor ever had: name another, or none")
    if command.volunteer_id is not None:
        volunteer = volunteers.get(command.volunteer_id)
        if volunteer is None or not volunteer.there(command.spent_on):
            raise ExpenseOfNobody("the volunteer was not with this tutor on that day: name them first")


def _check_limits(command: DeclareExpense, facts: Facts, policy: ExpensePolicy) -> None:
    if command.resolution_id is None:
        raise ResolutionMissing("no resolution stands for this kind on that day: attach a receipt, or record one first")
    theirs = [one for one in facts.follow_up.expenses if _counts(one, command)]
    day = sum(one.amount_cents for one in theirs if one.spent_on == command.spent_on) + command.amount_cents
    month = sum(one.amount_cents for one in theirs) + command.amount_cents
    if day > policy.day_cents:
        raise ExpenseAboveDay(f"{policy.day_cents} cents a day may be self-declared, and this makes more: attach a receipt")
    if month > policy.month_cents:
        raise ExpenseAboveMonth(f"{policy.month_cents} cents a month may be self-declared, and this makes more: attach a receipt")


def _counts(one: Expense, command: DeclareExpense) -> bool:
    """Tell whether an earlier expense counts towards the month's limit of whoever declares: one volunteer, without receipts."""
    same_month = (one.spent_on.year, one.spent_on.month) == (command.spent_on.year, command.spent_on.month)
    stands = one.proof is ExpenseProof.SELF_DECLARED and not one.withdrawn
    return stands and same_month and one.volunteer_id == command.volunteer_id
