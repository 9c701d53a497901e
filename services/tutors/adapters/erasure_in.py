"""The erasure of a tutor's personal data over HTTP: request, deferral, approval by a second person, and the certificate."""

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
from services.tutors.app.deciders import TUTOR
from services.tutors.app.retention import held_until

router = APIRouter(tags=["erasure"])


@router.post("/tutors/{tutor_id}/erasure-requests", summary="Request the erasure of the personal data")
async def request_erasure(
    tutor_id: UUID4, body: ErasureRequest, call: Annotated[Call, Depends(command("tutors.request-erasure"))]
) -> ReceiptBody:
    """Begin an erasure; nothing is destroyed before a second person approves it."""
    return await call.execute(body, Step(TUTOR, tutor_id, requesting(tutor_id, body, call), call.expected_version))


@router.post("/tutors/{tutor_id}/erasure-deferrals", summary="Defer an erasure")
async def defer_erasure(
    tutor_id: UUID4, body: ErasureDeferral, call: Annotated[Call, Depends(command("tutors.defer-erasure"))]
) -> ReceiptBody:
    """Keep the data up to a day, on a legal ground."""
    return await call.execute(body, Step(TUTOR, tutor_id, deferring(tutor_id, body, call), call.expected_version))


@router.post("/tutors/{tutor_id}/erasure-approval", summary="Approve an erasure")
async def approve_erasure(
    tutor_id: UUID4, body: ErasureApproval, call: Annotated[Call, Depends(command("tutors.approve-erasure"))]
) -> ReceiptBody:
    """Have every service destroy what it holds; whoever entered the request may not."""
    # Version by version: what is read here is what is decided on, or the command is stale.
    opened = await call.read(TUTOR, tutor_id)
    told = approving(tutor_id, body, call, held_until=held_until(opened))
    return await call.execute(body, Step(TUTOR, tutor_id, told, call.expected_version))


@router.get("/tutors/{tutor_id}/erasure", summary="Read how far an erasure is, and its certificate")
async def read_erasure(tutor_id: UUID4, asked: Annotated[Query, Depends(query("tutors.read-erasure"))]) -> ErasureAnswer:
    """Return what was requested, approved and acknowledged, when and by which events. Nothing of it is personal."""
    return erasure_answer(tutor_id, await asked.open(TUTOR, tutor_id, holding=()))
