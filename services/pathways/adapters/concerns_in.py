"""Safeguarding concerns over HTTP: raised by whoever works with the person, read and closed by the care team alone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import UUID4, BaseModel, Field

from contracts.personal import DataClass
from contracts.safeguarding import ConcernClosed, ConcernKind, ConcernOutcome, ConcernRaised
from services._runtime.handling import Step
from services._runtime.web.bodies import CommandBody, Prose
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.queries import OPENING, Query, query
from services.pathways.domain.concerns import CloseConcern, RaiseConcern
from services.pathways.domain.course import ConcernStatus
from services.pathways.domain.pathway import NotOpened

if TYPE_CHECKING:
    from services._runtime.opening import Opened
    from services.pathways.app.decider import PathwayDecider
    from services.pathways.domain.pathway import PathwayState


class ConcernBody(CommandBody):
    """What somebody fears for the person, or for somebody near them."""

    concern_id: UUID4
    kind: ConcernKind
    description: Annotated[Prose, Field(description="what was seen or said")]


class ConcernClosingBody(CommandBody):
    """A concern that was followed up."""

    concern_id: UUID4
    outcome: ConcernOutcome
    notes: Annotated[Prose | None, Field(description="what was done")] = None


class ConcernView(BaseModel):
    """A concern. What is sealed is null where its key is gone."""

    concern_id: UUID
    status: Annotated[ConcernStatus, Field(description="handed-over: the pathway closed while it stood open")]
    raised_on: date
    raised_by: str
    kind: ConcernKind | None
    description: str | None
    outcome: ConcernOutcome | None
    notes: str | None


class ConcernsView(BaseModel):
    """A pathway's concerns, in the order in which they were raised."""

    items: list[ConcernView]


def concern_router(pathways: PathwayDecider) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix="/pathways/{pathway_id}", tags=["safeguarding"])

    @router.post("/concerns")
    async def raise_concern(
        pathway_id: UUID4, body: ConcernBody, call: Annotated[Call, Depends(command("pathways.raise-concern"))]
    ) -> ReceiptBody:
        """Raise a safeguarding concern; it is told to the care team and to nobody else."""
        asked = RaiseConcern(concern_id=body.concern_id, kind=body.kind, description=body.description)
        return await call.execute(body, Step(pathways, pathway_id, asked, call.expected_version))

    @router.post("/concern-closings")
    async def close_concern(
        pathway_id: UUID4, body: ConcernClosingBody, call: Annotated[Call, Depends(command("pathways.close-concern"))]
    ) -> ReceiptBody:
        """Close a concern that was followed up, with what came of it."""
        asked = CloseConcern(concern_id=body.concern_id, outcome=body.outcome, notes=body.notes)
        return await call.execute(body, Step(pathways, pathway_id, asked, call.expected_version))

    @router.get("/concerns", responses=OPENING)
    async def read_concerns(pathway_id: UUID4, asked: Annotated[Query, Depends(query("pathways.read-concerns"))]) -> ConcernsView:
        """Return the concerns of a pathway of the caller's organisation or team; ETag is the pathway's version to decide on."""
        return concerns_view(await asked.open(pathways, pathway_id, holding={DataClass.SAFEGUARDING}))

    return router


def concerns_view(opened: Opened[PathwayState]) -> ConcernsView:
    """Return the concerns that stand on a pathway."""
    state = opened.state
    standing = {} if isinstance(state, NotOpened) else state.course.concerns
    closings = {event.concern_id: event for event in opened.events if isinstance(event, ConcernClosed)}
    items = []
    for event, stored in zip(opened.events, opened.stored, strict=True):
        if isinstance(event, ConcernRaised):
            envelope, closing = stored.recorded.envelope, closings.get(event.concern_id)
            items.append(
                ConcernView(
                    concern_id=event.concern_id,
                    status=standing[event.concern_id],
                    raised_on=envelope.occurred_on,
                    raised_by=envelope.actor,
                    kind=event.kind,
                    description=event.description,
                    outcome=None if closing is None else closing.outcome,
                    notes=None if closing is None else closing.notes,
                )
            )
    return ConcernsView(items=items)
