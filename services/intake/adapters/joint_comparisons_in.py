"""Comparing a record with another organisation's, over HTTP: asked for, agreed to, declined; and what both see once they agreed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import fastapi
from fastapi import APIRouter, Depends, Request, Response
from pydantic import UUID4, BaseModel, Field

from contracts.duplicates import FieldsCompared
from contracts.errors import Unknown
from contracts.personal import DataClass
from services._runtime.access.permission import nothing_under
from services._runtime.clock import day_of
from services._runtime.errors import Retryable
from services._runtime.handling import Step
from services._runtime.projecting.lists import listed
from services._runtime.store.port import ConcurrencyError
from services._runtime.web.bodies import CommandBody, Prose
from services._runtime.web.callers import allow
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.identity import Caller
from services._runtime.web.lists import AskedBetween, CountedPage, Listing
from services._runtime.web.parts import web_of
from services._runtime.web.queries import OPENING, Query, query
from services.intake.adapters.duplicate_bodies import OtherName
from services.intake.app.deciders import PERSON
from services.intake.domain.commands import Identity
from services.intake.domain.comparing import compare, known_of
from services.intake.domain.duplicate_decisions import NotSuspected
from services.intake.domain.joint_commands import AgreeToCompare, AskToCompare, BeAskedToCompare, DeclineToCompare, JointCommand
from services.intake.domain.joint_comparison import UnknownComparison, found
from services.intake.domain.joint_state import JointComparison, JointStatus
from services.intake.domain.person import Exited, InCare, Record
from services.intake.projections.comparisons import COMPARISONS, ComparisonRow, comparisons_of

if TYPE_CHECKING:
    from services._runtime.erasing.erasable import Erasable
    from services._runtime.opening import Opened
    from services._runtime.projecting.port import Answers
    from services.intake.domain.person import Person

COMPARED = "compared"
"""What opens the other record behind the second fence: a comparison that both agreed to, until its last day."""

_AFTERWARDS = (
    "Two persons: each dismisses the suspicion on its own record (duplicate-dismissals). One person: one organisation asks the other to"
    " take its record over (transfer-requests); once both are of one organisation, they are confirmed there (duplicate-confirmations)."
)


class ComparisonRequestBody(CommandBody):
    """With whom the record is to be compared: the reference of an open suspicion on it."""

    reference: UUID


class ComparisonAgreementBody(CommandBody):
    """Which request is agreed to, by the reference of the other record."""

    reference: UUID


class ComparisonRefusalBody(CommandBody):
    """Which comparison is declined, and why."""

    reference: UUID
    reason: Prose


class Explanation(BaseModel):
    """How both records compare as they are now, and who is recorded in each. Values are null where they were not recorded, or erased."""

    score: Annotated[float, Field(ge=0, le=1, description="how much speaks for one person")]
    fields: FieldsCompared
    own: Identity
    own_also_known_as: list[OtherName]
    other: Identity
    other_also_known_as: list[OtherName]
    afterwards: Annotated[str, Field(description="what to do once it is clear")] = _AFTERWARDS


class ComparisonAnswer(BaseModel):
    """Where a comparison stands; `explanation` is null unless both organisations agreed and the time has not passed."""

    reference: UUID
    organisation: Annotated[str, Field(description="the organisation of the other record")]
    asked_by: str
    status: JointStatus
    lapses_on: date
    shown_until: date | None
    explanation: Explanation | None = None


class ComparisonItem(BaseModel):
    """A comparison in the list."""

    beneficiary_id: UUID
    reference: UUID
    other_organisation: str
    asked_by: str
    status: JointStatus
    requested_on: date
    lapses_on: date
    shown_until: date | None

    @classmethod
    def of(cls, row: ComparisonRow, on: date) -> ComparisonItem:
        """Return a row as it stands on a day."""
        return cls(
            beneficiary_id=row.beneficiary_id,
            reference=row.reference,
            other_organisation=row.other_organisation,
            asked_by=row.asked_by,
            status=row.status(on),
            requested_on=row.requested_on,
            lapses_on=row.lapses_on,
            shown_until=row.shown_until,
        )


comparisons = APIRouter(tags=["records"])


def comparison_commands(reference: Callable[[str, UUID], UUID]) -> APIRouter:
    """Return the routes of the request and its answers; `reference` says how an organisation may know a record."""
    router = APIRouter(tags=["commands"])

    @router.post(
        "/beneficiaries/{beneficiary_id}/duplicate-comparison-requests", summary="Ask another organisation to compare a suspected record"
    )
    async def ask_to_compare(
        beneficiary_id: UUID4, body: ComparisonRequestBody, call: Annotated[Call, Depends(command("intake.ask-to-compare"))]
    ) -> ReceiptBody:
        """Ask whoever answers for the suspected record. Until they agree, nobody sees anything."""
        return await _ask(call, beneficiary_id, body, reference)

    @router.post("/beneficiaries/{beneficiary_id}/duplicate-comparison-agreements", summary="Agree to compare")
    async def agree_to_compare(
        beneficiary_id: UUID4, body: ComparisonAgreementBody, call: Annotated[Call, Depends(command("intake.agree-to-compare"))]
    ) -> ReceiptBody:
        """Open both records to each other, who they are and nothing else, for some days."""
        other, by, on = await _asked_for(call, beneficiary_id, body.reference), call.caller.organisation, day_of(call.now)
        own = AgreeToCompare(other=other, by=by, on=on)
        return await _on_both(call, body, beneficiary_id, own, other, replace(own, other=beneficiary_id))

    @router.post("/beneficiaries/{beneficiary_id}/duplicate-comparison-refusals", summary="Decline to compare, or no longer")
    async def decline_to_compare(
        beneficiary_id: UUID4, body: ComparisonRefusalBody, call: Annotated[Call, Depends(command("intake.decline-to-compare"))]
    ) -> ReceiptBody:
        """Close both records to each other, and say why: instead of an answer, taking a request back, or once both agreed."""
        other = await _asked_for(call, beneficiary_id, body.reference)
        own = DeclineToCompare(other=other, reason=body.reason, on=day_of(call.now))
        return await _on_both(call, body, beneficiary_id, own, other, replace(own, other=beneficiary_id))

    return router


@comparisons.get(
    "/beneficiaries/{beneficiary_id}/duplicate-comparisons/{reference}",
    summary="Read how a record compares with another organisation's",
    responses=OPENING,
)
async def read_comparison(
    beneficiary_id: UUID4, reference: UUID, response: Response, asked: Annotated[Query, Depends(query("intake.read-comparison"))]
) -> ComparisonAnswer:
    """Return where the comparison stands; once both agreed, and until its last day, who is recorded in each and how they compare."""
    clear = await asked.open(PERSON, beneficiary_id, holding=())
    if clear.stored[-1].recorded.envelope.responsible_organisation != asked.caller.organisation:
        raise Unknown
    comparison, today = found(reference, _recorded(clear)), day_of(asked.now)
    answer = ComparisonAnswer(
        reference=reference,
        organisation=comparison.organisation,
        asked_by=comparison.asked_by,
        status=comparison.status(today),
        lapses_on=comparison.lapses_on,
        shown_until=comparison.shown_until,
    )
    if answer.status is JointStatus.AGREED:
        answer.explanation = await _explanation(asked, beneficiary_id, reference)
        response.headers["ETag"] = f'"{clear.version}"'
    return answer


def comparison_list(answers: Answers) -> APIRouter:
    """Return the route of the list, read from `answers`."""
    router = APIRouter(tags=["lists"])

    @router.get("/duplicate-comparisons", summary="List the comparisons with other organisations")
    async def list_comparisons(
        caller: Annotated[Caller, Depends(allow("intake.list-comparisons"))],
        request: Request,
        response: Response,
        asked: Annotated[AskedBetween, fastapi.Query()],
    ) -> CountedPage[ComparisonItem]:
        """Return of each of the organisation's persons the latest comparison, by id, nobody named; the days are those of the request."""
        wanted = comparisons_of(caller.organisation, since=asked.since, until=asked.until, after=asked.after(UUID), limit=asked.limit)
        page = await listed(answers.to(caller), COMPARISONS, wanted)
        today = day_of(caller.now or web_of(request).clock.now())
        return Listing(request, response).page(
            page,
            asked,
            key=lambda row: (row.beneficiary_id,),
            whose=lambda row: (row.beneficiary_id,),
            item=lambda row: ComparisonItem.of(row, today),
        )

    return router


