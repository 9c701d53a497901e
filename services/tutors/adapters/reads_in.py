"""Reads over HTTP: one record with its personal values, and the lists, each for the caller's own organisation only."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import fastapi
from fastapi import APIRouter, Depends, Request, Response
from pydantic import UUID4

from contracts.personal import DataClass
from services._runtime.access.roles import Role
from services._runtime.web.callers import allow
from services._runtime.web.disclosing import disclosure_of
from services._runtime.web.identity import Caller
from services._runtime.web.queries import AS_OF, OPENING, Cursor, Limit, Page, Query, following, key_of, query
from services.tutors.adapters.answers import (
    AssignmentAnswer,
    AssignmentItem,
    RequestAnswer,
    RequestItem,
    TutorAnswer,
    TutorItem,
    assignment_answer,
    assignment_item,
    request_answer,
    tutor_answer,
)
from services.tutors.app.deciders import ASSIGNMENT, REQUEST, TUTOR
from services.tutors.projections.assignments import AssignmentStatus, assignments_of
from services.tutors.projections.tutor_requests import RequestStatus, requests_of
from services.tutors.projections.tutors import TutorStatus, tutors_of

if TYPE_CHECKING:
    from services._runtime.projecting.port import Answers

Territory = Annotated[str | None, fastapi.Query(pattern=r"^[A-Z]{2}$", description="a province's code")]
Filter = Annotated[UUID | None, fastapi.Query()]
Reads = Annotated[Query, Depends(query("tutors.read"))]
Reading = Annotated[Caller, Depends(allow("tutors.read"))]
ReadsTutor = Annotated[Query, Depends(query("tutors.read-tutor", person="tutor_id"))]
ReadsAssignment = Annotated[Query, Depends(query("tutors.read-assignment"))]
ListsAssignments = Annotated[Caller, Depends(allow("tutors.list-assignments"))]

records = APIRouter(tags=["records"])

_OF_A_TUTOR = (DataClass.IDENTITY, DataClass.CONTACT, DataClass.NOTES, DataClass.EVIDENCE)
"""What the answer holds: who they are, how they are reached, what was noted of their expenses, and where the receipts are."""


@records.get("/tutors/{tutor_id}", summary="Read a tutor", responses=OPENING)
async def read_tutor(tutor_id: UUID4, asked: ReadsTutor) -> TutorAnswer:
    """Return a tutor with everything that can still be read of them."""
    return tutor_answer((await asked.open(TUTOR, tutor_id, holding=_OF_A_TUTOR)).state.held)


_OF_A_WISH = (DataClass.IDENTITY, DataClass.CONTACT)
"""What a person is like and wishes, and where they live."""


@records.get("/tutor-requests/{request_id}", summary="Read a request", responses=OPENING)
async def read_request(request_id: UUID4, asked: Reads) -> RequestAnswer:
    """Return a request for a tutor, with what the person wishes."""
    return request_answer((await asked.open(REQUEST, request_id, holding=_OF_A_WISH)).state)


@records.get("/assignments/{assignment_id}", summary="Read an assignment", responses=OPENING)
async def read_assignment(assignment_id: UUID4, asked: ReadsAssignment) -> AssignmentAnswer:
    """Return an assignment with its meetings."""
    return assignment_answer((await asked.open(ASSIGNMENT, assignment_id, holding=(DataClass.NOTES,))).state)


def lists(answers: Answers) -> APIRouter:
    """Return the routes of the lists, read from `answers`."""
    router = APIRouter(tags=["lists"])
    for add in (_add_tutors, _add_requests, _add_assignments):
        add(router, answers)
    return router


def _add_tutors(router: APIRouter, answers: Answers) -> None:
    @router.get("/tutors", summary="List tutors")
    async def list_tutors(
        caller: Reading,
        request: Request,
        response: Response,
        status: TutorStatus | None = None,
        territory: Territory = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[TutorItem]:
        """Return the organisation's tutors, by id, nobody named."""
        after = None if cursor is None else key_of(cursor, UUID)
        page = await tutors_of(answers.to(caller), caller.organisation, status=status, territory=territory, after=after, limit=limit)
        _say(response, page.position)
        disclosure_of(request).tell(row.tutor_id for row in page.value)
        last = following(page.value, limit, lambda row: (row.tutor_id,))
        return Page(items=[TutorItem.model_validate(row) for row in page.value], next_cursor=last)


def _add_requests(router: APIRouter, answers: Answers) -> None:
    @router.get("/tutor-requests", summary="List requests")
    async def list_requests(
        caller: Reading,
        request: Request,
        response: Response,
        status: RequestStatus | None = None,
        territory: Territory = None,
        beneficiary_id: Annotated[Filter, fastapi.Query(alias="beneficiary-id")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[RequestItem]:
        """Return the organisation's requests, all or one person's, the longest at their status first."""
        filters: dict[str, object] = {"status": status, "territory": territory, "beneficiary_id": beneficiary_id}
        after = None if cursor is None else key_of(cursor, date, UUID)
        page = await requests_of(answers.to(caller), caller.organisation, filters, after=after, limit=limit)
        _say(response, page.position)
        disclosure_of(request).tell(row.beneficiary_id for row in page.value)
        last = following(page.value, limit, lambda row: (row.since, row.request_id))
        return Page(items=[RequestItem.model_validate(row) for row in page.value], next_cursor=last)


def _add_assignments(router: APIRouter, answers: Answers) -> None:
    @router.get("/assignments", summary="List assignments")
    async def list_assignments(
        caller: ListsAssignments,
        request: Request,
        response: Response,
        status: AssignmentStatus | None = None,
        tutor_id: Annotated[Filter, fastapi.Query(alias="tutor-id")] = None,
        beneficiary_id: Annotated[Filter, fastapi.Query(alias="beneficiary-id")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[AssignmentItem]:
        """Return the organisation's assignments, or a tutor's own that run, by id."""
        filters: dict[str, object] = {"status": status, "tutor_id": tutor_id, "beneficiary_id": beneficiary_id}
        after = None if cursor is None else key_of(cursor, UUID)
        page = await assignments_of(answers.to(caller), _own(caller), filters, after=after, limit=limit)
        _say(response, page.position)
        disclosure_of(request).tell(whose for row in page.value for whose in (row.beneficiary_id, row.tutor_id))
        last = following(page.value, limit, lambda row: (row.assignment_id,))
        return Page(items=[assignment_item(row) for row in page.value], next_cursor=last)


def _own(caller: Caller) -> dict[str, object]:
    """Return which assignments are the caller's: a tutor's are those in which they stand beside somebody now."""
    if caller.role is Role.TUTOR:
        # Whose token names no tutor has none; null would mean any.
        return {"tutor_id": caller.person or UUID(int=0), "status": AssignmentStatus.RUNNING}
    return {"organisation": caller.organisation}


def _say(response: Response, position: int) -> None:
    response.headers[AS_OF] = str(position)
