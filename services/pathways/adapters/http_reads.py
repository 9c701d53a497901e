"""Reads of the pathways service: one pathway opened for its own organisation, the list of them, and the shared methodology."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Query as Parameter
from pydantic import UUID4, Field

from contracts.errors import Unknown
from contracts.personal import DataClass
from services._runtime.clock import day_of
from services._runtime.projecting.lists import listed
from services._runtime.web.bodies import Code
from services._runtime.web.callers import allow
from services._runtime.web.identity import Caller
from services._runtime.web.lists import AskedBetween, CountedPage, Listing, Territory
from services._runtime.web.parts import web_of
from services._runtime.web.queries import OPENING, Query, query
from services.pathways.adapters.views import PathwayView, pathway_view
from services.pathways.domain.methodology import Methodology
from services.pathways.projections.pathway_list import PATHWAY_LIST, ListedPlan, ListedStatus, PathwayRow, pathways_of
from services.pathways.projections.team_memberships import teams_of

if TYPE_CHECKING:
    from services._runtime.projecting.port import Answers
    from services.pathways.app.decider import PathwayDecider
    from services.pathways.domain.methodology import Methodologies


class PathwayFilters(AskedBetween):
    """Which pathways to show, by the day on which each was opened."""

    beneficiary_id: Annotated[UUID4 | None, Field(alias="beneficiary-id")] = None
    status: ListedStatus | None = None
    plan: ListedPlan | None = None
    territory: Territory = None
    team_id: Annotated[UUID4 | None, Field(alias="team-id")] = None
    review_overdue: Annotated[bool | None, Field(alias="review-overdue")] = None
    contact_lost: Annotated[bool | None, Field(alias="contact-lost")] = None


def read_router(pathways: PathwayDecider, answers: Answers, methodologies: Methodologies) -> APIRouter:
    """Return the endpoints that read."""
    router = APIRouter(tags=["pathways"])

    @router.get("/pathways/{pathway_id}", responses=OPENING)
    async def read_pathway(pathway_id: UUID4, asked: Annotated[Query, Depends(query("pathways.read"))]) -> PathwayView:
        """Return a pathway of the caller's organisation or team, sealed words opened; ETag is the version to decide on.

        Safeguarding concerns are not in it: see /pathways/{pathway_id}/concerns.
        """
        return pathway_view(await asked.open(pathways, pathway_id, holding=frozenset(DataClass) - {DataClass.SAFEGUARDING}))

    @router.get("/pathways")
    async def list_pathways(
        request: Request,
        response: Response,
        caller: Annotated[Caller, Depends(allow("pathways.list"))],
        asked: Annotated[PathwayFilters, Parameter()],
    ) -> CountedPage[PathwayRow]:
        """Return the pathways of the caller's organisation and of the teams that they are in, by id; and how many there are.

        The list follows the records shortly after.
        """
        reader, today = answers.to(caller), day_of(caller.now or web_of(request).clock.now())
        teams = await teams_of(reader, caller.sub, caller.organisation, today)
        wanted = pathways_of(
            caller.organisation,
            asked.model_dump(exclude={"cursor", "limit", "since", "until"}),
            teams=teams,
            since=asked.since,
            until=asked.until,
            after=asked.after(UUID),
            limit=asked.limit,
        )
        found = await listed(reader, PATHWAY_LIST, wanted)
        told = Listing(request, response)
        return told.page(found, asked, key=lambda row: (row.pathway_id,), whose=lambda row: (row.beneficiary_id,))

    _methodology(router, methodologies)
    return router


def _methodology(router: APIRouter, methodologies: Methodologies) -> None:
    @router.get("/methodology", dependencies=[Depends(allow("pathways.read-methodology", recorded=False))])
    async def read_methodology(
        version: Annotated[Code | None, Parameter(description="the current one if absent")] = None,
    ) -> Methodology:
        """Return a version of the shared methodology: areas with their anchored scales, catalogues, instruments, strategy."""
        found = methodologies.versions.get(version or methodologies.current)
        if found is None:
            raise Unknown("no such version of the methodology: leave `version` out for the current one")
        return found
