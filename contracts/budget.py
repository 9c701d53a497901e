"""Published events of the pathways service about budget lines: one stream per organisation and line, on which grants are counted.

A line's ceiling holds however many grant at once, for each grant is counted on the line's own stream in the same append. Grants, payments
and returns are named by the ids that they have on the pathway; whose they are stands there alone.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.event import Event
from contracts.fields import BeneficiaryId, PathwayId
from contracts.pathway_values import Cents, Code, SealedEvidence

Ceiling = Annotated[int, Field(ge=0, le=100_000_000_000, description="how much may be committed at most, in euro cents")]
GrantId = Annotated[UUID, Field(description="the grant, as it stands on the pathway")]


class _OfLine(BaseModel):
    budget_line_id: UUID = Field(description="derived from organisation and code")
    organisation: Code = Field(description="the organisation that spends it")
    budget_line: Code = Field(description="code of the budget line that pays")


class BudgetLineOpened(_OfLine, Event, type="pathways.budget_line_opened"):
    """The lead partner gave a line its ceiling. What was granted on it before counts as well."""

    programme: Code | None = Field(description="code of the programme that pays, where one does")
    ceiling_cents: Ceiling


class BudgetCeilingChanged(_OfLine, Event, type="pathways.budget_ceiling_changed"):
    """The ceiling is another from now on; never less than is committed."""

    ceiling_cents: Ceiling


class BudgetCommitted(_OfLine, Event, type="pathways.budget_committed"):
    """A grant was made on the line: so much less is left to grant."""

    grant_id: GrantId
    amount_cents: Cents


class BudgetSpent(_OfLine, Event, type="pathways.budget_spent"):
    """Part or all of a grant was paid: committed before, spent now."""

    grant_id: GrantId
    payment_id: UUID = Field(description="the payment, as it stands on the pathway")
    amount_cents: Cents


class BudgetReturned(_OfLine, Event, type="pathways.budget_returned"):
    """Paid money came back: it is neither spent nor committed any more."""

    grant_id: GrantId
    return_id: UUID = Field(description="the return, as it stands on the pathway")
    amount_cents: Cents


class SupportReturned(Event, type="pathways.support_returned"):
    """Paid support came back, wholly or in part, such as a deposit at the end of a lease; never more than was paid."""

    pathway_id: PathwayId
    beneficiary_id: BeneficiaryId
    return_id: UUID = Field(description="the return")
    grant_id: GrantId
    kind: Code = Field(description="code of the support, from the methodology")
    amount_cents: Cents
    budget_line: Code = Field(description="code of the budget line to which it returns")
    programme: Code | None = Field(description="code of the programme that paid, where one did")
    receipt: SealedEvidence = Field(default=None, description="where its receipt is kept")
