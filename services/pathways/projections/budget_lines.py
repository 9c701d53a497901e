"""The list of budget lines: the ceiling of each, and what is committed and spent. Whose the grants are stands on their pathways alone."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias, cast
from uuid import UUID

from contracts.budget import BudgetCeilingChanged, BudgetCommitted, BudgetLineOpened, BudgetReturned, BudgetSpent
from services._runtime.projecting.lists import narrowed
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query

LineFact: TypeAlias = BudgetLineOpened | BudgetCeilingChanged | BudgetCommitted | BudgetSpent | BudgetReturned
READS = (BudgetLineOpened, BudgetCeilingChanged, BudgetCommitted, BudgetSpent, BudgetReturned)


@dataclass(frozen=True, slots=True)
class BudgetLineRow:
    """One line as a list shows it. Without a ceiling older grants stand on it, and nobody opened it."""

    budget_line_id: UUID
    organisation: str
    budget_line: str
    programme: str | None = None
    ceiling_cents: int | None = None
    committed_cents: int = 0
    spent_cents: int = 0


def keys_of(fact: Fact) -> list[Key]:
    """Return the line that the fact is about."""
    return [(fact.event.budget_line_id,)] if isinstance(fact.event, READS) else []


def evolve(row: BudgetLineRow | None, fact: Fact, _key: Key) -> BudgetLineRow:
    """Return the line after the fact; the first of them begins it, whichever it is."""
    event = cast("LineFact", fact.event)
    line = row or BudgetLineRow(event.budget_line_id, event.organisation, event.budget_line)
    match event:
        case BudgetLineOpened(programme=programme, ceiling_cents=ceiling):
            return replace(line, programme=programme, ceiling_cents=ceiling)
        case BudgetCeilingChanged(ceiling_cents=ceiling):
            return replace(line, ceiling_cents=ceiling)
        case BudgetCommitted(amount_cents=amount):
            return replace(line, committed_cents=line.committed_cents + amount)
        case BudgetSpent(amount_cents=amount):
            return replace(line, spent_cents=line.spent_cents + amount)
        case BudgetReturned(amount_cents=amount):
            return replace(line, committed_cents=line.committed_cents - amount, spent_cents=line.spent_cents - amount)


BUDGET_LINES = ReadModel(
    name="budget_lines", version=1, row=BudgetLineRow, key=("budget_line_id",), reads=READS, keys_of=keys_of, evolve=evolve
)


def budget_lines_of(filters: Mapping[str, object], *, after: Key | None, limit: int) -> Query:
    """Return the query for a page of the budget lines, by id; filters are columns and values, None means any."""
    return narrowed(Query(after=after, limit=limit), filters)
