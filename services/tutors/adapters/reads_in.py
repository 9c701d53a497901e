"""Reads over HTTP: one record with its personal values, and the lists, each for the caller's own organisation only."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import fastapi
from fastapi import APIRouter, Depends, Request, Response
from pydantic import UUID4, Field

from contracts.personal import DataClass
from contracts.tutor_codes import TutorKind
from services._runtime.access.roles import Role
from services._runtime.projecting.lists import listed
from services._runtime.web.callers import allow
from services._runtime.web.identity import Caller
from services._runtime.web.lists import Asked, AskedBetween, CountedPage, Listing, Territory
from services._runtime.web.queries import OPENING, Query, query
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
from services.tutors.projections.assignments import ASSIGNMENTS, AssignmentStatus, assignments_of
from services.tutors.projections.tutor_requests import TUTOR_REQUESTS, RequestStatus, requests_of
from services.tutors.projections.tutors import TUTORS, TutorStatus, tutors_of

if TYPE_CHECKING:
    from services._runtime.projecting.port import Answers
    from services.tutors.projections.tutors import TutorRow

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


class TutorFilters(Asked):
    """Which tutors to show."""

    status: TutorStatus | None = None
    territory: Territory = None
    kind: TutorKind | None = None
    available: Annotated[bool | None, Field(description="whether they take on somebody new at all")] = None


def _add_tutors(router: APIRouter, answers: Answers) -> None:
    @router.get("/tutors", summary="List tutors")
    async def list_tutors(
        caller: Reading, request: Request, response: Response, asked: Annotated[TutorFilters, fastapi.Query()]
    ) -> CountedPage[TutorItem]:
        """Return the organisation's tutors, by id, nobody named; and how many there are."""
        filters = asked.model_dump(include={"status", "territory", "kind", "available"})
        wanted = tutors_of(caller.organisation, filters, after=asked.after(UUID), limit=asked.limit)
        found = await listed(answers.to(caller), TUTORS, wanted)
        return Listing(request, response).page(found, asked, key=_tutor, whose=_tutor, item=TutorItem.model_validate)


def _tutor(row: TutorRow) -> tuple[UUID]:
    return (row.tutor_id,)


class RequestFilters(AskedBetween):
    """Which requests to show, by the day since which each is at its status."""

    status: RequestStatus | None = None
    territory: Territory = None
    beneficiary_id: Annotated[UUID | None, Field(alias="beneficiary-id")] = None


def _add_requests(router: APIRouter, answers: Answers) -> None:
    @router.get("/tutor-requests", summary="List requests")
    async def list_requests(
        caller: Reading, request: Request, response: Response, asked: Annotated[RequestFilters, fastapi.Query()]
    ) -> CountedPage[RequestItem]:
        """Return the organisation's requests, all or one person's, the longest at their status first; and how many there are."""
        filters = asked.model_dump(include={"status", "territory", "beneficiary_id"})
        after = asked.after(date, UUID)
        wanted = requests_of(caller.organisation, filters, since=asked.since, until=asked.until, after=after, limit=asked.limit)
        return Listing(request, response).page(
            await listed(answers.to(caller), TUTOR_REQUESTS, wanted),
            asked,
            key=lambda row: (row.since, row.request_id),
            whose=lambda row: (row.beneficiary_id,),
            item=RequestItem.model_validate,
        )


class AssignmentFilters(AskedBetween):
    """Which assignments to show, by the day on which each began."""

    status: AssignmentStatus | None = None
    territory: Territory = None
    tutor_id: Annotated[UUID | None, Field(alias="tutor-id")] = None
    beneficiary_id: Annotated[UUID | None, Field(alias="beneficiary-id")] = None


def _add_assignments(router: APIRouter, answers: Answers) -> None:
    @router.get("/assignments", summary="List assignments")
    async def list_assignments(
        caller: ListsAssignments, request: Request, response: Response, asked: Annotated[AssignmentFilters, fastapi.Query()]
    ) -> CountedPage[AssignmentItem]:
        """Return the organisation's assignments, or a tutor's own that run, by id; and how many there are."""
        filters = asked.model_dump(include={"status", "territory", "tutor_id", "beneficiary_id"})
        after = asked.after(UUID)
        wanted = assignments_of(_own(caller), filters, since=asked.since, until=asked.until, after=after, limit=asked.limit)
        return Listing(request, response).page(
            await listed(answers.to(caller), ASSIGNMENTS, wanted),
            asked,
            key=lambda row: (row.assignment_id,),
            whose=lambda row: (row.beneficiary_id, row.tutor_id),
            item=assignment_item,
        )


def _own(caller: Caller) -> dict[str, object]:
    """Return which assignments are the caller's: a tutor's are those in which they stand beside somebody now."""
    if caller.role is Role.TUTOR:
        # Whose token names no tutor has none; null would mean any.
        return {"tutor_id": caller.person or UUID(int=0), "status": AssignmentStatus.RUNNING}
    return {"organisation": caller.organisation}
