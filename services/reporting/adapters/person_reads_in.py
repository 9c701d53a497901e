"""Who saw a person's file, over HTTP: to themselves, by organisation and role; to officers and auditors, by pseudonym too."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import UUID4, BaseModel, Field

from contracts.access_codes import ReadOutcome
from contracts.errors import Unknown
from contracts.personal import DataClass
from services._runtime.access.deciding import POLICIES, Whose
from services._runtime.access.roles import Role
from services._runtime.web.callers import allow
from services._runtime.web.disclosing import disclosure_of
from services._runtime.web.identity import Caller
from services._runtime.web.queries import AS_OF, Cursor, Limit, Page, following, key_of
from services.reporting.projections.person_reads import PersonRead, reads_of

if TYPE_CHECKING:
    from services._runtime.projecting.port import Answers

_ACTION = "reporting.read-person-reads"


class PersonReadOut(BaseModel):
    """One answer that told of the person, or was refused to somebody who asked for them."""

    recorded_at: datetime
    organisation: Annotated[str, Field(description="for which organisation it was read")]
    role: str
    purpose: str
    action: Annotated[str, Field(description="what was done, as the policies name it")]
    classes: Annotated[tuple[DataClass, ...], Field(description="which classes of personal data the answer held; none: pseudonyms only")]
    outcome: ReadOutcome
    reader: Annotated[str | None, Field(description="who read, by pseudonym; told to officers and auditors only")] = None
    event_id: Annotated[UUID, Field(description="the event that records it")]

    @classmethod
    def of(cls, row: PersonRead, caller: Caller) -> PersonReadOut:
        """Return the shape of an entry, as the caller may have it."""
        return cls(
            recorded_at=row.recorded_at,
            organisation=row.organisation,
            role=row.role,
            purpose=row.purpose,
            action=row.action,
            classes=row.classes,
            outcome=row.outcome,
            reader=None if caller.role is Role.BENEFICIARY else row.reader,
            event_id=row.event_id,
        )


def person_reads_router(answers: Answers) -> APIRouter:
    """Return the route, read from `answers`."""
    router = APIRouter(tags=["reads"])

    @router.get("/persons/{person_id}/reads", summary="Read who saw a person's file", operation_id="person_reads")
    async def person_reads(
        person_id: UUID4,
        caller: Annotated[Caller, Depends(allow(_ACTION))],
        request: Request,
        response: Response,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[PersonReadOut]:
        """Return the answers of all services that told of the person, and the refusals, the newest first."""
        disclosure_of(request).ask(person_id)
        if not POLICIES.decide(caller, _ACTION, Whose(person=person_id)).permitted:
            raise Unknown
        after = None if cursor is None else key_of(cursor, datetime, UUID)
        found = await reads_of(answers.to(caller, record=str(person_id)), person_id, after=after, limit=limit)
        disclosure_of(request).tell([person_id])
        response.headers[AS_OF] = str(found.position)
        items = [PersonReadOut.of(row, caller) for row in found.value]
        return Page(items=items, next_cursor=following(found.value, limit, lambda row: (row.recorded_at, row.event_id)))

    return router
