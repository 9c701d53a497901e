"""A person's other names over HTTP: recorded, once it is looked who is like them under that name, and taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends
from pydantic import UUID4

from contracts.intake_codes import AliasFault, AliasKind
from services._runtime.handling import Step
from services._runtime.web.bodies import CommandBody, Line
from services._runtime.web.commands import Call, ReceiptBody, command
from services.intake.adapters.enrolling_in import candidates
from services.intake.app.deciders import PERSON
from services.intake.domain.alias_commands import RecordAlias, RetractAlias
from services.intake.domain.aliases import whole
from services.intake.domain.comparing import Known
from services.intake.domain.person import InCare

if TYPE_CHECKING:
    from services.intake.domain.duplicate_commands import Candidate
    from services.intake.projections.duplicates import DuplicateFinder


class AliasBody(CommandBody):
    """Another name of the person: given names, a family name, or both, in any script."""

    alias_id: UUID4
    kind: AliasKind
    given_names: Line | None = None
    family_name: Line | None = None


class AliasRetractionBody(CommandBody):
    """Why the name is taken back."""

    reason_code: AliasFault


def alias_commands(finder: DuplicateFinder) -> APIRouter:
    """Return the routes of other names; who is like the person under a new one is looked for by `finder`."""
    router = APIRouter(tags=["commands"])

    @router.post("/beneficiaries/{beneficiary_id}/aliases", summary="Record another name of a person")
    async def record_alias(
        beneficiary_id: UUID4, body: AliasBody, call: Annotated[Call, Depends(command("intake.record-alias"))]
    ) -> ReceiptBody:
        """Have the person found and compared under this name, too. Who may be the same person by it is suspected."""
        told = RecordAlias(
            beneficiary_id=beneficiary_id,
            alias_id=body.alias_id,
            kind=body.kind,
            given_names=body.given_names,
            family_name=body.family_name,
        )
        told = replace(told, candidates=await _alike(finder, call, told))
        return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))

    @router.post("/beneficiaries/{beneficiary_id}/aliases/{alias_id}/retraction", summary="Take another name of a person back")
    async def retract_alias(
        beneficiary_id: UUID4, alias_id: UUID4, body: AliasRetractionBody, call: Annotated[Call, Depends(command("intake.retract-alias"))]
    ) -> ReceiptBody:
        """Have the person found and compared under this name no more; that it was recorded stays in history."""
        told = RetractAlias(beneficiary_id=beneficiary_id, alias_id=alias_id, reason_code=body.reason_code)
        return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))

    return router


async def _alike(finder: DuplicateFinder, call: Call, told: RecordAlias) -> tuple[Candidate, ...]:
    """Return who is like the person, were this their name; of whom nothing can be recorded, nobody is like them."""
    state = (await call.read(PERSON, told.beneficiary_id)).state.held
    if not isinstance(state, InCare):
        return ()
    identity = state.record.identity
    given_names, family_name = whole(told, identity)
    named = replace(identity, given_names=given_names, family_name=family_name)
    return await candidates(finder, call, Known(named, state.record.tax_code), told.beneficiary_id)
