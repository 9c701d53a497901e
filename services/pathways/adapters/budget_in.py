"""Budget lines over HTTP: opened and given their ceilings by the lead partner, read by the organisations that grant on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Query as Parameter
from pydantic import UUID4, BaseModel, Field, StrictInt

from contracts.errors import Unknown
from services._runtime.access.roles import Role
from services._runtime.handling import Step
from services._runtime.projecting.lists import listed
from services._runtime.web.bodies import Code, CommandBody
from services._runtime.web.callers import allow
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.identity import Caller
from services._runtime.web.lists import Asked, CountedPage, Listing
from services._runtime.web.queries import Query, query
from services.pathways.app.budget_lines import BUDGET_LINE, budget_line_id_of
from services.pathways.domain.budget_line import ChangeCeiling, Line, OpenLine
from services.pathways.projections.budget_lines import BUDGET_LINES, BudgetLineRow, budget_lines_of

if TYPE_CHECKING:
    from services._runtime.projecting.port import Answers

Ceiling = Annotated[StrictInt, Field(ge=0, le=100_000_000_000, description="how much may be committed at most, in euro cents")]


class BudgetLineBody(CommandBody):
    """A line of an organisation's budget and its ceiling."""

    organisation: Annotated[Code, Field(description="the organisation that spends it")]
    budget_line: Annotated[Code, Field(description="its code, by which grants name it")]
    programme: Annotated[Code | None, Field(description="the programme that pays, where one does")] = None
    ceiling_cents: Ceiling


class LineFilters(Asked):
    """Which lines to show; `organisation` is for the lead partner, who sees those of all."""

    organisation: Code | None = None
    budget_line: Annotated[Code | None, Field(alias="budget-line")] = None
    programme: Code | None = None


class CeilingBody(CommandBody):
    """Another ceiling."""

    ceiling_cents: Ceiling


class BudgetLineView(BaseModel):
    """A line as it stands. `ceiling_cents` is null where older grants stand on it and nobody opened it."""

    budget_line_id: UUID
    organisation: str
    budget_line: str
    programme: str | None
    ceiling_cents: int | None
    committed_cents: int
    spent_cents: int


def budget_router(answers: Answers) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(tags=["budget"])

    @router.post("/budget-lines")
    async def open_line(
        body: BudgetLineBody, call: Annotated[Call, Depends(command("pathways.open-budget-line", needs="either"))]
    ) -> ReceiptBody:
        """Open a line with its ceiling, so that it can be granted on. If-Match is needed where something stands on it."""
        line = budget_line_id_of(body.organisation, body.budget_line)
        asked = OpenLine(
            budget_line_id=line,
            organisation=body.organisation,
            budget_line=body.budget_line,
            programme=body.programme,
            ceiling_cents=body.ceiling_cents,
        )
        return await call.execute(body, Step(BUDGET_LINE, line, asked, call.expected_version))

    @router.post("/budget-lines/{budget_line_id}/ceiling")
    async def change_ceiling(
        budget_line_id: UUID4, body: CeilingBody, call: Annotated[Call, Depends(command("pathways.change-budget-ceiling"))]
    ) -> ReceiptBody:
        """Give a line another ceiling, never less than is committed on it."""
        asked = ChangeCeiling(ceiling_cents=body.ceiling_cents)
        return await call.execute(body, Step(BUDGET_LINE, budget_line_id, asked, call.expected_version))

    _reads(router, answers)
    return router


def _reads(router: APIRouter, answers: Answers) -> None:
    @router.get("/budget-lines/{budget_line_id}")
    async def read_line(budget_line_id: UUID4, asked: Annotated[Query, Depends(query("pathways.read-budget-line"))]) -> BudgetLineView:
        """Return a line of the caller's organisation, or, for the lead partner, of any; ETag is the version to decide on."""
        state = (await asked.open(BUDGET_LINE, budget_line_id)).state
        if not isinstance(state, Line):
            raise Unknown
        return BudgetLineView(
            budget_line_id=state.budget_line_id,
            organisation=state.organisation,
            budget_line=state.budget_line,
            programme=state.programme,
            ceiling_cents=state.ceiling_cents,
            committed_cents=state.committed_cents,
            spent_cents=state.spent_cents,
        )

    @router.get("/budget-lines")
    async def list_lines(
        request: Request,
        response: Response,
        caller: Annotated[Caller, Depends(allow("pathways.list-budget-lines"))],
        asked: Annotated[LineFilters, Parameter()],
    ) -> CountedPage[BudgetLineRow]:
        """Return the lines of the caller's organisation, or, for the lead partner, of all, by id. The list follows shortly after."""
        of = asked.organisation if caller.role is Role.LEAD_PARTNER else caller.organisation
        filters = {"organisation": of, "budget_line": asked.budget_line, "programme": asked.programme}
        found = await listed(answers.to(caller), BUDGET_LINES, budget_lines_of(filters, after=asked.after(UUID), limit=asked.limit))
        return Listing(request, response).page(found, asked, key=lambda row: (row.budget_line_id,), whose=lambda _row: ())
