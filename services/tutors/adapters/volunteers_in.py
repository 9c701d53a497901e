"""Commands over HTTP about the volunteers of a group or an association: who of them stands beside a person."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import UUID4

from services._runtime.clock import day_of
from services._runtime.handling import Step
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.queries import Query, query
from services.tutors.adapters import bodies
from services.tutors.app.deciders import ASSIGNMENT
from services.tutors.app.steps import volunteering
from services.tutors.domain.assignment_commands import AssignVolunteer, WithdrawVolunteer

router = APIRouter(tags=["assignments"])


@router.post("/assignments/{assignment_id}/volunteers", summary="Let a volunteer join")
async def assign_volunteer(
    assignment_id: UUID4,
    body: bodies.VolunteerBeside,
    call: Annotated[Call, Depends(command("tutors.assign-volunteer"))],
    now: Annotated[Query, Depends(query("tutors.assign-volunteer", recorded=False))],
) -> ReceiptBody:
    """Record that a named volunteer stands beside the person, insured; several may at a time."""
    assignment = (await now.open(ASSIGNMENT, assignment_id, holding=())).state
    told = AssignVolunteer(volunteer_id=body.volunteer_id, since=call.day(body), today=day_of(call.now))
    return await call.execute(body, *volunteering(assignment_id, assignment, told, version=call.expected_version))


@router.post("/assignments/{assignment_id}/volunteer-departures", summary="Let a volunteer leave")
async def withdraw_volunteer(
    assignment_id: UUID4, body: bodies.VolunteerBeside, call: Annotated[Call, Depends(command("tutors.withdraw-volunteer"))]
) -> ReceiptBody:
    """Record that a volunteer stands beside the person no longer; the group or association does."""
    told = WithdrawVolunteer(volunteer_id=body.volunteer_id, until=call.day(body))
    return await call.execute(body, Step(ASSIGNMENT, assignment_id, told, call.expected_version))
