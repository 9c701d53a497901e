"""The pathways service over HTTP: every command on a pathway is a POST with its idempotency key and the version decided on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends
from pydantic import UUID4

from services._runtime.handling import Step
from services._runtime.web.commands import Call, ReceiptBody, command
from services.pathways.adapters.measuring_bodies import AssessmentBody, NetworkMapBody, SituationsBody
from services.pathways.adapters.pathway_bodies import (
    ActionBody,
    ActionDoneBody,
    ContactBody,
    GoalBody,
    GoalDropBody,
    MilestoneBody,
    MilestoneRetractionBody,
    NoteBody,
    PlanAgreementBody,
    PlanProposalBody,
    PlanRefusalBody,
    ResumptionBody,
    ReviewBody,
    SuspensionBody,
)
from services.pathways.domain.commands import LoseContact, PathwayCommand, RegainContact, ResumePathway

if TYPE_CHECKING:
    from uuid import UUID

    from services._runtime.web.bodies import CommandBody
    from services.pathways.app.decider import PathwayDecider

    Take = Callable[[UUID, CommandBody, Call, PathwayCommand], Awaitable[ReceiptBody]]


def command_router(pathways: PathwayDecider) -> APIRouter:
    """Return the endpoints of all commands on a pathway. A pathway is opened and closed by enrolment and exit, not here."""
    router = APIRouter(prefix="/pathways/{pathway_id}", tags=["pathways"])

    async def take(pathway_id: UUID, body: CommandBody, call: Call, asked: PathwayCommand) -> ReceiptBody:
        return await call.execute(body, Step(pathways, pathway_id, asked, call.expected_version))

    _measuring(router, take)
    _aims(router, take)
    _plan(router, take)
    _milestones(router, take)
    _keeping(router, take)
    return router


def _measuring(router: APIRouter, take: Take) -> None:
    @router.post("/situations")
    async def record_situations(
        pathway_id: UUID4, body: SituationsBody, call: Annotated[Call, Depends(command("pathways.record-situations"))]
    ) -> ReceiptBody:
        """Record how the person stands, at baseline, on a change, or at exit."""
        return await take(pathway_id, body, call, body.command())

    @router.post("/network-maps")
    async def map_network(
        pathway_id: UUID4, body: NetworkMapBody, call: Annotated[Call, Depends(command("pathways.map-network"))]
    ) -> ReceiptBody:
        """Record the person's connections, counted by kind and strength."""
        return await take(pathway_id, body, call, body.command())

    @router.post("/assessments")
    async def assess_needs(
        pathway_id: UUID4, body: AssessmentBody, call: Annotated[Call, Depends(command("pathways.assess-needs"))]
    ) -> ReceiptBody:
        """Record one respondent's answers to an instrument of the methodology."""
        return await take(pathway_id, body, call, body.command())


def _aims(router: APIRouter, take: Take) -> None:
    @router.post("/goals")
    async def set_goal(pathway_id: UUID4, body: GoalBody, call: Annotated[Call, Depends(command("pathways.set-goal"))]) -> ReceiptBody:
        """Set a goal in an area."""
        return await take(pathway_id, body, call, body.command())

    @router.post("/goal-drops")
    async def drop_goal(
        pathway_id: UUID4, body: GoalDropBody, call: Annotated[Call, Depends(command("pathways.drop-goal"))]
    ) -> ReceiptBody:
        """Pursue a goal no longer."""
        return await take(pathway_id, body, call, body.command())

    @router.post("/actions")
    async def plan_action(
        pathway_id: UUID4, body: ActionBody, call: Annotated[Call, Depends(command("pathways.plan-action"))]
    ) -> ReceiptBody:
        """Plan a step towards a goal."""
        return await take(pathway_id, body, call, body.command())

    @router.post("/actions-done")
    async def complete_action(
        pathway_id: UUID4, body: ActionDoneBody, call: Annotated[Call, Depends(command("pathways.complete-action"))]
    ) -> ReceiptBody:
        """Record that a planned step was taken."""
        return await take(pathway_id, body, call, body.command())


