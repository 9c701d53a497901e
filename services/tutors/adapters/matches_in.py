"""Commands about matches over HTTP: what both sides wish, and whether a proposal is accepted or declined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends
from pydantic import UUID4

from services._runtime.handling import Step
from services._runtime.web.commands import Call, ReceiptBody, command
from services.tutors.adapters import matching_bodies as bodies
from services.tutors.app.deciders import REQUEST, TUTOR
from services.tutors.domain.matching_commands import AcceptMatch, DeclineMatch, DescribeOffer, DescribeWish
from services.tutors.domain.tutor_request_state import Met, Open
from services.tutors.domain.tutor_state import Unregistered

if TYPE_CHECKING:
    from services.tutors.domain.tutor_state import Facts

router = APIRouter(tags=["matching"])


@router.post("/tutors/{tutor_id}/offer", summary="Describe what a tutor brings")
async def describe_offer(
    tutor_id: UUID4, body: bodies.Description, call: Annotated[Call, Depends(command("tutors.describe-offer"))]
) -> ReceiptBody:
    """Say what a tutor brings and wishes; languages and municipality are the registration's where they are left out."""
    return await call.execute(body, Step(TUTOR, tutor_id, DescribeOffer(body.traits()), call.expected_version))


@router.post("/tutor-requests/{request_id}/wish", summary="Describe whom a person wishes for")
async def describe_wish(
    request_id: UUID4, body: bodies.Description, call: Annotated[Call, Depends(command("tutors.describe-wish"))]
) -> ReceiptBody:
    """Say what an open request is to be matched by."""
    return await call.execute(body, Step(REQUEST, request_id, DescribeWish(body.traits()), call.expected_version))


@router.post("/tutor-requests/{request_id}/match-acceptance", summary="Accept a match")
async def accept(request_id: UUID4, body: bodies.Acceptance, call: Annotated[Call, Depends(command("tutors.accept-match"))]) -> ReceiptBody:
    """Record that one of the two accepted after their first meeting, on which the tutor was insured."""
    tutor = await _tutor_who_stands(call, request_id)
    told = AcceptMatch(
        by=body.by,
        first_meeting_on=body.first_meeting_on,
        on=call.day(body),
        insured=tutor is not None and tutor.insured_until(body.first_meeting_on) is not None,
    )
    return await call.execute(body, Step(REQUEST, request_id, told, call.expected_version))


@router.post("/tutor-requests/{request_id}/match-refusal", summary="Decline a match")
async def decline(
    request_id: UUID4, body: bodies.MatchRefusal, call: Annotated[Call, Depends(command("tutors.decline-match"))]
) -> ReceiptBody:
    """Record who declined the match that stands, and why; the pair is not proposed again while the reason holds."""
    tutor = await _tutor_who_stands(call, request_id)
    told = DeclineMatch(
        by=body.by,
        reason=body.reason,
        on=call.day(body),
        availability=0 if tutor is None else tutor.availability_changes,
        until=body.until,
        notes=body.notes,
    )
    return await call.execute(body, Step(REQUEST, request_id, told, call.expected_version))


async def _tutor_who_stands(call: Call, request_id: UUID4) -> Facts | None:
    """Return what is known of the tutor whose match stands at this moment; an append on a later state is refused by its version."""
    request = (await call.read(REQUEST, request_id)).state
    if not isinstance(request, Open | Met) or request.talks.standing is None:
        return None
    tutor = (await call.read(TUTOR, request.talks.standing.tutor_id)).state.held
    return None if isinstance(tutor, Unregistered) else tutor.facts
