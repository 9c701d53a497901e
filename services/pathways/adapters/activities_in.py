"""Group activities over HTTP: recorded by the organisation that held them, and listed for whoever records who came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi import Query as Parameter
from pydantic import UUID4, Field, StringConstraints

from services._runtime.handling import Step
from services._runtime.projecting.lists import listed
from services._runtime.web.bodies import Code, CommandBody
from services._runtime.web.callers import allow
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.identity import Caller
from services._runtime.web.lists import AskedBetween, CountedPage, Listing, Territory
from services.pathways.adapters.support_bodies import Minutes
from services.pathways.domain.activity import HoldActivity
from services.pathways.projections.activity_list import ACTIVITY_LIST, ActivityRow, activities_of

if TYPE_CHECKING:
    from services._runtime.projecting.port import Answers
    from services.pathways.app.activities import ActivityDecider


class ActivityBody(CommandBody):
    """An activity that the caller's organisation held, on `occurred_on`."""

    territory: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), Field(description="the province in which it was held")]
    kind: Annotated[Code, Field(description="a service of the methodology's catalogue, not of a sensitive area")]
    minutes: Minutes


class ActivityFilters(AskedBetween):
    """Which activities to show, by the day on which each was held."""

    territory: Territory = None
    kind: Annotated[Code | None, Field(description="a service of the methodology's catalogue")] = None


def activity_router(activities: ActivityDecider, answers: Answers) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(tags=["activities"])

    @router.post("/activities/{activity_id}", status_code=201)
    async def hold_activity(
        activity_id: UUID4, body: ActivityBody, call: Annotated[Call, Depends(command("pathways.hold-activity", needs="nothing"))]
    ) -> ReceiptBody:
        """Record an activity that took place; nobody is named on it. Who came is recorded on each person's pathway."""
        asked = HoldActivity(
            activity_id=activity_id,
            organisation=call.caller.organisation,
            territory=body.territory,
            kind=body.kind,
            minutes=body.minutes,
        )
        return await call.execute(body, Step(activities, activity_id, asked, call.expected_version))

    @router.get("/activities")
    async def list_activities(
        request: Request,
        response: Response,
        caller: Annotated[Caller, Depends(allow("pathways.list-activities"))],
        asked: Annotated[ActivityFilters, Parameter()],
    ) -> CountedPage[ActivityRow]:
        """Return the activities of the caller's organisation, by id, and how many there are. The list follows the records shortly after."""
        filters = {"territory": asked.territory, "kind": asked.kind}
        after = asked.after(UUID)
        wanted = activities_of(caller.organisation, filters, since=asked.since, until=asked.until, after=after, limit=asked.limit)
        found = await listed(answers.to(caller), ACTIVITY_LIST, wanted)
        return Listing(request, response).page(found, asked, key=lambda row: (row.activity_id,), whose=lambda _row: ())

    return router
