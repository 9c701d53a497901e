"""Intake's reads over HTTP: a person's record with its personal fields, and the pseudonymous caseload; own organisation only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, assert_never
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import UUID4, BaseModel

from contracts.errors import Unknown
from contracts.intake import BeneficiaryExited, HouseholdFormed, NoticeGiven
from services._runtime.access.deciding import municipality_of
from services._runtime.access.roles import Role
from services._runtime.web.callers import allow
from services._runtime.web.identity import Caller
from services._runtime.web.queries import Cursor, Limit, Page, Query, cursor_of, key_of, query
from services._runtime.web.validation import invalid_fields
from services.intake.app.deciders import HOUSEHOLD, PERSON
from services.intake.domain.household import Formed
from services.intake.domain.person import Exited, InCare, Informed, Person, Record, Unrecorded
from services.intake.projections.caseload import CareStatus, CaseRow, caseload_of

if TYPE_CHECKING:
    from services._runtime.projecting.port import Answers

AS_OF = "Ancora-As-Of-Position"
"""The header that says up to which position of the service's feed a list is told."""

Reads = Annotated[Query, Depends(query("intake.read"))]

records = APIRouter(tags=["records"])


class BeneficiaryAnswer(BaseModel):
    """A person as they are recorded now. Personal fields are null where their keys were destroyed."""

    beneficiary_id: UUID
    version: int
    status: CareStatus
    notices: tuple[NoticeGiven, ...]
    record: Record | None = None
    exit: BeneficiaryExited | None = None


@records.get("/beneficiaries/{beneficiary_id}", summary="Read a person's record")
async def read_beneficiary(beneficiary_id: UUID4, asked: Reads) -> BeneficiaryAnswer:
    """Return everything recorded of the person that can still be read."""
    opened = await asked.open(PERSON, beneficiary_id)
    return answer_of(beneficiary_id, opened.version, opened.state)


@records.get("/households/{household_id}", summary="Read a household")
async def read_household(household_id: UUID4, asked: Reads) -> HouseholdFormed:
    """Return the household; its members are found on their own records."""
    state = (await asked.open(HOUSEHOLD, household_id)).state
    if not isinstance(state, Formed):
        raise Unknown
    return state.formed


def answer_of(beneficiary_id: UUID, version: int, state: Person) -> BeneficiaryAnswer:
    """Return a person's record as it is answered; raises `Unknown` where there is none."""
    match state:
        case Unrecorded():
            raise Unknown
        case Informed(notices):
            return BeneficiaryAnswer(beneficiary_id=beneficiary_id, version=version, status=CareStatus.INFORMED, notices=notices)
        case InCare(record):
            status, left = CareStatus.IN_CARE, None
        case Exited(record, left):
            status = CareStatus.EXITED
        case _:
            assert_never(state)
    return BeneficiaryAnswer(
        beneficiary_id=beneficiary_id, version=version, status=status, notices=record.notices, record=record, exit=left
    )


def lists(answers: Answers) -> APIRouter:
    """Return the routes of the lists, read from `answers`."""
    router = APIRouter(tags=["lists"])

    @router.get("/beneficiaries", summary="List the caseload")
    async def list_beneficiaries(
        caller: Annotated[Caller, Depends(allow("intake.list"))],
        response: Response,
        status: CareStatus | None = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[CaseRow]:
        """Return the organisation's persons, or those of the municipality that asks, by id, nobody named."""
        statuses = tuple(CareStatus) if status is None else (status,)
        page = await caseload_of(answers.to(caller), _own(caller), statuses=statuses, after=id_in(cursor), limit=limit)
        response.headers[AS_OF] = str(page.position)
        more = len(page.value) == limit
        return Page(items=list(page.value), next_cursor=cursor_of(str(page.value[-1].beneficiary_id)) if more else None)

    return router


def _own(caller: Caller) -> dict[str, object]:
    """Return which persons are the caller's: a municipality's are those of its ISTAT code."""
    if caller.role is Role.MUNICIPALITY:
        # Who acts for no municipality has none; null would mean the persons that are in none.
        return {"municipality": municipality_of(caller) or ""}
    return {"organisation": caller.organisation}


def id_in(cursor: str | None) -> UUID | None:
    """Return the id in the cursor of a list that is sorted by it; raises the `validation` problem for a cursor that is not ours."""
    if cursor is None:
        return None
    try:
        return UUID(key_of(cursor, str)[0])
    except ValueError:
        raise invalid_fields({"query.cursor": "the next_cursor of an earlier page"}) from None
