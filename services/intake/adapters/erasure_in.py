"""The erasure of a person's personal data over HTTP: request, deferral, approval by a second person, and the certificate."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import UUID4

from services._runtime.handling import Step
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.erasing import (
    ErasureAnswer,
    ErasureApproval,
    ErasureDeferral,
    ErasureRequest,
    approving,
    deferring,
    erasure_answer,
    requesting,
)
from services._runtime.web.queries import Query, query
from services.intake.app.deciders import PERSON

router = APIRouter(tags=["erasure"])


@router.post("/beneficiaries/{beneficiary_id}/erasure-requests", summary="Request the erasure of the personal data")
async def request_erasure(
    beneficiary_id: UUID4, body: ErasureRequest, call: Annotated[Call, Depends(command("intake.request-erasure", person="beneficiary_id"))]
) -> ReceiptBody:
    """Begin an erasure; nothing is destroyed before a second person approves it."""
    return await call.execute(body, Step(PERSON, beneficiary_id, requesting(beneficiary_id, body, call), call.expected_version))


@router.post("/beneficiaries/{beneficiary_id}/erasure-deferrals", summary="Defer an erasure")
async def defer_erasure(
    beneficiary_id: UUID4, body: ErasureDeferral, call: Annotated[Call, Depends(command("intake.defer-erasure"))]
) -> ReceiptBody:
    """Keep the data up to a day, on a legal ground."""
    return await call.execute(body, Step(PERSON, beneficiary_id, deferring(beneficiary_id, body, call), call.expected_version))


@router.post("/beneficiaries/{beneficiary_id}/erasure-approval", summary="Approve an erasure")
async def approve_erasure(
    beneficiary_id: UUID4, body: ErasureApproval, call: Annotated[Call, Depends(command("intake.approve-erasure"))]
) -> ReceiptBody:
    """Have every service destroy what it holds; whoever entered the request may not."""
    return await call.execute(body, Step(PERSON, beneficiary_id, approving(beneficiary_id, body, call), call.expected_version))


@router.get("/beneficiaries/{beneficiary_id}/erasure", summary="Read how far an erasure is, and its certificate")
async def read_erasure(
    beneficiary_id: UUID4, asked: Annotated[Query, Depends(query("intake.read-erasure", person="beneficiary_id"))]
) -> ErasureAnswer:
    """Return what was requested, approved and acknowledged, when and by which events. Nothing of it is personal."""
    return erasure_answer(beneficiary_id, await asked.open(PERSON, beneficiary_id, holding=()))
