"""A document's renewal over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import UUID4, Field

from services._runtime.handling import Step
from services._runtime.web.bodies import CommandBody, Day, Line
from services._runtime.web.commands import Call, ReceiptBody, command
from services.intake.app.deciders import PERSON
from services.intake.domain.document_commands import RequestRenewal


class RenewalRequest(CommandBody):
    """The renewal that was asked for, as its receipt says."""

    receipt_on: Annotated[Day | None, Field(description="the day that the receipt bears")] = None
    receipt_number: Line | None = None


router = APIRouter(tags=["commands"])


@router.post("/beneficiaries/{beneficiary_id}/documents/{document_id}/renewal-requests", summary="Record that a renewal is pending")
async def request_renewal(
    beneficiary_id: UUID4,
    document_id: UUID4,
    body: RenewalRequest,
    call: Annotated[Call, Depends(command("intake.request-renewal"))],
) -> ReceiptBody:
    """Say that the document's renewal was asked for. The renewed one is recorded under the same id, and takes its place."""
    told = RequestRenewal(
        beneficiary_id=beneficiary_id, document_id=document_id, receipt_on=body.receipt_on, receipt_number=body.receipt_number
    )
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))
