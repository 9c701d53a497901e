"""Commands to tutors over HTTP: from registration to retirement."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import UUID4

from services._runtime.handling import Step
from services._runtime.web.bodies import CommandBody
from services._runtime.web.commands import Call, ReceiptBody, command
from services.tutors.adapters import bodies
from services.tutors.app.deciders import TUTOR
from services.tutors.domain.tutor_commands import (
    ApproveTutor,
    ChangeAvailability,
    RecordInsurance,
    RecordInterview,
    RecordTraining,
    RecordVetting,
    RegisterTutor,
    RetireTutor,
    SuspendTutor,
    TutorCommand,
)

router = APIRouter(tags=["tutors"])


async def _tell(call: Call, body: CommandBody, tutor_id: UUID4, told: TutorCommand) -> ReceiptBody:
    return await call.execute(body, Step(TUTOR, tutor_id, told, call.expected_version))


@router.post("/tutors/{tutor_id}", summary="Register a tutor", status_code=201)
async def register(
    tutor_id: UUID4,
    body: bodies.Registration,
    call: Annotated[Call, Depends(command("tutors.register", needs="nothing"))],
) -> ReceiptBody:
    """Enter a volunteer in the register of the caller's organisation, under an id of the caller's choice."""
    told = RegisterTutor(
        tutor_id=tutor_id,
        kind=body.kind,
        organisation=call.caller.organisation,
        territory=body.territory,
        municipality=body.municipality,
        capacity=body.capacity,
        paid_staff=body.paid_staff,
        runts=body.runts,
        name=body.name,
        birth_date=body.birth_date,
        languages=body.languages,
        volunteers=body.volunteers,
        email=body.email,
        phone=body.phone,
    )
    # No expected version: an id that is taken is the decider's to refuse, in its own words.
    return await call.execute(body, Step(TUTOR, tutor_id, told))


@router.post("/tutors/{tutor_id}/interviews", summary="Record an interview")
async def interview(
    tutor_id: UUID4, body: bodies.Interview, call: Annotated[Call, Depends(command("tutors.record-interview"))]
) -> ReceiptBody:
    """Record that the organisation spoke with the tutor."""
    return await _tell(call, body, tutor_id, RecordInterview(notes=body.notes))


@router.post("/tutors/{tutor_id}/trainings", summary="Record a training")
async def train(tutor_id: UUID4, body: bodies.Training, call: Annotated[Call, Depends(command("tutors.record-training"))]) -> ReceiptBody:
    """Record a completed training of the shared methodology."""
    return await _tell(call, body, tutor_id, RecordTraining(course=body.course, hours=body.hours))


@router.post("/tutors/{tutor_id}/vettings", summary="Record a vetting")
async def vet(tutor_id: UUID4, body: bodies.Vetting, call: Annotated[Call, Depends(command("tutors.record-vetting"))]) -> ReceiptBody:
    """Record the check of suitability; a failed one ends a standing approval."""
    told = RecordVetting(on=call.day(body), outcome=body.outcome, valid_until=body.valid_until, notes=body.notes)
    return await _tell(call, body, tutor_id, told)


@router.post("/tutors/{tutor_id}/insurances", summary="Record an insurance")
async def insure(
    tutor_id: UUID4, body: bodies.Insurance, call: Annotated[Call, Depends(command("tutors.record-insurance"))]
) -> ReceiptBody:
    """Record a period in which the tutor is insured."""
    kept_by = body.kept_by or call.caller.organisation
    return await _tell(call, body, tutor_id, RecordInsurance(valid_from=body.valid_from, valid_until=body.valid_until, kept_by=kept_by))


@router.post("/tutors/{tutor_id}/approval", summary="Approve a tutor")
async def approve(tutor_id: UUID4, body: bodies.Approval, call: Annotated[Call, Depends(command("tutors.approve"))]) -> ReceiptBody:
    """Let the tutor be assigned; refused unless interviewed, trained, vetted and insured on that day."""
    return await _tell(call, body, tutor_id, ApproveTutor(on=call.day(body)))


@router.post("/tutors/{tutor_id}/availability", summary="Change a tutor's availability")
async def change_availability(
    tutor_id: UUID4, body: bodies.Availability, call: Annotated[Call, Depends(command("tutors.change-availability"))]
) -> ReceiptBody:
    """Change how many assignments the tutor takes, and whether new ones are welcome."""
    return await _tell(call, body, tutor_id, ChangeAvailability(capacity=body.capacity, available=body.available))


@router.post("/tutors/{tutor_id}/suspension", summary="Suspend a tutor")
async def suspend(tutor_id: UUID4, body: bodies.Suspension, call: Annotated[Call, Depends(command("tutors.suspend"))]) -> ReceiptBody:
    """Keep the tutor from new assignments until approved again."""
    return await _tell(call, body, tutor_id, SuspendTutor(reason=body.reason, notes=body.notes))


@router.post("/tutors/{tutor_id}/retirement", summary="Retire a tutor")
async def retire(tutor_id: UUID4, body: bodies.Retirement, call: Annotated[Call, Depends(command("tutors.retire"))]) -> ReceiptBody:
    """Take the tutor off the register; refused while an assignment runs."""
    return await _tell(call, body, tutor_id, RetireTutor(reason=body.reason, notes=body.notes))
