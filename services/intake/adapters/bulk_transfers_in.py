"""Transfers of a whole caseload over HTTP: looked at first, person by person, then asked for, person by person, as often as it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import UUID4, BaseModel, Field, model_validator

from contracts.errors import Refusal, Unknown
from services._runtime.access.permission import nothing_under
from services._runtime.clock import day_of
from services._runtime.handling import Step
from services._runtime.ids import derived_id, new_id
from services._runtime.web.commands import Call, command
from services._runtime.web.disclosing import disclosure_of
from services._runtime.web.queries import Query, query
from services.intake.adapters.transfers_in import TransferTarget, asking
from services.intake.app.deciders import PERSON
from services.intake.domain.person import Unrecorded
from services.intake.projections.caseload import CASELOAD, CareStatus, caseload_of

if TYPE_CHECKING:
    from services._runtime.access.deciding import Principal
    from services._runtime.erasing.erasable import Erasable
    from services._runtime.projecting.port import Answers
    from services.intake.domain.person import Person
    from services.intake.domain.transfer import RequestTransfer

MOST = 500
"""Persons that one request moves at most: more than any organisation's part of the programme."""


class BulkTransfer(TransferTarget):
    """Whom to transfer: these persons, the members of a household who are in the organisation's care, or everybody in its care."""

    beneficiary_ids: Annotated[
        tuple[UUID4, ...] | None, Field(max_length=MOST, description="whom; everybody in the organisation's care if absent")
    ] = None
    household_id: Annotated[UUID4 | None, Field(description="whose members, instead; each is answered by itself")] = None

    @model_validator(mode="after")
    def _either(self) -> Self:
        if self.household_id is not None and self.beneficiary_ids is not None:
            raise ValueError("either beneficiary_ids or household_id")
        return self


class PersonOutcome(BaseModel):
    """What becomes of one person's transfer. Where it is refused, `code` and `detail` say why, as for a single request."""

    beneficiary_id: UUID
    refused: bool
    code: str | None = None
    detail: str | None = None


class TransferPreview(BaseModel):
    """What would become of each person's transfer, as things are now."""

    items: list[PersonOutcome]
    moving: int
    refused: int


class RequestedTransfer(PersonOutcome):
    """What became of one person's transfer: `version` is that of their stream since."""

    transfer_id: UUID | None = None
    version: int | None = None


class BulkReceipt(BaseModel):
    """What became of each person's transfer. Each was stored by itself; the same request again goes on where this one ended."""

    items: list[RequestedTransfer]
    requested: int
    refused: int


def bulk_transfers(answers: Answers) -> APIRouter:
    """Return the routes; a whole caseload is looked up in `answers`."""
    router = APIRouter(tags=["transfers"])

    @router.post("/transfer-previews", summary="See which transfers of a caseload would be refused")
    async def preview_transfers(
        body: BulkTransfer, request: Request, asked: Annotated[Query, Depends(query("intake.preview-transfers"))]
    ) -> TransferPreview:
        """Return, person by person, whether a transfer could be asked for now, and why not. Nothing is stored."""
        disclosure_of(request).tell(())
        items = [await _previewed(asked, body, each) for each in await _whom(answers, asked.caller, body)]
        refused = sum(each.refused for each in items)
        return TransferPreview(items=items, moving=len(items) - refused, refused=refused)

    @router.post("/bulk-transfers", summary="Ask another organisation to take a caseload over")
    async def request_transfers(
        body: BulkTransfer, call: Annotated[Call, Depends(command("intake.request-transfers", needs="nothing"))]
    ) -> BulkReceipt:
        """Ask for each person by itself; a repeat with the same Idempotency-Key asks for nobody twice."""
        items = [await _requested(call, body, each) for each in await _whom(answers, call.caller, body)]
        refused = sum(each.refused for each in items)
        return BulkReceipt(items=items, requested=len(items) - refused, refused=refused)

    return router


async def _whom(answers: Answers, caller: Principal, body: BulkTransfer) -> tuple[UUID, ...]:
    if body.beneficiary_ids is not None:
        return tuple(dict.fromkeys(body.beneficiary_ids))
    own = {"organisation": caller.organisation}
    in_care = caseload_of(own, status=CareStatus.IN_CARE, household_id=body.household_id, after=None, limit=MOST)
    return tuple(row.beneficiary_id for row in (await answers.to(caller).rows(CASELOAD, in_care)).value)


async def _previewed(asked: Query, body: BulkTransfer, beneficiary_id: UUID) -> PersonOutcome:
    would = asking(body, new_id(), by=asked.caller.organisation, on=day_of(asked.now))
    try:
        PERSON.decide(would, (await asked.look(PERSON, beneficiary_id)).state)
    except Refusal as refusal:
        return PersonOutcome(beneficiary_id=beneficiary_id, refused=True, code=refusal.code, detail=str(refusal))
    return PersonOutcome(beneficiary_id=beneficiary_id, refused=False)


async def _requested(call: Call, body: BulkTransfer, beneficiary_id: UUID) -> RequestedTransfer:
    transfer_id = derived_id("bulk-transfer", call.request.client, call.request.key, beneficiary_id)
    told = asking(body, transfer_id, by=call.caller.organisation, on=day_of(call.now))

    def of_somebody(state: Erasable[Person]) -> RequestTransfer:
        """Ask for whom there is: of nobody the caller is told what they are told of another organisation's person."""
        if isinstance(state.held, Unrecorded):
            raise Unknown(nothing_under(PERSON.stream(beneficiary_id)))
        return told

    try:
        receipt = await call.execute_part(body, beneficiary_id, Step(PERSON, beneficiary_id, of_somebody))
    except Refusal as refusal:
        return RequestedTransfer(beneficiary_id=beneficiary_id, refused=True, code=refusal.code, detail=str(refusal))
    version = receipt.outcomes[0].version
    return RequestedTransfer(beneficiary_id=beneficiary_id, refused=False, transfer_id=transfer_id, version=version)
