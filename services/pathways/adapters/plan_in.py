"""The plan over HTTP, read by those who read the pathway: each version with what it changes, and one of them as a page to print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends
from fastapi import Query as Parameter
from fastapi.responses import HTMLResponse
from pydantic import UUID4

from contracts.errors import Unknown
from contracts.personal import DataClass
from services._runtime.web.queries import OPENING, Query, query
from services.pathways.adapters.plan_page import plan_page
from services.pathways.adapters.plan_views import PlanVersionsView, plan_versions_view
from services.pathways.domain.pathway import NotOpened
from services.pathways.domain.plan_sheet import Told, plan_sheet, plan_sheets

if TYPE_CHECKING:
    from services._runtime.opening import Opened
    from services.pathways.app.decider import PathwayDecider
    from services.pathways.domain.languages import Languages
    from services.pathways.domain.methodology import Methodologies
    from services.pathways.domain.pathway import PathwayState

_HOLDING = frozenset({DataClass.IDENTITY, DataClass.HEALTH, DataClass.NOTES})
"""All that a plan holds of the person: its language, goals in sensitive areas, and words."""
Version = Annotated[int | None, Parameter(alias="plan-version", ge=1, le=1_000, description="the newest that was not declined if absent")]


def plan_router(pathways: PathwayDecider, methodologies: Methodologies, languages: Languages) -> APIRouter:
    """Return the route."""
    router = APIRouter(tags=["pathways"])

    @router.get("/pathways/{pathway_id}/plan-page", summary="Print the plan", response_class=HTMLResponse, responses=OPENING)
    async def print_plan(
        pathway_id: UUID4, asked: Annotated[Query, Depends(query("pathways.print-plan"))], plan_version: Version = None
    ) -> HTMLResponse:
        """Return a version of the plan as a page to sign on paper, in the person's language and in Italian.

        Its language is the one in which the plan was agreed, else proposed. It loads nothing, and nothing is signed by it.
        """
        opened = await asked.open(pathways, pathway_id, holding=_HOLDING)
        if isinstance(opened.state, NotOpened):
            raise Unknown
        course = opened.state.course
        return plan_page(plan_sheet(_told(opened), plan_version), course, methodologies[course.methodology], languages)

    @router.get("/pathways/{pathway_id}/plan-versions", summary="Read every version of the plan", responses=OPENING)
    async def read_plans(pathway_id: UUID4, asked: Annotated[Query, Depends(query("pathways.read-plans"))]) -> PlanVersionsView:
        """Return each version as it was proposed and answered, and what it changes of the one that ran then."""
        return plan_versions_view(pathway_id, plan_sheets(_told(await asked.open(pathways, pathway_id, holding=_HOLDING))))

    return router


def _told(opened: Opened[PathwayState]) -> list[Told]:
    """Return the pathway's events as plans are read from them; raises `Unknown` for a pathway that never opened."""
    if isinstance(opened.state, NotOpened):
        raise Unknown
    return [
        Told(event, stored.recorded.envelope.occurred_on, stored.recorded.digest.hex())
        for event, stored in zip(opened.events, opened.stored, strict=True)
    ]