def _plan(router: APIRouter, take: Take) -> None:
    @router.post("/plan-proposals")
    async def propose_plan(
        pathway_id: UUID4, body: PlanProposalBody, call: Annotated[Call, Depends(command("pathways.propose-plan"))]
    ) -> ReceiptBody:
        """Put a plan, or a revision of the agreed one, before the person; the caller is its author."""
        return await take(pathway_id, body, call, body.command(author=call.caller.sub))

    @router.post("/plan-agreements")
    async def agree_plan(
        pathway_id: UUID4, body: PlanAgreementBody, call: Annotated[Call, Depends(command("pathways.agree-plan"))]
    ) -> ReceiptBody:
        """Record the person's agreement; the caller is a second member of the team, not the author."""
        return await take(pathway_id, body, call, body.command(second_member=call.caller.sub, on=call.day(body)))

    @router.post("/plan-refusals")
    async def decline_plan(
        pathway_id: UUID4, body: PlanRefusalBody, call: Annotated[Call, Depends(command("pathways.decline-plan"))]
    ) -> ReceiptBody:
        """Record that the person declined the proposed plan."""
        return await take(pathway_id, body, call, body.command())

    @router.post("/reviews")
    async def review_pathway(
        pathway_id: UUID4, body: ReviewBody, call: Annotated[Call, Depends(command("pathways.review"))]
    ) -> ReceiptBody:
        """Record a review of the agreed plan, held on `occurred_on`; the next one is due an interval later."""
        return await take(pathway_id, body, call, body.command(on=call.day(body)))


def _milestones(router: APIRouter, take: Take) -> None:
    @router.post("/milestones")
    async def reach_milestone(
        pathway_id: UUID4, body: MilestoneBody, call: Annotated[Call, Depends(command("pathways.reach-milestone"))]
    ) -> ReceiptBody:
        """Record a milestone of the catalogue, reached on `occurred_on`, with the reference of its evidence."""
        return await take(pathway_id, body, call, body.command())

    @router.post("/milestone-retractions")
    async def retract_milestone(
        pathway_id: UUID4,
        body: MilestoneRetractionBody,
        call: Annotated[Call, Depends(command("pathways.retract-milestone"))],
    ) -> ReceiptBody:
        """Take a wrongly recorded milestone back; it counts no longer, and its record stays."""
        return await take(pathway_id, body, call, body.command())


def _keeping(router: APIRouter, take: Take) -> None:
    @router.post("/contact-lost")
    async def lose_contact(
        pathway_id: UUID4, body: ContactBody, call: Annotated[Call, Depends(command("pathways.lose-contact"))]
    ) -> ReceiptBody:
        """Record that the person cannot be reached."""
        return await take(pathway_id, body, call, LoseContact(notes=body.notes))

    @router.post("/contact-regained")
    async def regain_contact(
        pathway_id: UUID4, body: ContactBody, call: Annotated[Call, Depends(command("pathways.regain-contact"))]
    ) -> ReceiptBody:
        """Record that the person was reached again."""
        return await take(pathway_id, body, call, RegainContact(notes=body.notes))

    @router.post("/notes")
    async def add_note(pathway_id: UUID4, body: NoteBody, call: Annotated[Call, Depends(command("pathways.add-note"))]) -> ReceiptBody:
        """Add a note to the person's file."""
        return await take(pathway_id, body, call, body.command())

    @router.post("/suspension")
    async def suspend_pathway(
        pathway_id: UUID4, body: SuspensionBody, call: Annotated[Call, Depends(command("pathways.suspend"))]
    ) -> ReceiptBody:
        """Let the pathway rest: until it is resumed it takes only notes and facts of contact."""
        return await take(pathway_id, body, call, body.command())

    @router.post("/resumption")
    async def resume_pathway(
        pathway_id: UUID4, body: ResumptionBody, call: Annotated[Call, Depends(command("pathways.resume"))]
    ) -> ReceiptBody:
        """Go on with a suspended pathway."""
        return await take(pathway_id, body, call, ResumePathway(on=call.day(body)))