async def _ask(call: Call, beneficiary_id: UUID, body: ComparisonRequestBody, reference: Callable[[str, UUID], UUID]) -> ReceiptBody:
    """Carry out the request on both records; raises `NotSuspected`."""
    record = await _own(call, beneficiary_id)
    suspicion = record.duplicates.under(body.reference)
    if suspicion is None or suspicion.other is None:
        raise NotSuspected("nothing is open under this reference: read the record again")
    whose, today = (await call.placement(PERSON, suspicion.other)).responsible_organisation, day_of(call.now)
    if whose is None:
        raise NotSuspected("nobody answers for the other record any more")
    asked = BeAskedToCompare(
        reference=reference(whose, beneficiary_id),
        organisation=record.organisation,
        other=beneficiary_id,
        band=suspicion.band,
        matcher=suspicion.matcher,
        on=today,
    )
    asking = AskToCompare(reference=body.reference, organisation=whose, on=today)
    return await _on_both(call, body, beneficiary_id, asking, suspicion.other, asked)


async def _explanation(asked: Query, beneficiary_id: UUID, reference: UUID) -> Explanation | None:
    """Return how both compare; None where another organisation has become responsible for one of both, or it cannot be read any more."""
    own = _recorded(await asked.open(PERSON, beneficiary_id, holding=(DataClass.IDENTITY,)))
    comparison: JointComparison = found(reference, own)
    if comparison.other is None:
        return None
    try:
        other = _recorded(await asked.open(PERSON, comparison.other, through=COMPARED, holding=(DataClass.IDENTITY,)))
    except Unknown:
        return None
    one, two = (known_of(each.identity, each.tax_code, each.aliases) for each in (own, other))
    compared = compare(one, two)
    return Explanation(
        score=compared.score,
        fields=compared.fields,
        own=own.identity,
        own_also_known_as=OtherName.all_of(one),
        other=other.identity,
        other_also_known_as=OtherName.all_of(two),
    )


