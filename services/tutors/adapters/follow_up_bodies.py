"""What callers send about the follow-up of tutors and about the register: one strict body per command."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import UUID4, Field, StrictInt, StringConstraints

from contracts.tutor_follow_up_codes import ExpenseKind, ExpenseProof, PauseReason, RegisterSection, ResolvingBody
from services._runtime.web.bodies import Body, Code, CommandBody, Day, Line, Prose

Pseudonym = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,128}$"), Field(description="the pseudonym by which events name them")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Receipt(Body):
    """Where a receipt is kept: a reference, never the document itself."""

    kind: Code
    holder: Line
    date: Day
    sha256: Sha256 | None = None


class ExpenseEntry(CommandBody):
    """What was spent on `occurred_on`, by one volunteer. `expense_id` is chosen by the caller. Documented ones name their receipt."""

    expense_id: UUID4
    kind: ExpenseKind
    proof: ExpenseProof
    amount_cents: Annotated[StrictInt, Field(ge=1, le=100_000_000, description="euro cents")]
    assignment_id: UUID | None = None
    volunteer_id: Annotated[UUID | None, Field(description="which of the named volunteers, where there are several")] = None
    receipt: Receipt | None = None
    notes: Prose | None = None


class ExpenseWithdrawal(CommandBody):
    """Which expense does not stand, and why."""

    expense_id: UUID
    reason: Prose


class ResolutionEntry(CommandBody):
    """A resolution of `occurred_on`: the kinds of expense for which a volunteer's own declaration suffices."""

    body: ResolvingBody
    kinds: Annotated[tuple[ExpenseKind, ...], Field(min_length=1, max_length=len(ExpenseKind))]
    minutes: Annotated[Code, Field(description="number of the minutes in which it stands")]
    sha256: Sha256 | None = None


class Revocation(CommandBody):
    """The end of a resolution: `occurred_on` is the first day without it."""


class Enrolment(CommandBody):
    """A coordinator who follows tutors from now on."""

    supervisor: Pseudonym


class SupervisorNaming(CommandBody):
    """Who follows the tutor from `occurred_on` on; they must be there then."""

    supervisor: Pseudonym


class AbsenceEntry(CommandBody):
    """Days on which a supervisor is away, both included, and who stands in: somebody who is there on all of them."""

    supervisor: Pseudonym
    absent_from: Day
    absent_until: Day
    substitute: Pseudonym


class PauseEntry(CommandBody):
    """Days on which nothing is expected of the assignment, both included."""

    paused_from: Day
    paused_until: Day
    reason: PauseReason
    notes: Prose | None = None


class Resumption(CommandBody):
    """The early end of a pause: `occurred_on` is the first day on which the clocks run again."""


class SectionChoice(CommandBody):
    """In which section of the register the tutor stands from `occurred_on` on."""

    section: RegisterSection


class VolunteerEntry(CommandBody):
    """Somebody who volunteers with a group or an association from `occurred_on` on. `volunteer_id` is chosen by the caller."""

    volunteer_id: UUID4
    section: RegisterSection = RegisterSection.ORDINARY
    name: Line
    birth_date: Day | None = None


class VolunteerDeparture(CommandBody):
    """A named volunteer who is there no longer: `occurred_on` is the first day without them."""

    volunteer_id: UUID
