"""Reporting's JSON over HTTP: figures, a person's timeline, activity, positions. Every answer names its position; ETag is that number."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import UUID4, BaseModel

from contracts.envelope import timestamp
from contracts.errors import Unknown
from services._runtime.access.confidential import types_for
from services._runtime.access.deciding import POLICIES, Whose
from services._runtime.web.bodies import Code
from services._runtime.web.callers import allow, count_record
from services._runtime.web.disclosing import disclosure_of
from services._runtime.web.identity import Caller
from services._runtime.web.parts import web_of
from services._runtime.web.queries import Cursor, Limit, cursor_of, key_of
from services.reporting.adapters.answers import (
    ActivityOut,
    Answer,
    DayActivityOut,
    JournalPositionOut,
    LatestEventOut,
    TerritoryProgressOut,
    TimelineEntryOut,
    TimelineOut,
)
from services.reporting.projections.activity import recent_days
from services.reporting.projections.latest_activity import KEPT, latest
from services.reporting.projections.person_timeline import newest_of, timeline_of

if TYPE_CHECKING:
    from services._runtime.projecting.port import Answers
    from services.reporting.adapters.figures import Reports
    from services.reporting.projections.person_timeline import TimelineEntry

FIGURES = Depends(allow("reporting.read-figures", recorded=False))
ACTIVITY = Depends(allow("reporting.read-activity", recorded=False))
_FOLLOW = "reporting.read-timeline"
Follows = Annotated[Caller, Depends(allow(_FOLLOW))]

Days = Annotated[int, Query(ge=1, le=92, description="so many days, up to the latest on which anything was recorded")]
Programme = Annotated[Code | None, Query(description="the programme's code; the project's if absent")]
Latest = Annotated[int, Query(ge=1, le=KEPT, description="so many of the latest events")]


def reports_router(reports: Reports, answers: Answers) -> APIRouter:
    """Return the JSON routes over `reports`; a person's records are read from `answers`."""
    router = APIRouter(tags=["reporting"])

    @router.get("/territory-progress", dependencies=[FIGURES], response_model=TerritoryProgressOut, operation_id="territory_progress")
    async def territory_progress(request: Request, programme: Programme = None) -> Response:
        """Admissions to a programme against its targets, and by province."""
        return _answer(
            request, TerritoryProgressOut.of(programme or reports.consortium.project.code, await reports.figures(code=programme))
        )

    _add_timeline(router, answers)

    @router.get("/activity", dependencies=[ACTIVITY], response_model=ActivityOut, operation_id="activity")
    async def activity(request: Request, days: Days = 7, limit: Latest = 20) -> Response:
        """The latest events and the counts of the last days; nobody is named."""
        async with reports.reader.snapshot() as moment:
            counts, newest = await recent_days(moment, days), await latest(moment, limit)
        answer = ActivityOut(
            as_of_position=min(counts.position, newest.position),
            latest=[LatestEventOut.of(event) for event in newest.value],
            days=[DayActivityOut.of(row) for row in counts.value],
        )
        return _answer(request, answer)

    @router.get("/journal-position", dependencies=[FIGURES], response_model=JournalPositionOut, operation_id="journal_position")
    async def journal_position(request: Request) -> Response:
        """The journal's last position, and how far each read model is."""
        return _answer(request, JournalPositionOut.of(await reports.positions()), varies=True)

    return router


def _add_timeline(router: APIRouter, answers: Answers) -> None:
    @router.get("/persons/{person_id}/timeline", response_model=TimelineOut, operation_id="person_timeline")
    async def person_timeline(request: Request, person_id: UUID4, caller: Follows, cursor: Cursor = None, limit: Limit = 50) -> Response:
        """What happened in a person's care, with causes; no personal value."""
        disclosure_of(request).ask(person_id)
        count_record(web_of(request), caller, person_id)
        reader = answers.to(caller, record=str(person_id))
        whose = _whose(await newest_of(reader, person_id), person_id)
        if not POLICIES.decide(caller, _FOLLOW, whose).permitted:
            raise Unknown
        after = None if cursor is None else key_of(cursor, datetime, UUID)
        found = await timeline_of(reader, person_id, after=after, limit=limit + 1, types=types_for(caller.role))
        entries = found.value.entries[:limit]
        if not entries and cursor is None:
            raise Unknown
        disclosure_of(request).tell([person_id])
        more = len(found.value.entries) > limit
        items = [TimelineEntryOut.of(entry, found.value) for entry in entries]
        following = cursor_of(timestamp(entries[-1].recorded_at), str(entries[-1].event_id)) if more else None
        return _answer(request, TimelineOut(as_of_position=found.position, items=items, next_cursor=following))


def _whose(newest: TimelineEntry | None, person: UUID) -> Whose:
    if newest is None:
        return Whose(person=person)
    return Whose(organisation=newest.organisation, territory=newest.territory, municipality=newest.municipality, person=person)


def _answer(request: Request, answer: Answer, *, varies: bool = False) -> Response:
    """Return the answer with its position as ETag, or 304 where the caller has it; what also `varies` otherwise has no ETag."""
    headers = {"Cache-Control": "private, no-cache"}
    if not varies:
        headers["ETag"] = f'"{answer.as_of_position}"'
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
    body: BaseModel = answer
    return Response(body.model_dump_json(), media_type="application/json", headers=headers)
