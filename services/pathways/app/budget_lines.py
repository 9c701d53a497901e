"""Budget lines as the machinery takes them: one stream for each organisation and line, found by the id derived from both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services._runtime.decider import Decider, Placement
from services._runtime.handling import Step
from services._runtime.ids import derived_id
from services.pathways.domain import budget_line
from services.pathways.domain.budget_line import CommitGrant, Line, LineCommand, LineEvent, LineState, NoLine, ReturnGrant, SpendGrant

if TYPE_CHECKING:
    from uuid import UUID

    from services.pathways.domain.course import Grant
    from services.pathways.domain.support_commands import GrantSupport, PaySupport, ReturnSupport


def budget_line_id_of(organisation: str, code: str) -> UUID:
    """Return the id of an organisation's line: derived, so that a grant finds the line that it names. It is no secret and names nobody."""
    return derived_id("budget-line", organisation, code)


def _place(state: LineState) -> Placement:
    return Placement(responsible_organisation=state.organisation, programme=state.programme) if isinstance(state, Line) else Placement()


def _nobody(_state: LineState) -> None:
    """Key a line's stream by itself."""


BUDGET_LINE: Decider[LineCommand, LineState, LineEvent] = Decider(
    category="budget", initial=NoLine(), decide=budget_line.decide, evolve=budget_line.evolve, place=_place, partition=_nobody
)


def counting_grant(command: GrantSupport, organisation: str) -> Step:
    """Return the step that counts a grant on the line of the organisation that makes it, and is refused where the ceiling is reached."""
    line = budget_line_id_of(organisation, command.budget_line)
    counted = CommitGrant(
        budget_line_id=line,
        organisation=organisation,
        budget_line=command.budget_line,
        grant_id=command.grant_id,
        amount_cents=command.amount_cents,
    )
    return Step(BUDGET_LINE, line, counted)


def counting_payment(command: PaySupport, grant: Grant) -> Step:
    """Return the step that counts a payment on the line that the grant names."""
    counted = SpendGrant(grant_id=command.grant_id, payment_id=command.payment_id, amount_cents=command.amount_cents)
    return Step(BUDGET_LINE, budget_line_id_of(grant.organisation, grant.budget_line), counted)


def counting_return(command: ReturnSupport, grant: Grant) -> Step:
    """Return the step that gives back to the line that the grant names what came back."""
    counted = ReturnGrant(grant_id=command.grant_id, return_id=command.return_id, amount_cents=command.amount_cents)
    return Step(BUDGET_LINE, budget_line_id_of(grant.organisation, grant.budget_line), counted)
