"""The statutory register over HTTP: a dated extract of one's own organisation's, as JSON and as a page to print."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated

import fastapi
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from contracts.errors import Unknown
from contracts.personal import DataClass
from services._runtime.projecting.port import Query
from services._runtime.web.bodies import Day
from services._runtime.web.callers import allow, reaching
from services._runtime.web.disclosing import disclosure_of
from services._runtime.web.identity import Caller
from services._runtime.web.parts import web_of
from services._runtime.web.queries import OPENING
from services.tutors.adapters.register_answers import ExtractAnswer, extract_answer
from services.tutors.adapters.register_page import register_page
from services.tutors.app.deciders import TUTOR
from services.tutors.domain.register_extract import Entered, entries
from services.tutors.projections.tutors import TUTORS

if TYPE_CHECKING:
    from uuid import UUID

    from services._runtime.projecting.port import Answers
    from services._runtime.web.parts import Web
    from services.tutors.projections.register_cuts import RegisterCuts

_ACTION = "tutors.extract-register"
_HOLDING = frozenset({DataClass.IDENTITY})
"""All that an extract holds of the volunteers: nothing else of them is opened for it."""
Extracting = Annotated[Caller, Depends(allow(_ACTION))]
On = Annotated[Day, fastapi.Query(description="the day, in Italy, on which the register is told")]
Position = Annotated[int | None, fastapi.Query(ge=1, le=2**62, description="the position up to which it speaks; the present one if absent")]


class RegisterExtracts:
    """Makes extracts, for one caller at a time."""

    def __init__(self, answers: Answers, cuts: RegisterCuts) -> None:
        """Find tutors by `answers`, and which of their events to tell by `cuts`."""
        self._answers = answers
        self._cuts = cuts

    async def extract(self, request: Request, caller: Caller, on: date, position: int | None) -> ExtractAnswer:
        """Return the extract, and tell whose names it holds; raises `Unknown` for a position to which the lists have not come."""
        reached = (await self._answers.to(caller).rows(TUTORS, Query(where={"organisation": caller.organisation}, limit=1))).position
        speaks_to = reached if position is None else position
        cut = await self._cuts.cut(caller, speaks_to) if 0 < speaks_to <= reached else None
        if cut is None:
            raise Unknown("nothing is recorded at this position yet: ask for an earlier one, or without a position")
        web = web_of(request)
        histories = [await _history(web, caller, tutor_id, version) for tutor_id, version in cut.heads]
        disclosure_of(request).tell((tutor_id for tutor_id, _ in cut.heads), _HOLDING)
        return extract_answer(caller.organisation, on, speaks_to, cut, entries(on, histories))


async def _history(web: Web, caller: Caller, tutor_id: UUID, version: int) -> list[Entered]:
    """Return a tutor's events up to a version, read behind both fences. It counts as one reading of the register, not as many records."""
    if web.commands is None:
        raise RuntimeError("the application was created without commands")
    load = web.load
    fenced = None if load is None else lambda stream_id: load(caller, stream_id, "")
    opened = await web.commands.read(TUTOR, tutor_id, reach=reaching(web, caller, _ACTION), classes=_HOLDING, load=fenced)
    told = list(zip(opened.events, opened.stored, strict=True))[:version]
    return [
        Entered(event, stored.recorded.envelope.occurred_on, stored.recorded.envelope.recorded_at, stored.recorded.digest)
        for event, stored in told
    ]


def register_router(extracts: RegisterExtracts) -> APIRouter:
    """Return the two routes."""
    router = APIRouter(tags=["register"])

    @router.get("/register-extract", summary="Extract the register", responses=OPENING)
    async def extract_register(caller: Extracting, request: Request, on: On, position: Position = None) -> ExtractAnswer:
        """Return the organisation's register of volunteers as it stood on a day; the same day and position give the same extract."""
        return await extracts.extract(request, caller, on, position)

    @router.get("/register-extract/page", summary="Print the register", response_class=HTMLResponse, responses=OPENING)
    async def print_register(caller: Extracting, request: Request, on: On, position: Position = None) -> HTMLResponse:
        """Return the same extract as one page to print or to keep, in Italian and English; it loads nothing."""
        return register_page(await extracts.extract(request, caller, on, position))

    return router
