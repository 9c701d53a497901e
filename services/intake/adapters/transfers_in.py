"""Transfers over HTTP: one person's, asked for by the sender and answered by the receiver, and the list that both see."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, get_args
from uuid import UUID

import fastapi
from fastapi import APIRouter, Depends, Request, Response
from pydantic import UUID4, Field

from contracts.transfers import TransferEvent
from services._runtime.clock import day_of
from services._runtime.handling import Step
from services._runtime.projecting.lists import listed
from services._runtime.web.bodies import Code, CommandBody, Prose
from services._runtime.web.callers import allow
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.identity import Caller
from services._runtime.web.lists import AskedBetween, CountedPage, Listing, Territory
from services.intake.adapters.bodies import Istat, Province
from services.intake.app.deciders import PERSON, PERSON_IN_TURN
from services.intake.app.households import household_followed
from services.intake.domain.transfer import AcceptTransfer, DeclineTransfer, RequestTransfer, RevokeTransfer
from services.intake.domain.transfer_state import TransferStatus
from services.intake.projections.transfers import TRANSFERS, Direction, TransferRow, transfers_of

if TYPE_CHECKING:
    from services._runtime.projecting.port import Answers

_TOLD = frozenset(event.type_name for event in get_args(TransferEvent))
"""Of what the receiver has not seen it is told what became of the transfer: the rest is not theirs yet."""

transfers = APIRouter(tags=["transfers"])


class TransferTarget(CommandBody):
    """Where a person is to go, and why."""

    receiver: Annotated[Code, Field(description="the organisation that is asked")]
    territory: Province
    municipality: Istat | None = None
    reason: Prose


class TransferRequest(TransferTarget):
    """A request for a transfer."""

    transfer_id: UUID4


class TransferAnswer(CommandBody):
    """Which transfer is meant."""

    transfer_id: UUID4


class TransferRefusal(TransferAnswer):
    """Which transfer is declined, and why."""

    reason: Prose


@transfers.post("/beneficiaries/{beneficiary_id}/transfer-requests", summary="Ask another organisation to take a person over")
async def request_transfer(
    beneficiary_id: UUID4, body: TransferRequest, call: Annotated[Call, Depends(command("intake.request-transfer"))]
) -> ReceiptBody:
    """Ask it. Until it accepts, the caller's organisation stays responsible."""
    told = asking(body, body.transfer_id, by=call.caller.organisation, on=day_of(call.now))
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@transfers.post("/beneficiaries/{beneficiary_id}/transfer-revocation", summary="Take a request for a transfer back")
async def revoke_transfer(
    beneficiary_id: UUID4, body: TransferAnswer, call: Annotated[Call, Depends(command("intake.revoke-transfer"))]
) -> ReceiptBody:
    """Take it back, as long as nobody has answered."""
    told = RevokeTransfer(transfer_id=body.transfer_id, by=call.caller.organisation)
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@transfers.post("/beneficiaries/{beneficiary_id}/transfer-acceptance", summary="Take a person over")
async def accept_transfer(
    beneficiary_id: UUID4, body: TransferAnswer, call: Annotated[Call, Depends(command("intake.accept-transfer"))]
) -> ReceiptBody:
    """Answer for the person from now on: the organisation that was asked, with the version that its list shows."""
    organisation = call.caller.organisation
    told = AcceptTransfer(transfer_id=body.transfer_id, by=organisation, on=day_of(call.now))
    state = (await call.read(PERSON, beneficiary_id)).state.held
    link, household = household_followed(state, organisation)
    step = Step(PERSON_IN_TURN, beneficiary_id, (told, *link), call.expected_version)
    return await call.execute(body, step, *household, told=_TOLD)


@transfers.post("/beneficiaries/{beneficiary_id}/transfer-refusal", summary="Decline to take a person over")
async def decline_transfer(
    beneficiary_id: UUID4, body: TransferRefusal, call: Annotated[Call, Depends(command("intake.decline-transfer"))]
) -> ReceiptBody:
    """Leave the person where they are, and say why."""
    told = DeclineTransfer(transfer_id=body.transfer_id, by=call.caller.organisation, reason=body.reason)
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version), told=_TOLD)


def asking(target: TransferTarget, transfer_id: UUID, *, by: str, on: date) -> RequestTransfer:
    """Return the request for a transfer that an organisation makes on a day."""
    return RequestTransfer(
        transfer_id=transfer_id,
        by=by,
        receiver=target.receiver,
        territory=target.territory,
        municipality=target.municipality,
        reason=target.reason,
        on=on,
    )


class TransferFilters(AskedBetween):
    """Which transfers to show, by the day on which they were asked for."""

    direction: Direction | None = None
    status: TransferStatus | None = None
    territory: Territory = None


def transfer_list(answers: Answers) -> APIRouter:
    """Return the route of the list, read from `answers`."""
    router = APIRouter(tags=["lists"])

    @router.get("/transfers", summary="List the transfers")
    async def list_transfers(
        caller: Annotated[Caller, Depends(allow("intake.list-transfers"))],
        request: Request,
        response: Response,
        filters: Annotated[TransferFilters, fastapi.Query()],
    ) -> CountedPage[TransferRow]:
        """Return each person's latest transfer from and to the caller's organisation, by id, nobody named; and how many there are."""
        wanted = transfers_of(
            caller.organisation,
            direction=filters.direction,
            status=filters.status,
            territory=filters.territory,
            since=filters.since,
            until=filters.until,
            after=filters.after(UUID),
            limit=filters.limit,
        )
        found = await listed(answers.to(caller), TRANSFERS, wanted)
        return Listing(request, response).page(found, filters, key=_person, whose=_person)

    return router


def _person(row: TransferRow) -> tuple[UUID]:
    return (row.beneficiary_id,)
