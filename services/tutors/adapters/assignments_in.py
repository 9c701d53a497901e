"""Commands to tutor requests and assignments over HTTP. Assigning and ending write three streams at once, or none."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import UUID4

from contracts.tutor_codes import EndReason
from services._runtime.clock import day_of
from services._runtime.handling import Step
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.queries import Query, query
from services._runtime.web.validation import invalid_fields
from services.tutors.adapters import bodies
from services.tutors.app.deciders import ASSIGNMENT, REQUEST, TUTOR
from services.tutors.app.steps import assigning, ending, match_id_of
from services.tutors.domain.assignment_commands import CorrectMeeting, EndAssignment, IntroduceConnection, LogMeeting
from services.tutors.domain.matching_commands import AgreedOutside
from services.tutors.domain.request_commands import MeetRequest, WithdrawRequest
from services.tutors.domain.tutor_state import Unregistered

router = APIRouter(tags=["assignments"])

_OF_INTAKE = (EndReason.BENEFICIARY_EXITED, EndReason.TRANSFERRED)
"""What happens in intake, and ends an assignment from there."""


@router.post("/tutor-requests/{request_id}/assignment", summary="Assign a tutor")
async def assign(
    request_id: UUID4,
    body: bodies.Assigning,
    call: Annotated[Call, Depends(command("tutors.assign"))],
    now: Annotated[Query, Depends(query("tutors.assign", recorded=False))],
) -> ReceiptBody:
    """Meet an open request: the assignment begins, the request is met, the tutor's place is taken.

    Refused unless tutor and person both accepted their match, or agreed outside the matching as the body tells.
    """
    request = await now.open(REQUEST, request_id, holding=())
    return await call.execute(body, *assigning(request_id, request.state, await told_of(call, body), version=call.expected_version))


async def told_of(call: Call, body: bodies.Assigning) -> MeetRequest:
    """Return what a body tells of the tutor who will stand beside the person."""
    outside = body.agreed_outside_matching
    tutor = (await call.read(TUTOR, body.tutor_id)).state.held if outside else None
    return MeetRequest(
        assignment_id=body.assignment_id,
        tutor_id=body.tutor_id,
        starts_on=call.day(body),
        availability=0 if tutor is None or isinstance(tutor, Unregistered) else tutor.facts.availability_changes,
        agreed=None if outside is None else AgreedOutside(match_id=match_id_of(body.assignment_id), **dict(outside)),
    )


@router.post("/tutor-requests/{request_id}/withdrawal", summary="Withdraw a request")
async def withdraw(
    request_id: UUID4, body: bodies.Withdrawal, call: Annotated[Call, Depends(command("tutors.withdraw-request"))]
) -> ReceiptBody:
    """Take an open request back."""
    return await call.execute(body, Step(REQUEST, request_id, WithdrawRequest(reason=body.reason), call.expected_version))


@router.post("/assignments/{assignment_id}/meetings", summary="Log a meeting")
async def log_meeting(
    assignment_id: UUID4, body: bodies.MeetingEntry, call: Annotated[Call, Depends(command("tutors.log-meeting"))]
) -> ReceiptBody:
    """Log a meeting of tutor and person, or one that did not take place."""
    told = LogMeeting(
        meeting_id=body.meeting_id,
        held_on=call.day(body),
        today=day_of(call.now),
        duration_minutes=body.duration_minutes,
        kind=body.kind,
        took_place=body.took_place,
        volunteers=body.volunteers,
        notes=body.notes,
    )
    return await call.execute(body, Step(ASSIGNMENT, assignment_id, told, call.expected_version))


@router.post("/assignments/{assignment_id}/meeting-corrections", summary="Correct a meeting")
async def correct_meeting(
    assignment_id: UUID4, body: bodies.MeetingCorrection, call: Annotated[Call, Depends(command("tutors.correct-meeting"))]
) -> ReceiptBody:
    """Say how a logged meeting should have been entered; the old entry stays in the history."""
    told = CorrectMeeting(
        meeting_id=body.meeting_id,
        held_on=call.day(body),
        today=day_of(call.now),
        duration_minutes=body.duration_minutes,
        kind=body.kind,
        took_place=body.took_place,
        volunteers=body.volunteers,
        notes=body.notes,
        reason=body.reason,
    )
    return await call.execute(body, Step(ASSIGNMENT, assignment_id, told, call.expected_version))


@router.post("/assignments/{assignment_id}/connections", summary="Record an introduction")
async def introduce(
    assignment_id: UUID4, body: bodies.Connection, call: Annotated[Call, Depends(command("tutors.introduce-connection"))]
) -> ReceiptBody:
    """Record to what kind of place or person the tutor introduced the beneficiary."""
    told = IntroduceConnection(
        connection_id=body.connection_id,
        kind=body.kind,
        introduced_on=call.day(body),
        today=day_of(call.now),
        notes=body.notes,
    )
    return await call.execute(body, Step(ASSIGNMENT, assignment_id, told, call.expected_version))


@router.post("/assignments/{assignment_id}/end", summary="End an assignment")
async def end(
    assignment_id: UUID4,
    body: bodies.Ending,
    call: Annotated[Call, Depends(command("tutors.end-assignment"))],
    now: Annotated[Query, Depends(query("tutors.end-assignment", recorded=False))],
) -> ReceiptBody:
    """End the assignment: the tutor's place is free again, and the request opens again where another tutor is wanted."""
    if body.reason in _OF_INTAKE:
        raise invalid_fields({"body.reason": "another reason: it is recorded in intake, and ends the assignment by itself"})
    assignment = await now.open(ASSIGNMENT, assignment_id, holding=())
    told = EndAssignment(
        ended_on=call.day(body),
        reason=body.reason,
        relationship_continues=body.relationship_continues,
        notes=body.notes,
    )
    steps = ending(assignment_id, assignment.state, told, version=call.expected_version, still_wanted=body.still_wanted)
    return await call.execute(body, *steps)
