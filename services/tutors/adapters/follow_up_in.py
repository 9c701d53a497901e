"""Commands about the follow-up of tutors over HTTP: expenses and resolutions, the register's sections and volunteers, pauses."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import UUID4

from contracts.pathway_values import Evidence
from contracts.tutor_follow_up_codes import ExpenseProof
from services._runtime.clock import day_of
from services._runtime.handling import Step
from services._runtime.web.bodies import CommandBody
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.queries import Query, query
from services.tutors.adapters import follow_up_bodies as bodies
from services.tutors.adapters.follow_up_answers import ResolutionsAnswer, resolutions_answer
from services.tutors.app.deciders import ASSIGNMENT, REGISTER, TUTOR, register_of
from services.tutors.app.steps import releasing
from services.tutors.domain.follow_up_commands import (
    AdoptResolution,
    ChooseSection,
    DeclareExpense,
    FollowUpCommand,
    NameVolunteer,
    PauseSilence,
    ReleaseVolunteer,
    RelyOnResolution,
    ResumeSilence,
    RevokeResolution,
    WithdrawExpense,
)
from services.tutors.domain.tutor_state import Unregistered

router = APIRouter(tags=["follow-up"])


async def _tell(call: Call, body: CommandBody, tutor_id: UUID4, told: FollowUpCommand) -> ReceiptBody:
    return await call.execute(body, Step(TUTOR, tutor_id, told, call.expected_version))


@router.post("/tutors/{tutor_id}/expenses", summary="Declare an expense")
async def declare_expense(
    tutor_id: UUID4, body: bodies.ExpenseEntry, call: Annotated[Call, Depends(command("tutors.declare-expense"))]
) -> ReceiptBody:
    """Declare what a volunteer spent on a day: documented, or self-declared within the limits and under a resolution; never a flat sum."""
    spent_on, register_id = call.day(body), register_of(call.caller.organisation)
    self_declared = body.proof is ExpenseProof.SELF_DECLARED
    standing = (await call.read(REGISTER, register_id)).state.resolution(body.kind, spent_on) if self_declared else None
    told = DeclareExpense(
        expense_id=body.expense_id,
        kind=body.kind,
        proof=body.proof,
        amount_cents=body.amount_cents,
        spent_on=spent_on,
        today=day_of(call.now),
        assignment_id=body.assignment_id,
        volunteer_id=body.volunteer_id,
        resolution_id=standing,
        receipt=None if body.receipt is None else Evidence(**body.receipt.model_dump()),
        notes=body.notes,
    )
    declared = Step(TUTOR, tutor_id, told, call.expected_version)
    # The resolution must stand when the expense is stored, not only when it was looked for.
    relied = (Step(REGISTER, register_id, RelyOnResolution(kind=body.kind, on=spent_on)),) if self_declared else ()
    return await call.execute(body, declared, *relied)


@router.post("/tutors/{tutor_id}/expense-withdrawals", summary="Withdraw an expense")
async def withdraw_expense(
    tutor_id: UUID4, body: bodies.ExpenseWithdrawal, call: Annotated[Call, Depends(command("tutors.withdraw-expense"))]
) -> ReceiptBody:
    """Say that a declared expense does not stand; the entry stays in the history, and counts towards no limit."""
    return await _tell(call, body, tutor_id, WithdrawExpense(expense_id=body.expense_id, reason=body.reason))


@router.post("/expense-resolutions/{resolution_id}", summary="Record a resolution on expenses", status_code=201)
async def adopt_resolution(
    resolution_id: UUID4,
    body: bodies.ResolutionEntry,
    call: Annotated[Call, Depends(command("tutors.adopt-resolution", needs="nothing"))],
) -> ReceiptBody:
    """Record for which kinds of expense the organisation's body lets a volunteer's own declaration suffice."""
    told = AdoptResolution(
        organisation=call.caller.organisation,
        resolution_id=resolution_id,
        body=body.body,
        adopted_on=call.day(body),
        kinds=body.kinds,
        minutes=body.minutes,
        sha256=body.sha256,
    )
    # No expected version: an id that is taken is the decider's to refuse, in its own words.
    return await call.execute(body, Step(REGISTER, register_of(call.caller.organisation), told))


@router.post("/expense-resolutions/{resolution_id}/revocation", summary="Record the end of a resolution")
async def revoke_resolution(
    resolution_id: UUID4, body: bodies.Revocation, call: Annotated[Call, Depends(command("tutors.revoke-resolution"))]
) -> ReceiptBody:
    """Record that a resolution holds no longer; what was declared under it stands."""
    told = RevokeResolution(resolution_id=resolution_id, revoked_on=call.day(body))
    return await call.execute(body, Step(REGISTER, register_of(call.caller.organisation), told, call.expected_version))


@router.get("/expense-resolutions", summary="Read the resolutions on expenses")
async def read_resolutions(asked: Annotated[Query, Depends(query("tutors.read-resolutions"))]) -> ResolutionsAnswer:
    """Return what the organisation resolved; ETag is the version to decide on."""
    return resolutions_answer((await asked.open(REGISTER, register_of(asked.caller.organisation), holding=())).state)


@router.post("/tutors/{tutor_id}/register-section", summary="Choose the section of the register")
async def choose_section(
    tutor_id: UUID4, body: bodies.SectionChoice, call: Annotated[Call, Depends(command("tutors.choose-section"))]
) -> ReceiptBody:
    """Put the tutor into the ordinary or the occasional section of the register."""
    return await _tell(call, body, tutor_id, ChooseSection(section=body.section, since=call.day(body)))


@router.post("/tutors/{tutor_id}/volunteers", summary="Name a volunteer")
async def name_volunteer(
    tutor_id: UUID4, body: bodies.VolunteerEntry, call: Annotated[Call, Depends(command("tutors.name-volunteer"))]
) -> ReceiptBody:
    """Enter somebody who volunteers with a group or an association."""
    told = NameVolunteer(
        volunteer_id=body.volunteer_id, section=body.section, since=call.day(body), name=body.name, birth_date=body.birth_date
    )
    return await _tell(call, body, tutor_id, told)


@router.post("/tutors/{tutor_id}/volunteer-departures", summary="Record a volunteer's leaving")
async def release_volunteer(
    tutor_id: UUID4, body: bodies.VolunteerDeparture, call: Annotated[Call, Depends(command("tutors.release-volunteer"))]
) -> ReceiptBody:
    """Record that a named volunteer is with the group or association no longer, nor beside anybody by its assignments."""
    told = ReleaseVolunteer(volunteer_id=body.volunteer_id, until=call.day(body))
    tutor = (await call.read(TUTOR, tutor_id)).state.held
    running = () if isinstance(tutor, Unregistered) else tutor.facts.taken
    return await call.execute(body, *releasing(tutor_id, told, running, version=call.expected_version))


@router.post("/assignments/{assignment_id}/silence-pauses", summary="Pause the clocks of silence")
async def pause_silence(
    assignment_id: UUID4, body: bodies.PauseEntry, call: Annotated[Call, Depends(command("tutors.pause-silence"))]
) -> ReceiptBody:
    """Let the clocks of contact, meeting and escalation stand still for a reason; on the day after, they begin anew."""
    told = PauseSilence(paused_from=body.paused_from, paused_until=body.paused_until, reason=body.reason, notes=body.notes)
    return await call.execute(body, Step(ASSIGNMENT, assignment_id, told, call.expected_version))


@router.post("/assignments/{assignment_id}/silence-resumptions", summary="End a pause")
async def resume_silence(
    assignment_id: UUID4, body: bodies.Resumption, call: Annotated[Call, Depends(command("tutors.resume-silence"))]
) -> ReceiptBody:
    """End a pause before its last day."""
    return await call.execute(body, Step(ASSIGNMENT, assignment_id, ResumeSilence(resumed_on=call.day(body)), call.expected_version))
