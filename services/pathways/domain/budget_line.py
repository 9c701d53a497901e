"""The budget line of an organisation: its ceiling, and what of it is committed by grants, spent by payments, and back again by returns.

Nothing is granted on a line that nobody opened (ADR 33). Older histories hold grants on such lines: they stay counted, are paid and
returned as promised, and the ceiling, once it is set, holds for them too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, TypeAlias, TypedDict, assert_never

from contracts.budget import BudgetCeilingChanged, BudgetCommitted, BudgetLineOpened, BudgetReturned, BudgetSpent
from contracts.errors import Refusal, Unknown

if TYPE_CHECKING:
    from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfLine:
    budget_line_id: UUID
    organisation: str
    budget_line: str

    @property
    def of(self) -> LineIds:
        """What every event of the line begins with."""
        return {"budget_line_id": self.budget_line_id, "organisation": self.organisation, "budget_line": self.budget_line}


class LineIds(TypedDict):
    """What every event of a line carries."""

    budget_line_id: UUID
    organisation: str
    budget_line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLine(_OfLine):
    """Give the line its ceiling."""

    programme: str | None
    ceiling_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCeiling:
    """Give the line another ceiling."""

    ceiling_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitGrant(_OfLine):
    """Count a grant."""

    grant_id: UUID
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendGrant:
    """Count a payment of a grant."""

    grant_id: UUID
    payment_id: UUID
    amount_cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnGrant:
    """Count what came back of a grant."""

    grant_id: UUID
    return_id: UUID
    amount_cents: int


LineCommand: TypeAlias = OpenLine | ChangeCeiling | CommitGrant | SpendGrant | ReturnGrant
LineEvent: TypeAlias = BudgetLineOpened | BudgetCeilingChanged | BudgetCommitted | BudgetSpent | BudgetReturned


class LineOpenedAlready(Refusal):
    """The line has its ceiling."""

    code: ClassVar[str] = "budget-line-opened-already"


class LineNotOpen(Refusal):
    """Nobody gave the line a ceiling: there may be no such line."""

    code: ClassVar[str] = "budget-line-not-open"


class CeilingReached(Refusal):
    """The line has not so much left."""

    code: ClassVar[str] = "budget-ceiling-reached"


class CeilingBelowCommitted(Refusal):
    """What was promised is not taken back by a figure."""

    code: ClassVar[str] = "budget-ceiling-below-committed"


@dataclass(frozen=True, slots=True)
class NoLine:
    """Nothing is recorded: it has no ceiling, and nothing is granted on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(_OfLine):
    """A line. `ceiling_cents` is None until somebody sets it; `grants` are those that are counted."""

    programme: str | None = None
    ceiling_cents: int | None = None
    committed_cents: int = 0
    spent_cents: int = 0
    grants: frozenset[UUID] = frozenset()


LineState: TypeAlias = NoLine | Line


def decide(command: LineCommand, state: LineState) -> list[LineEvent]:
    """Return what the command leads to; raises a `Refusal`. Pure."""
    match command:
        case OpenLine():
            return [_open(command, state)]
        case CommitGrant():
            _check_left(state, command.amount_cents)
            return [BudgetCommitted(**command.of, grant_id=command.grant_id, amount_cents=command.amount_cents)]
        case ChangeCeiling() | SpendGrant() | ReturnGrant():
            return _decide_counted(command, state)
        case _:
            assert_never(command)


def evolve(state: LineState, event: LineEvent) -> LineState:
    """Return the line after the event."""
    line = state if isinstance(state, Line) else _line(event)
    match event:
        case BudgetLineOpened(programme=programme, ceiling_cents=ceiling):
            return replace(line, programme=programme, ceiling_cents=ceiling)
        case BudgetCeilingChanged(ceiling_cents=ceiling):
            return replace(line, ceiling_cents=ceiling)
        case BudgetCommitted(amount_cents=amount):
            return replace(line, committed_cents=line.committed_cents + amount, grants=line.grants | {event.grant_id})
        case BudgetSpent(amount_cents=amount):
            return replace(line, spent_cents=line.spent_cents + amount)
        case BudgetReturned(amount_cents=amount):
            return replace(line, committed_cents=line.committed_cents - amount, spent_cents=line.spent_cents - amount)
        case _:
            assert_never(event)


def _open(command: OpenLine, state: LineState) -> BudgetLineOpened:
    if isinstance(state, Line):
        if state.ceiling_cents is not None:
            raise LineOpenedAlready("the line has a ceiling: change it instead")
        _check_committed(state, command.ceiling_cents)
    return BudgetLineOpened(**command.of, programme=command.programme, ceiling_cents=command.ceiling_cents)


def _decide_counted(command: ChangeCeiling | SpendGrant | ReturnGrant, state: LineState) -> list[LineEvent]:
    if isinstance(state, NoLine):
        if isinstance(command, ChangeCeiling):
            raise Unknown("no budget line is recorded under this id: open it first, or check the id")
        return []
    match command:
        case ChangeCeiling(ceiling_cents=ceiling):
            if state.ceiling_cents is None:
                raise Unknown("this budget line was not opened yet: open it first")
            _check_committed(state, ceiling)
            return [BudgetCeilingChanged(**state.of, ceiling_cents=ceiling)]
        case _ if command.grant_id not in state.grants:
            # Granted before grants were counted on lines: it stands on its pathway alone.
            return []
        case SpendGrant():
            return [BudgetSpent(**state.of, grant_id=command.grant_id, payment_id=command.payment_id, amount_cents=command.amount_cents)]
        case ReturnGrant():
            return [BudgetReturned(**state.of, grant_id=command.grant_id, return_id=command.return_id, amount_cents=command.amount_cents)]


def _check_left(state: LineState, amount_cents: int) -> None:
    if isinstance(state, NoLine) or state.ceiling_cents is None:
        raise LineNotOpen("no such budget line is open: see which are in GET /budget-lines, or ask the lead partner to open it")
    left = state.ceiling_cents - state.committed_cents
    if amount_cents > left:
        raise CeilingReached(f"{left} cents of this budget line are left to grant: grant less, choose another line, or ask for more")


def _check_committed(line: Line, ceiling_cents: int) -> None:
    if ceiling_cents < line.committed_cents:
        raise CeilingBelowCommitted(f"{line.committed_cents} cents of this budget line are committed: the ceiling cannot be less")


def _line(event: LineEvent) -> Line:
    return Line(budget_line_id=event.budget_line_id, organisation=event.organisation, budget_line=event.budget_line)
