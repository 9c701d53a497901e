"""Emergency access over HTTP: opening it, reading the one record by it, and the officer's queue of reviews."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import fastapi
from fastapi import APIRouter, Depends, Request, Response
from pydantic import UUID4, BaseModel

from contracts.emergency import EmergencyAccessOpened, EmergencyAccessReviewed
from contracts.emergency_codes import EmergencyGround, ReviewOutcome
from contracts.errors import Unknown
from contracts.personal import DataClass
from services._runtime.handling import Step
from services._runtime.projecting.lists import listed
from services._runtime.web.bodies import Code, CommandBody, Prose
from services._runtime.web.callers import allow
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.identity import Caller
from services._runtime.web.lists import Asked, CountedPage, Listing
from services._runtime.web.queries import OPENING, Query, query
from services.intake.adapters.reads_in import BeneficiaryAnswer, answer_of
from services.intake.app.deciders import EMERGENCY, PERSON
from services.intake.domain.commands import BeFoundInEmergency
from services.intake.domain.emergency import NeverOpened, OpenEmergencyAccess, ReviewEmergencyAccess, opens
from services.intake.projections.emergencies import EMERGENCIES, EmergencyRow, ReviewStatus, emergencies_of

if TYPE_CHECKING:
    from services._runtime.projecting.port import Answers

STEP_UP = timedelta(minutes=5)
"""How lately somebody must have signed in to open an emergency access."""


class EmergencyAccessBody(CommandBody):
    """Whose record is needed, and what has happened."""

    beneficiary_id: UUID4
    ground: EmergencyGround
    words: Prose


class EmergencyReviewBody(CommandBody):
    """What the officer found."""

    outcome: ReviewOutcome
    words: Prose | None = None


class EmergencyAnswer(BaseModel):
    """One emergency access, and its review. The words are null where the person's keys were destroyed."""

    version: int
    opened: EmergencyAccessOpened
    overdue: bool
    review: EmergencyAccessReviewed | None


emergencies = APIRouter(tags=["emergencies"])


@emergencies.post("/emergency-accesses/{emergency_id}", summary="Open one person's record in an emergency", status_code=201)
async def open_emergency_access(
    emergency_id: UUID4,
    body: EmergencyAccessBody,
    call: Annotated[Call, Depends(command("intake.open-emergency-access", needs="nothing", step_up=STEP_UP))],
) -> ReceiptBody:
    """Open the record of a person whom another organisation looks after, for sixty minutes; the officer is told and asks why."""
    told = OpenEmergencyAccess(
        emergency_id=emergency_id,
        beneficiary_id=body.beneficiary_id,
        organisation=call.caller.organisation,
        opened_by=call.caller.sub,
        ground=body.ground,
        words=body.words,
        at=call.now,
    )
    return await call.execute(
        body,
        Step(EMERGENCY, emergency_id, told, call.expected_version),
        Step(PERSON, body.beneficiary_id, BeFoundInEmergency(organisation=call.caller.organisation)),
    )


@emergencies.post("/emergency-accesses/{emergency_id}/review", summary="Review an emergency access")
async def review_emergency_access(
    emergency_id: UUID4, body: EmergencyReviewBody, call: Annotated[Call, Depends(command("intake.review-emergency-access"))]
) -> ReceiptBody:
    """Say whether it was justified; whoever opened it may not."""
    told = ReviewEmergencyAccess(reviewed_by=call.caller.sub, outcome=body.outcome, words=body.words)
    return await call.execute(body, Step(EMERGENCY, emergency_id, told, call.expected_version))


@emergencies.get("/emergency-accesses/{emergency_id}", summary="Read an emergency access", responses=OPENING)
async def read_emergency_access(
    emergency_id: UUID4, asked: Annotated[Query, Depends(query("intake.read-emergency-access"))]
) -> EmergencyAnswer:
    """Return what was said when it was opened, and what the review found."""
    opened = await asked.open(EMERGENCY, emergency_id, holding=(DataClass.NOTES,))
    if isinstance(opened.state, NeverOpened):
        raise Unknown
    state = opened.state
    return EmergencyAnswer(version=opened.version, opened=state.opened, overdue=state.overdue, review=state.review)


@emergencies.get(
    "/emergency-accesses/{emergency_id}/beneficiary", summary="Read the record that an emergency access opens", responses=OPENING
)
async def read_in_emergency(emergency_id: UUID4, asked: Annotated[Query, Depends(query("intake.read-in-emergency"))]) -> BeneficiaryAnswer:
    """Return the person's record to whoever opened the emergency access, within its sixty minutes."""
    access = await asked.open(EMERGENCY, emergency_id, holding=())
    beneficiary_id = opens(access.state, caller=asked.caller.sub, at=asked.now)
    person = await asked.open(PERSON, beneficiary_id, through=EMERGENCY.stream(emergency_id))
    return answer_of(beneficiary_id, person)


class EmergencyFilters(Asked):
    """Which emergency accesses to show; `review=overdue` are those that should have been reviewed."""

    review: ReviewStatus | None = None
    organisation: Annotated[Code | None, fastapi.Query(description="the organisation that opened it")] = None


def emergency_list(answers: Answers) -> APIRouter:
    """Return the route of the officer's queue, read from `answers`."""
    router = APIRouter(tags=["lists"])

    @router.get("/emergency-accesses", summary="List the emergency accesses")
    async def list_emergency_accesses(
        caller: Annotated[Caller, Depends(allow("intake.list-emergency-accesses"))],
        request: Request,
        response: Response,
        filters: Annotated[EmergencyFilters, fastapi.Query()],
    ) -> CountedPage[EmergencyRow]:
        """Return the emergency accesses of all organisations, by id, and how many there are."""
        wanted = emergencies_of(review=filters.review, organisation=filters.organisation, after=filters.after(UUID), limit=filters.limit)
        return Listing(request, response).page(
            await listed(answers.to(caller), EMERGENCIES, wanted),
            filters,
            key=lambda row: (row.emergency_id,),
            whose=lambda row: (row.beneficiary_id,),
        )

    return router
