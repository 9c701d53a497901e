"""Commands over HTTP that say who a person is: before they are carried out, it is looked who may be the same person already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import UUID4

from services._runtime.handling import Step
from services._runtime.web.callers import count_record
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.disclosing import disclosure_of
from services._runtime.web.parts import web_of
from services._runtime.web.problems import Problem
from services.intake.adapters import bodies
from services.intake.adapters.duplicate_bodies import EnrolmentBody, SuspectedRecord, told_across
from services.intake.app.deciders import PERSON
from services.intake.domain.commands import CorrectIdentity, EnrolBeneficiary
from services.intake.domain.comparing import Known
from services.intake.domain.duplicate_decisions import DuplicateUndecided

if TYPE_CHECKING:
    from uuid import UUID

    from services.intake.domain.duplicate_commands import Candidate
    from services.intake.projections.duplicates import DuplicateFinder


def enrolling(finder: DuplicateFinder) -> APIRouter:
    """Return the routes of enrolment and of correcting an identity, which look for candidates by `finder`."""
    router = APIRouter(tags=["commands"])

    @router.post("/beneficiaries/{beneficiary_id}/enrolment", summary="Enrol a person")
    async def enrol(
        beneficiary_id: UUID4, body: EnrolmentBody, request: Request, call: Annotated[Call, Depends(command("intake.enrol"))]
    ) -> ReceiptBody:
        """Begin care; the privacy notice comes first. Who may be the same person must have been looked at: see /duplicate-searches."""
        told = EnrolBeneficiary(
            beneficiary_id=beneficiary_id,
            organisation=call.caller.organisation,
            territory=body.territory,
            municipality=body.municipality,
            identity=body.identity.identity(),
            contact=body.contact.details(),
            tax_code=body.tax_code,
            on=call.day(body),
            candidates=await candidates(finder, call, Known(body.identity.identity(), body.tax_code), beneficiary_id),
            considered=tuple(one.considered() for one in body.duplicates_considered),
        )
        try:
            return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))
        except DuplicateUndecided as refusal:
            raise _undecided(refusal, request, call) from None

    @router.post("/beneficiaries/{beneficiary_id}/identity-corrections", summary="Correct the identity")
    async def correct_identity(
        beneficiary_id: UUID4, body: bodies.IdentityCorrection, call: Annotated[Call, Depends(command("intake.correct-identity"))]
    ) -> ReceiptBody:
        """Restate the identity; what was recorded before stays in history. Who may be the same person now is suspected."""
        told = CorrectIdentity(
            beneficiary_id=beneficiary_id,
            identity=body.identity.identity(),
            reason=body.reason,
            on=call.day(body),
            candidates=await candidates(finder, call, Known(body.identity.identity()), beneficiary_id),
        )
        return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))

    return router


async def candidates(finder: DuplicateFinder, call: Call, asked: Known, person: UUID) -> tuple[Candidate, ...]:
    """Return who may be the person who is asked about, as far as the caller is told of them."""
    asking = call.caller.organisation
    found = await finder.find(asked, asking=asking, apart_from=person)
    return tuple(one.candidate for one in found if told_across(one.candidate, asking))


def _undecided(refusal: DuplicateUndecided, request: Request, call: Call) -> Problem:
    """Return the problem that tells of whom is to be decided: a command's answer that tells of others, and so a read that is recorded."""
    disclosure = disclosure_of(request)
    disclosure.begin(call.caller, "intake.enrol")
    for one in refusal.candidates:
        disclosure.ask(one.other)
        count_record(web_of(request), call.caller, one.other)
    told = [SuspectedRecord.of(one).model_dump(mode="json") for one in refusal.candidates]
    return Problem("refused", str(refusal), code=refusal.code, candidates=told)
