"""What callers get back about the follow-up of tutors: expenses, volunteers, who follows whom, resolutions, pauses."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.pathway_values import Evidence
from contracts.tutor_follow_up_codes import ExpenseKind, ExpenseProof, PauseReason, RegisterSection, ResolvingBody, SupervisorReason
from services.tutors.domain.follow_up import FollowUp
from services.tutors.domain.register import Register


class Told(BaseModel):
    """Read from the fields of a record or a row."""

    model_config = ConfigDict(from_attributes=True)


class ExpenseAnswer(Told):
    """An expense; its receipt and words are null once erased."""

    expense_id: UUID
    kind: ExpenseKind
    proof: ExpenseProof
    amount_cents: int
    spent_on: date
    assignment_id: UUID | None
    volunteer_id: UUID | None
    receipt: Evidence | None
    notes: str | None
    withdrawn: bool


class VolunteerAnswer(Told):
    """A named volunteer; the name is null once erased."""

    volunteer_id: UUID
    section: RegisterSection
    since: date
    until: date | None
    name: str | None
    birth_date: date | None


class FollowUpAnswer(Told):
    """How a tutor is followed. `regular` is whom a person named; `supervisor` follows the tutor now."""

    supervisor: str | None
    regular: str | None
    section: RegisterSection
    volunteers: tuple[VolunteerAnswer, ...]
    expenses: tuple[ExpenseAnswer, ...]


class ResolutionAnswer(Told):
    """A resolution."""

    resolution_id: UUID
    body: ResolvingBody
    adopted_on: date
    kinds: tuple[ExpenseKind, ...]
    minutes: str
    sha256: str | None
    revoked_on: date | None


class ResolutionsAnswer(BaseModel):
    """What an organisation resolved, in the order of its recording."""

    resolutions: tuple[ResolutionAnswer, ...]


class PauseAnswer(Told):
    """Days on which the clocks of silence stand still, both included."""

    paused_from: date
    paused_until: date
    reason: PauseReason
    notes: str | None


class SupervisedItem(Told):
    """A tutor and who follows them."""

    tutor_id: UUID
    supervisor: str
    regular: str
    since: date
    reason: SupervisorReason


class AbsenceItem(Told):
    """An absence, both days included, and who stands in."""

    absence_id: UUID
    supervisor: str
    substitute: str
    absent_from: date
    absent_until: date


def follow_up_answer(follow_up: FollowUp) -> FollowUpAnswer:
    """Return what is said of a tutor's follow-up."""
    return FollowUpAnswer(
        supervisor=follow_up.supervisor,
        regular=follow_up.regular,
        section=follow_up.section,
        volunteers=tuple(VolunteerAnswer.model_validate(one) for one in follow_up.volunteers.values()),
        expenses=tuple(ExpenseAnswer.model_validate(one) for one in follow_up.expenses),
    )


def resolutions_answer(register: Register) -> ResolutionsAnswer:
    """Return what is said of an organisation's resolutions."""
    return ResolutionsAnswer(resolutions=tuple(ResolutionAnswer.model_validate(one) for one in register.resolutions))
