"""Commands over HTTP by which an assignment passes to another tutor, and by which that tutor is let read what was noted before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends
from pydantic import UUID4

from services._runtime.handling import Step
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.queries import Query, query
from services.tutors.adapters import bodies
from services.tutors.adapters.assignments_in import told_of
from services.tutors.app.deciders import ASSIGNMENT, REQUEST
from services.tutors.app.steps import reassigning
from services.tutors.domain.assignment_commands import EndAssignment, OpenEarlierNotes
from services.tutors.domain.assignment_state import NotAssigned, Running

if TYPE_CHECKING:
    from services.tutors.domain.tutor_request_state import RequestState

router = APIRouter(tags=["assignments"])


@router.post("/assignments/{assignment_id}/reassignment", summary="Hand over to another tutor")
async def reassign(
    assignment_id: UUID4,
    body: bodies.Reassigning,
    call: Annotated[Call, Depends(command("tutors.reassign"))],
    now: Annotated[Query, Depends(query("tutors.reassign", recorded=False))],
) -> ReceiptBody:
    """Let another tutor take over: one assignment ends and another begins on the same day, and the person never waits in between.

    The new tutor is held to everything that assigning asks. What the tutor before did stays theirs, and what they noted stays hidden.
    """
    assignment = (await now.open(ASSIGNMENT, assignment_id, holding=())).state
    request: RequestState = REQUEST.initial
    if not isinstance(assignment, NotAssigned):
        request = (await call.read(REQUEST, assignment.support.request_id)).state
    end = EndAssignment(ended_on=call.day(body), reason=body.reason, relationship_continues=body.relationship_continues, notes=body.notes)
    steps = reassigning(assignment_id, assignment, request, await told_of(call, body), end, version=call.expected_version)
    return await call.execute(body, *steps)


@router.post("/assignments/{assignment_id}/notes-opening", summary="Open earlier notes")
async def open_notes(
    assignment_id: UUID4, body: bodies.NotesOpening, call: Annotated[Call, Depends(command("tutors.open-earlier-notes"))]
) -> ReceiptBody:
    """Let the tutor who stands beside the person now read this ended assignment with its notes, as long as their own runs."""
    later = (await call.read(ASSIGNMENT, body.opened_to)).state
    told = OpenEarlierNotes(opened_to=later.support if isinstance(later, Running) else None, reason=body.reason)
    return await call.execute(body, Step(ASSIGNMENT, assignment_id, told, call.expected_version))
