"""Who follows a tutor, over HTTP: supervisors enrolled and named, their absences, and the two lists that tell of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import fastapi
from fastapi import APIRouter, Depends, Request, Response
from pydantic import UUID4

from services._runtime.clock import day_of
from services._runtime.handling import Step
from services._runtime.projecting.lists import listed
from services._runtime.web.callers import allow
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.identity import Caller
from services._runtime.web.lists import Asked, AskedBetween, CountedPage, Listing
from services.tutors.adapters import follow_up_bodies as bodies
from services.tutors.adapters.follow_up_answers import AbsenceItem, SupervisedItem
from services.tutors.app.deciders import SUPERVISOR, TUTOR, supervisor_of
from services.tutors.app.supervising import entrusting, leaving
from services.tutors.domain.follow_up_commands import EnrolSupervisor, RecordAbsence
from services.tutors.domain.tutor_state import Unregistered
from services.tutors.projections.supervision import SUPERVISED_TUTORS, SUPERVISOR_ABSENCES, absences_of, supervised_by

if TYPE_CHECKING:
    from services._runtime.projecting.port import Answers

Named = Annotated[str | None, fastapi.Query(pattern=r"^[\x21-\x7e]{1,128}$", description="a coordinator's pseudonym")]

router = APIRouter(tags=["supervisors"])


@router.post("/supervisors", summary="Enrol a supervisor", status_code=201)
async def enrol_supervisor(
    body: bodies.Enrolment, call: Annotated[Call, Depends(command("tutors.enrol-supervisor", needs="nothing"))]
) -> ReceiptBody:
    """Let a coordinator of the caller's organisation follow tutors."""
    organisation = call.caller.organisation
    told = EnrolSupervisor(organisation=organisation, supervisor=body.supervisor)
    return await call.execute(body, Step(SUPERVISOR, supervisor_of(organisation, body.supervisor), told))


@router.post("/tutors/{tutor_id}/supervisor", summary="Name a tutor's supervisor")
async def name_supervisor(
    tutor_id: UUID4,
    body: bodies.SupervisorNaming,
    call: Annotated[Call, Depends(command("tutors.name-supervisor"))],
) -> ReceiptBody:
    """Say which coordinator follows the tutor; refused for one who is away, or whom nobody enrolled."""
    state = (await call.read(TUTOR, tutor_id)).state.held
    steps = entrusting(
        tutor_id,
        None if isinstance(state, Unregistered) else state.facts.follow_up.regular,
        body.supervisor,
        organisation=call.caller.organisation,
        on=call.day(body),
        version=call.expected_version,
    )
    return await call.execute(body, *steps)


@router.post("/supervisor-absences/{absence_id}", summary="Record a supervisor's absence", status_code=201)
async def record_absence(
    absence_id: UUID4,
    body: bodies.AbsenceEntry,
    call: Annotated[Call, Depends(command("tutors.record-absence", needs="nothing"))],
) -> ReceiptBody:
    """Record who is away and who stands in: on the first day all their tutors pass to whoever stands in, and back after the last.

    Refused where whoever is to stand in is away on any of these days, or nobody enrolled them.
    """
    told = RecordAbsence(
        absence_id=absence_id,
        absent_from=body.absent_from,
        absent_until=body.absent_until,
        substitute=body.substitute,
        today=day_of(call.now),
    )
    # No expected version: an absence is decided on the days, whatever else was recorded of the two meanwhile.
    return await call.execute(body, *leaving(body.supervisor, told, organisation=call.caller.organisation))


class SupervisedFilters(Asked):
    """Which tutors to show."""

    supervisor: Named = None


class AbsenceFilters(AskedBetween):
    """Which absences to show, by the day on which each begins."""

    supervisor: Named = None


def supervision_lists(answers: Answers) -> APIRouter:
    """Return the routes of the lists, read from `answers`."""
    lists = APIRouter(tags=["lists"])

    @lists.get("/supervised-tutors", summary="List tutors and who follows them")
    async def list_supervised(
        caller: Annotated[Caller, Depends(allow("tutors.read"))],
        request: Request,
        response: Response,
        asked: Annotated[SupervisedFilters, fastapi.Query()],
    ) -> CountedPage[SupervisedItem]:
        """Return the organisation's tutors whom somebody follows, by id: who was named, and who follows them now."""
        wanted = supervised_by(caller.organisation, asked.supervisor, after=asked.after(UUID), limit=asked.limit)
        return Listing(request, response).page(
            await listed(answers.to(caller), SUPERVISED_TUTORS, wanted),
            asked,
            key=lambda row: (row.tutor_id,),
            whose=lambda row: (row.tutor_id,),
            item=SupervisedItem.model_validate,
        )

    @lists.get("/supervisor-absences", summary="List absences of supervisors")
    async def list_absences(
        caller: Annotated[Caller, Depends(allow("tutors.read"))],
        request: Request,
        response: Response,
        asked: Annotated[AbsenceFilters, fastapi.Query()],
    ) -> CountedPage[AbsenceItem]:
        """Return the organisation's absences, the earliest first. Why somebody is away is recorded nowhere."""
        after = asked.after(date, UUID)
        wanted = absences_of(caller.organisation, asked.supervisor, since=asked.since, until=asked.until, after=after, limit=asked.limit)
        return Listing(request, response).page(
            await listed(answers.to(caller), SUPERVISOR_ABSENCES, wanted),
            asked,
            key=lambda row: (row.absent_from, row.absence_id),
            whose=lambda _row: (),
            item=AbsenceItem.model_validate,
        )

    return lists
