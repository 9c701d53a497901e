"""What is given to a person, over HTTP: services, material support within its budget line, attendances of activities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends
from pydantic import UUID4

from services._runtime.handling import Step
from services._runtime.web.commands import Call, ReceiptBody, command
from services.pathways.adapters.support_bodies import AttendanceBody, PaymentBody, ReturnBody, ServiceBody, SupportBody
from services.pathways.app.budget_lines import counting_grant, counting_payment, counting_return
from services.pathways.domain.activity import AttendActivity
from services.pathways.domain.pathway import NotOpened

if TYPE_CHECKING:
    from uuid import UUID

    from services.pathways.app.activities import ActivityDecider
    from services.pathways.app.decider import PathwayDecider
    from services.pathways.domain.course import Grant


def support_router(pathways: PathwayDecider, activities: ActivityDecider) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix="/pathways/{pathway_id}", tags=["pathways"])

    @router.post("/services")
    async def deliver_service(
        pathway_id: UUID4, body: ServiceBody, call: Annotated[Call, Depends(command("pathways.deliver-service"))]
    ) -> ReceiptBody:
        """Record a service given to the person."""
        return await call.execute(body, Step(pathways, pathway_id, body.command(), call.expected_version))

    @router.post("/attendances")
    async def record_attendance(
        pathway_id: UUID4, body: AttendanceBody, call: Annotated[Call, Depends(command("pathways.record-attendance"))]
    ) -> ReceiptBody:
        """Record that the person was at an activity of the caller's organisation, or was expected and was not."""
        there = Step(activities, body.activity_id, AttendActivity(activity_id=body.activity_id, minutes=body.minutes))
        return await call.execute(body, Step(pathways, pathway_id, body.command(), call.expected_version), there)

    _material(router, pathways)
    return router


def _material(router: APIRouter, pathways: PathwayDecider) -> None:
    async def grant_of(call: Call, pathway_id: UUID, grant_id: UUID) -> Grant | None:
        state = (await call.read(pathways, pathway_id)).state
        return None if isinstance(state, NotOpened) else state.course.grants.get(grant_id)

    @router.post("/support")
    async def grant_support(
        pathway_id: UUID4, body: SupportBody, call: Annotated[Call, Depends(command("pathways.grant-support"))]
    ) -> ReceiptBody:
        """Grant material support against an open budget line of the caller's organisation, never more than its ceiling leaves."""
        asked = body.command()
        counted = counting_grant(asked, call.caller.organisation)
        return await call.execute(body, Step(pathways, pathway_id, asked, call.expected_version), counted)

    @router.post("/support-payments")
    async def pay_support(
        pathway_id: UUID4, body: PaymentBody, call: Annotated[Call, Depends(command("pathways.pay-support"))]
    ) -> ReceiptBody:
        """Record a payment of granted support, never more than is left of the grant."""
        asked, grant = body.command(), await grant_of(call, pathway_id, body.grant_id)
        counted = () if grant is None else (counting_payment(asked, grant),)
        return await call.execute(body, Step(pathways, pathway_id, asked, call.expected_version), *counted)

    @router.post("/support-returns")
    async def return_support(
        pathway_id: UUID4, body: ReturnBody, call: Annotated[Call, Depends(command("pathways.return-support"))]
    ) -> ReceiptBody:
        """Record that paid support came back, never more than was paid; its budget line has it again."""
        asked, grant = body.command(), await grant_of(call, pathway_id, body.grant_id)
        counted = () if grant is None else (counting_return(asked, grant),)
        return await call.execute(body, Step(pathways, pathway_id, asked, call.expected_version), *counted)
