"""A tutor's follow-up as a part of their state: expenses, who follows them, section of the register, named volunteers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from contracts.pathway_values import Evidence
from contracts.tutor_follow_up import ExpenseDeclared, ExpenseWithdrawn, SupervisorChanged
from contracts.tutor_follow_up_codes import ExpenseKind, ExpenseProof, RegisterSection, SupervisorReason
from contracts.tutor_register import RegisterSectionChosen, VolunteerLeft, VolunteerNamed

FollowUpEvent = ExpenseDeclared | ExpenseWithdrawn | SupervisorChanged | RegisterSectionChosen | VolunteerNamed | VolunteerLeft


@dataclass(frozen=True, slots=True, kw_only=True)
class Expense:
    """One expense. Receipt and notes are None once their key is destroyed; `withdrawn` ones count towards nothing."""

    expense_id: UUID
    kind: ExpenseKind
    proof: ExpenseProof
    amount_cents: int
    spent_on: date
    assignment_id: UUID | None
    volunteer_id: UUID | None
    receipt: Evidence | None = None
    notes: str | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Volunteer:
    """One who volunteers with a group or an association; `until` is None while they do, else the first day without them."""

    volunteer_id: UUID
    section: RegisterSection
    since: date
    until: date | None = None
    name: str | None = None
    birth_date: date | None = None

    def there(self, day: date) -> bool:
        """Tell whether they are with the tutor on a day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """`first_approved_on` is the earliest day of any approval; `held` are all assignments that the tutor ever had.

    `regular` is the supervisor whom a person named; `supervisor` the one who follows the tutor now: another, while that one is away.
    """

    first_approved_on: date | None = None
    held: frozenset[UUID] = frozenset()
    expenses: tuple[Expense, ...] = ()
    supervisor: str | None = None
    regular: str | None = None
    section: RegisterSection = RegisterSection.ORDINARY
    volunteers: Mapping[UUID, Volunteer] = field(default_factory=dict)

    def approved(self, day: date) -> FollowUp:
        """Return it after an approval from a day on."""
        return replace(self, first_approved_on=min(day, self.first_approved_on or day))

    def assigned(self, assignment_id: UUID) -> FollowUp:
        """Return it after the tutor took an assignment."""
        return replace(self, held=self.held | {assignment_id})

    def after(self, event: FollowUpEvent) -> FollowUp:
        """Return it after an event of its own."""
        match event:
            case ExpenseDeclared():
                return replace(self, expenses=(*self.expenses, _expense(event)))
            case ExpenseWithdrawn():
                stands = (replace(one, withdrawn=one.withdrawn or one.expense_id == event.expense_id) for one in self.expenses)
                return replace(self, expenses=tuple(stands))
            case SupervisorChanged():
                regular = event.supervisor if event.reason is SupervisorReason.NAMED else self.regular
                return replace(self, supervisor=event.supervisor, regular=regular)
            case RegisterSectionChosen():
                return replace(self, section=event.section)
            case VolunteerNamed():
                return replace(self, volunteers={**self.volunteers, event.volunteer_id: _volunteer(event)})
            case VolunteerLeft():
                left = replace(self.volunteers[event.volunteer_id], until=event.until)
                return replace(self, volunteers={**self.volunteers, event.volunteer_id: left})
            case _:
                assert_never(event)


def _expense(event: ExpenseDeclared) -> Expense:
    return Expense(
        expense_id=event.expense_id,
        kind=event.kind,
        proof=event.proof,
        amount_cents=event.amount_cents,
        spent_on=event.spent_on,
        assignment_id=event.assignment_id,
        volunteer_id=event.volunteer_id,
        receipt=event.receipt,
        notes=event.notes,
    )


def _volunteer(event: VolunteerNamed) -> Volunteer:
    return Volunteer(
        volunteer_id=event.volunteer_id, section=event.section, since=event.since, name=event.name, birth_date=event.birth_date
    )
