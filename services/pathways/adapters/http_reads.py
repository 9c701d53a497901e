"""Reads of the pathways service: one pathway opened for its own organisation, the list of them, and the shared methodology."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi import Query as Parameter
from pydantic import UUID4

from contracts.errors import Unknown
from contracts.personal import DataClass
from services._runtime.clock import day_of
from services._runtime.web.callers import allow
from services._runtime.web.disclosing import disclosure_of
from services._runtime.web.identity import Caller
from services._runtime.web.parts import web_of
from services._runtime.web.queries import OPENING, Cursor, Limit, Page, Query, cursor_of, key_of, query
from services.pathways.adapters.views import PathwayView, pathway_view
from services.pathways.domain.methodology import Methodology
from services.pathways.projections.pathway_list import PathwayRow, pathways_of
from services.pathways.projections.team_memberships import teams_of

if TYPE_CHECKING:
    from services._runtime.projecting.port import Answers
    from services.pathways.app.decider import PathwayDecider
    from services.pathways.domain.methodology import Methodologies


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
        caller: Annotated[Caller, Depends(allow("pathways.list"))],
        beneficiary_id: Annotated[UUID4 | None, Parameter(alias="beneficiary-id")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[PathwayRow]:
        """Return the pathways of the caller's organisation and of the teams that they are in, all or one person's, by id.

        The list follows the records shortly after.
        """
        after = None if cursor is None else key_of(cursor, UUID)[0]
        async with answers.to(caller).snapshot() as moment:
            teams = await teams_of(moment, caller.sub, caller.organisation, day_of(caller.now or web_of(request).clock.now()))
            found = await pathways_of(moment, caller.organisation, teams=teams, beneficiary_id=beneficiary_id, after=after, limit=limit + 1)
        rows = list(found.value[:limit])
        disclosure_of(request).tell(row.beneficiary_id for row in rows)
        more = len(found.value) > limit
        return Page(items=rows, next_cursor=cursor_of(rows[-1].pathway_id) if more else None)

    _methodology(router, methodologies)
    return router


def _methodology(router: APIRouter, methodologies: Methodologies) -> None:
    @router.get("/methodology", dependencies=[Depends(allow("pathways.read-methodology", recorded=False))])
    async def read_methodology(
        version: Annotated[str | None, Parameter(max_length=20, description="the current one if absent")] = None,
    ) -> Methodology:
        """Return a version of the shared methodology: areas with their anchored scales, catalogues, instruments, strategy."""
        found = methodologies.versions.get(version or methodologies.current)
        if found is None:
            raise Unknown("no such version of the methodology: leave `version` out for the current one")
        return found
