"""Plans whose team has no second member, over HTTP: accepted by the person, confirmed by the lead's methodology contact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import UUID4, BaseModel, Field

from contracts.errors import Unknown
from contracts.pathways import (
    ActionPlanned,
    GoalDropped,
    GoalSet,
    NeedsAssessed,
    NetworkMapped,
    PlanDeclined,
    PlanProposed,
    PlanRevised,
    SituationRecorded,
)
from contracts.plans import PlanAccepted, PlanAgreed
from services._runtime.access.permission import nothing_under
from services._runtime.handling import Step
from services._runtime.ids import new_id
from services._runtime.web.bodies import CommandBody, Flag, Line
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.queries import Query, query
from services._runtime.web.validation import invalid_fields
from services.pathways.adapters.pathway_bodies import Language, PlanVersion
from services.pathways.app.teams import TEAM
from services.pathways.domain.confirming import AcceptPlan, ConfirmPlan
from services.pathways.domain.course import ProposedPlan
from services.pathways.domain.pathway import Open
from services.pathways.domain.team import HaveNoSecond

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from services._runtime.opening import Opened
    from services._runtime.store.port import StreamEvent
    from services.pathways.app.decider import PathwayDecider
    from services.pathways.domain.pathway import PathwayState
    from services.pathways.domain.working_days import WorkingDays

WAIT = 10
"""Working days after which an accepted plan runs although nobody confirmed it."""

_OF_THE_PLAN = (
    SituationRecorded,
    NetworkMapped,
    NeedsAssessed,
    GoalSet,
    GoalDropped,
    ActionPlanned,
    PlanProposed,
    PlanRevised,
    PlanAccepted,
)

_ANSWERED = frozenset(event.type_name for event in (PlanProposed, PlanRevised, PlanDeclined, PlanAgreed, PlanAccepted))

_TOLD = frozenset(event.type_name for event in _OF_THE_PLAN)


class PlanAcceptanceBody(CommandBody):
    """The person's agreement, where the team has nobody else who could confirm it."""

    plan_version: PlanVersion
    language: Language
    reads_language: Annotated[Flag, Field(description="whether the person reads that language; else a mediator is needed")]
    mediator: Annotated[Line | None, Field(description="who interpreted")] = None


class PlanConfirmationBody(CommandBody):
    """An accepted plan that the caller looked at."""

    plan_version: PlanVersion


class PlanFact(BaseModel):
    """One fact on which a plan rests, as it travels: nothing in it names anybody, and nothing of it is sealed."""

    type: str
    fields: dict[str, Any]


class PlanToConfirm(BaseModel):
    """A plan without the person: what it rests on, what it aims at, who takes which step."""

    pathway_id: UUID
    plan_version: int
    methodology_version: str
    facts: list[PlanFact]


def confirming_router(pathways: PathwayDecider, calendar: WorkingDays) -> APIRouter:
    """Return the endpoints."""
    router = APIRouter(prefix="/pathways/{pathway_id}", tags=["pathways"])

    @router.post("/plan-acceptances")
    async def accept_plan(
        pathway_id: UUID4, body: PlanAcceptanceBody, call: Annotated[Call, Depends(command("pathways.accept-plan"))]
    ) -> ReceiptBody:
        """Record the person's agreement where the team has no second member. Without any confirmation it runs in ten working days."""
        on = call.day(body)
        asked = AcceptPlan(
            plan_version=body.plan_version,
            on=on,
            runs_from=_runs_from(calendar, on),
            language=body.language,
            reads_language=body.reads_language,
            mediator=body.mediator,
        )
        state = (await call.read(pathways, pathway_id)).state
        return await call.execute(body, Step(pathways, pathway_id, asked, call.expected_version), *_no_second(state, asked))

    @router.post("/plan-confirmations")
    async def confirm_plan(
        pathway_id: UUID4, body: PlanConfirmationBody, call: Annotated[Call, Depends(command("pathways.confirm-plan"))]
    ) -> ReceiptBody:
        """Confirm a plan that its team could not, as the lead's methodology contact."""
        asked = ConfirmPlan(plan_version=body.plan_version, contact=call.caller.sub, on=call.day(body))
        awaits = _awaits((await call.read(pathways, pathway_id, classes=frozenset(), where=_accepted_last)).state)
        step = Step(pathways, pathway_id, asked, call.expected_version) if awaits else _like_none(pathways, pathway_id)
        return await call.execute(body, step, told=_TOLD)

    @router.get("/plan-to-confirm")
    async def read_plan(pathway_id: UUID4, asked: Annotated[Query, Depends(query("pathways.read-plan-to-confirm"))]) -> PlanToConfirm:
        """Return a plan that awaits a confirmation from outside of its team; nobody is named. ETag is the version to decide on."""
        return plan_to_confirm(await asked.open(pathways, pathway_id, holding=()))

    return router


def _runs_from(calendar: WorkingDays, accepted_on: date) -> date:
    """Return the day from which a plan runs that nobody confirms; raises the `validation` problem outside the calendar's years."""
    try:
        return calendar.after(accepted_on, WAIT)
    except KeyError:
        first, last = calendar.years
        raise invalid_fields({"body.occurred_on": f"a day within the years whose holidays are known, {first} to {last}"}) from None


def plan_to_confirm(opened: Opened[PathwayState]) -> PlanToConfirm:
    """Return the plan without the person; raises `Unknown` where none awaits a confirmation."""
    match opened.state:
        case Open(course) if isinstance(course.plan, ProposedPlan) and _awaits(opened.state):
            facts = [
                PlanFact(type=one.type_name, fields=one.model_dump(mode="json", exclude={*one.personal_fields, "beneficiary_id"}))
                for one in opened.events
                if isinstance(one, _OF_THE_PLAN)
            ]
            return PlanToConfirm(
                pathway_id=course.pathway_id, plan_version=course.plan.version, methodology_version=course.methodology, facts=facts
            )
        case _:
            raise Unknown


def _accepted_last(stored: Sequence[StreamEvent]) -> bool:
    """Tell by the types alone that nothing became of a plan since the person accepted it."""
    types = (one.recorded.envelope.type for one in reversed(stored))
    return next((one for one in types if one in _ANSWERED), None) == PlanAccepted.type_name


def _awaits(state: PathwayState) -> bool:
    """Tell whether the plan awaits a confirmation from outside of its team."""
    return isinstance(state, Open) and isinstance(state.course.plan, ProposedPlan) and state.course.plan.accepted is not None


def _like_none(pathways: PathwayDecider, pathway_id: UUID) -> Step:
    """Return the step for a pathway that is not the contact's to confirm: in words and in time it is as if there were none.

    So it goes to a pathway that is none; what was confirmed before is found by its request.
    """

    def refuse(_state: PathwayState) -> ConfirmPlan:
        raise Unknown(nothing_under(pathways.stream(pathway_id)))

    return Step(pathways, new_id(), refuse)


def _no_second(state: PathwayState, asked: AcceptPlan) -> tuple[Step, ...]:
    """Return the step that makes sure that the team, where there is one, has nobody but the plan's author."""
    if not isinstance(state, Open) or state.course.team is None or not isinstance(state.course.plan, ProposedPlan):
        return ()
    return (Step(TEAM, state.course.team, HaveNoSecond(author=state.course.plan.author, on=asked.on)),)
