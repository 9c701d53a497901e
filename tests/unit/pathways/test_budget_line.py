"""Budget lines: what is committed, spent and back again, never more than the ceiling."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contracts.budget import BudgetCeilingChanged, BudgetCommitted, BudgetLineOpened, BudgetReturned, BudgetSpent
from contracts.errors import Unknown
from services.pathways.app.budget_lines import BUDGET_LINE, budget_line_id_of
from services.pathways.domain.budget_line import (
    CeilingBelowCommitted,
    CeilingReached,
    ChangeCeiling,
    CommitGrant,
    Line,
    LineIds,
    LineNotOpen,
    LineOpenedAlready,
    OpenLine,
    ReturnGrant,
    SpendGrant,
)
from services.pathways.projections.budget_lines import BUDGET_LINES, BudgetLineRow
from tests.support.given import given
from tests.support.read_models import given as recorded
from tests.unit.pathways.cases import an_id

if TYPE_CHECKING:
    from services.pathways.domain.budget_line import LineCommand, LineEvent

LINES = given(BUDGET_LINE)
LINE = budget_line_id_of("ciac", "b-2")
OF: LineIds = {"budget_line_id": LINE, "organisation": "ciac", "budget_line": "b-2"}
GRANT, PAYMENT, BACK = an_id("grant"), an_id("payment"), an_id("back")
OPEN = OpenLine(**OF, programme="ancora-2.0", ceiling_cents=100_000)
COMMIT = CommitGrant(**OF, grant_id=GRANT, amount_cents=60_000)
SPEND = SpendGrant(grant_id=GRANT, payment_id=PAYMENT, amount_cents=50_000)
RETURN = ReturnGrant(grant_id=GRANT, return_id=BACK, amount_cents=20_000)
COMMITTED = BudgetCommitted(**OF, grant_id=GRANT, amount_cents=60_000)
"""What older histories may begin with: it was granted, and the line not open."""


def history(*commands: LineCommand) -> list[LineEvent]:
    """Return the events that these commands led to."""
    events: list[LineEvent] = []
    state = BUDGET_LINE.initial
    for command in commands:
        for event in BUDGET_LINE.decide(command, state):
            state = BUDGET_LINE.evolve(state, event)
            events.append(event)
    return events


def test_a_line_is_opened_once_and_its_ceiling_changed_from_then_on() -> None:
    """Ceilings are data, and each is a fact with its day."""
    LINES([]).when(OPEN).then([BudgetLineOpened(**OF, programme="ancora-2.0", ceiling_cents=100_000)])
    LINES(history(OPEN)).when(OPEN).refused(LineOpenedAlready)
    LINES(history(OPEN)).when(ChangeCeiling(ceiling_cents=0)).then([BudgetCeilingChanged(**OF, ceiling_cents=0)])
    LINES([]).when(ChangeCeiling(ceiling_cents=1)).refused(Unknown)
    LINES([COMMITTED]).when(ChangeCeiling(ceiling_cents=1)).refused(Unknown)


def test_a_grant_is_committed_up_to_the_ceiling_and_no_further() -> None:
    """The last cent may be granted, the next may not."""
    LINES(history(OPEN)).when(COMMIT).then([COMMITTED])
    rest = replace(COMMIT, grant_id=an_id("rest"), amount_cents=40_000)
    LINES(history(OPEN, COMMIT)).when(rest).then_types(BudgetCommitted)
    LINES(history(OPEN, COMMIT)).when(replace(rest, amount_cents=40_001)).refused(CeilingReached)


def test_nothing_is_granted_on_a_line_that_nobody_opened() -> None:
    """A slip in its code would be a way round every ceiling; also where older grants stand on it."""
    LINES([]).when(COMMIT).refused(LineNotOpen)
    LINES([COMMITTED]).when(replace(COMMIT, grant_id=an_id("next"))).refused(LineNotOpen)


def test_what_was_granted_before_the_line_was_opened_counts_once_it_is() -> None:
    """It is paid and returned as promised, and a promise is not taken back by a figure."""
    LINES([COMMITTED]).when(SPEND).then_types(BudgetSpent)
    LINES([COMMITTED]).when(replace(OPEN, ceiling_cents=59_999)).refused(CeilingBelowCommitted)
    LINES([COMMITTED]).when(replace(OPEN, ceiling_cents=60_000)).then_types(BudgetLineOpened)
    LINES([COMMITTED, *history(OPEN)]).when(ChangeCeiling(ceiling_cents=59_999)).refused(CeilingBelowCommitted)


def test_what_comes_back_can_be_granted_again() -> None:
    """A returned deposit is neither spent nor committed."""
    LINES(history(OPEN, COMMIT)).when(SPEND).then([BudgetSpent(**OF, grant_id=GRANT, payment_id=PAYMENT, amount_cents=50_000)])
    LINES(history(OPEN, COMMIT, SPEND)).when(RETURN).then([BudgetReturned(**OF, grant_id=GRANT, return_id=BACK, amount_cents=20_000)])
    state = LINES(history(OPEN, COMMIT, SPEND, RETURN)).state()
    assert isinstance(state, Line)
    assert (state.committed_cents, state.spent_cents) == (40_000, 30_000)
    LINES(history(OPEN, COMMIT, SPEND, RETURN)).when(replace(COMMIT, grant_id=an_id("next"))).then_types(BudgetCommitted)


@pytest.mark.parametrize("command", [SPEND, RETURN])
def test_a_grant_of_before_lines_were_kept_counts_on_none(command: LineCommand) -> None:
    """It is still paid and returned: it stands on its pathway."""
    LINES([]).when(command).then([])
    LINES(history(OPEN)).when(command).then([])


def test_the_list_shows_what_is_left_of_each_line() -> None:
    """As the stream counts it, so the list."""
    row = (
        recorded(*history(OPEN, COMMIT, SPEND, RETURN, ChangeCeiling(ceiling_cents=90_000)), source="pathways").then(BUDGET_LINES).row(LINE)
    )
    assert row == BudgetLineRow(LINE, "ciac", "b-2", "ancora-2.0", 90_000, 40_000, 30_000)