async def _on_both(call: Call, body: CommandBody, own: UUID, command: JointCommand, other: UUID, follows: JointCommand) -> ReceiptBody:
    """Carry out what is said, on both records. Of the other one nothing is told: neither its id, nor what was recorded of it meanwhile."""
    step = Step(PERSON, own, command, call.expected_version)
    try:
        receipt = await call.execute(body, step, Step(PERSON, other, follows, follows=True))
    except ConcurrencyError as error:
        if error.stream_id == step.stream_id:
            raise
        raise Retryable("the other record changes too often") from None
    return receipt.model_copy(update={"related": []})


async def _asked_for(call: Call, beneficiary_id: UUID, reference: UUID) -> UUID:
    """Return the other record of a comparison on the caller's own record."""
    comparison = found(reference, await _own(call, beneficiary_id))
    if comparison.other is None:
        raise NotSuspected("which record is meant cannot be read any more")
    return comparison.other


async def _own(call: Call, beneficiary_id: UUID) -> Record:
    opened = await call.read(PERSON, beneficiary_id)
    if not opened.version:
        raise Unknown(nothing_under(PERSON.stream(beneficiary_id)))
    return _recorded(opened)


def _recorded(opened: Opened[Erasable[Person]]) -> Record:
    match opened.state.held:
        case InCare(record) | Exited(record):
            return record
        case _:
            raise UnknownComparison("nobody is enrolled under this id, so that there is nothing to compare")
