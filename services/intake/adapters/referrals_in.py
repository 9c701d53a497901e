"""Referrals over HTTP: entered by whoever refers, answered by the organisation that received them, followed by both."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import fastapi
from fastapi import APIRouter, Depends, Request, Response
from pydantic import UUID4, BaseModel

from contracts.errors import Unknown
from contracts.personal import DataClass
from contracts.referral_codes import DeclineReason, Referrer
from services._runtime.access.roles import Role
from services._runtime.handling import Step
from services._runtime.ids import new_id
from services._runtime.projecting.lists import listed
from services._runtime.web.bodies import Body, Code, CommandBody, Line, Prose
from services._runtime.web.callers import allow
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.identity import Caller
from services._runtime.web.lists import AskedBetween, CountedPage, Listing, Territory
from services._runtime.web.queries import OPENING, Query, query
from services.intake.adapters.bodies import Email, Languages, Phone
from services.intake.app.deciders import PERSON
from services.intake.app.referrals import REFERRAL, accepting
from services.intake.domain.person import responsible
from services.intake.domain.referral import (
    Accepted,
    Declined,
    DeclineReferral,
    NeverReceived,
    Received,
    ReceiveReferral,
    ReferredPerson,
)
from services.intake.projections.referrals import REFERRALS, ReferralStatus, referrals_of

if TYPE_CHECKING:
    from services._runtime.projecting.port import Answers
    from services.intake.domain.referral import Referral
    from services.intake.projections.referrals import ReferralRow


class ReferredBody(Body):
    """Who is referred, as far as the referrer knows."""

    given_names: Line | None = None
    family_name: Line | None = None
    languages: Languages = ()
    email: Email | None = None
    phone: Phone | None = None

    def person(self) -> ReferredPerson:
        """Return it as the domain's value."""
        return ReferredPerson(
            given_names=self.given_names,
            family_name=self.family_name,
            languages=self.languages,
            email=self.email,
            phone=self.phone,
        )


class ReferralBody(CommandBody):
    """A person whom an organisation is told of; the caller's organisation enters it."""

    by: Referrer
    organisation: Code
    person: ReferredBody
    reason: Prose


class AcceptanceBody(CommandBody):
    """The organisation takes the person."""


class RefusalBody(CommandBody):
    """The organisation does not take the person."""

    reason: DeclineReason
    words: Prose | None = None


class ReferralItem(BaseModel):
    """How far a referral is. `beneficiary_id` is told to who took the person into care, and to nobody else."""

    referral_id: UUID
    version: int
    by: Referrer
    sender: str
    organisation: str
    territory: str
    received_on: date
    status: ReferralStatus
    answered_on: date | None
    reason: DeclineReason | None
    beneficiary_id: UUID | None


class ReferralAnswer(BaseModel):
    """A referral. Once it is accepted, who does not answer for the person is told no more of them but that they were accepted."""

    referral_id: UUID
    version: int
    by: Referrer
    sender: str
    organisation: str
    territory: str
    status: ReferralStatus
    beneficiary_id: UUID | None = None
    person: ReferredPerson | None = None
    why: str | None = None
    reason: DeclineReason | None = None
    words: str | None = None


referrals = APIRouter(tags=["referrals"])

_HELD = (DataClass.IDENTITY, DataClass.CONTACT, DataClass.NOTES)
"""What a referral says of the person."""


@referrals.post("/referrals/{referral_id}", summary="Refer a person to an organisation", status_code=201)
async def refer(
    referral_id: UUID4, body: ReferralBody, call: Annotated[Call, Depends(command("intake.refer", needs="nothing"))]
) -> ReceiptBody:
    """Tell an organisation of a person. A municipality refers to one of its own province."""
    told = ReceiveReferral(
        referral_id=referral_id,
        beneficiary_id=new_id(),
        by=body.by,
        sender=call.caller.organisation,
        organisation=body.organisation,
        person=body.person.person(),
        reason=body.reason,
    )
    # Decided on whatever is there: the decider tells strangers nothing of another's referral.
    return await call.execute(body, Step(REFERRAL, referral_id, told))


@referrals.post("/referrals/{referral_id}/acceptance", summary="Accept a referral")
async def accept_referral(
    referral_id: UUID4, body: AcceptanceBody, call: Annotated[Call, Depends(command("intake.accept-referral"))]
) -> ReceiptBody:
    """Take the person: a record of theirs begins, on which notice and enrolment follow. The receipt's `related` names it."""
    state = (await call.read(REFERRAL, referral_id)).state
    return await call.execute(body, *accepting(referral_id, state, call.expected_version))


@referrals.post("/referrals/{referral_id}/refusal", summary="Decline a referral")
async def decline_referral(
    referral_id: UUID4, body: RefusalBody, call: Annotated[Call, Depends(command("intake.decline-referral"))]
) -> ReceiptBody:
    """Say why the person is not taken; what is told of them is erased after thirty days."""
    told = DeclineReferral(reason=body.reason, words=body.words)
    return await call.execute(body, Step(REFERRAL, referral_id, told, call.expected_version))


@referrals.get("/referrals/{referral_id}", summary="Read a referral", responses=OPENING)
async def read_referral(referral_id: UUID4, asked: Annotated[Query, Depends(query("intake.read-referral"))]) -> ReferralAnswer:
    """Return how far it is, and what it says of the person: once it is accepted, to who answers for them alone."""
    opened = await asked.open(REFERRAL, referral_id, holding=())
    state = opened.state
    if isinstance(state, NeverReceived):
        raise Unknown
    received, theirs = state.received, asked.caller.organisation == state.received.organisation
    answer = ReferralAnswer(
        referral_id=referral_id,
        version=opened.version,
        by=received.by,
        sender=received.sender,
        organisation=received.organisation,
        territory=received.territory,
        status=_status(state),
        beneficiary_id=received.beneficiary_id if theirs and isinstance(state, Accepted) else None,
    )
    if isinstance(state, Accepted) and not (theirs and await _in_their_care(asked, received.beneficiary_id)):
        return answer
    return answer.model_copy(update=_told((await asked.open(REFERRAL, referral_id, holding=_HELD)).state))


async def _in_their_care(asked: Query, beneficiary_id: UUID) -> bool:
    """Tell whether the caller's organisation answers for the person now: what was said of them moves with the responsibility."""
    try:
        person = await asked.open(PERSON, beneficiary_id, holding=())
    except Unknown:
        return False
    return responsible(person.state.held) == asked.caller.organisation


def _told(state: Referral) -> dict[str, object]:
    """Return what a referral says of the person, and its refusal."""
    if isinstance(state, NeverReceived):
        raise Unknown
    received = state.received
    person = ReferredPerson(
        given_names=received.given_names,
        family_name=received.family_name,
        languages=received.languages,
        email=received.email,
        phone=received.phone,
    )
    refusal = {"reason": state.declined.reason, "words": state.declined.words} if isinstance(state, Declined) else {}
    return {"person": person, "why": received.reason, **refusal}


def _status(state: Received | Accepted | Declined) -> ReferralStatus:
    match state:
        case Received(unanswered=unanswered):
            return ReferralStatus.UNANSWERED if unanswered else ReferralStatus.RECEIVED
        case Accepted():
            return ReferralStatus.ACCEPTED
        case Declined():
            return ReferralStatus.DECLINED


class ReferralFilters(AskedBetween):
    """Which referrals to show, by the day on which they were received."""

    status: ReferralStatus | None = None
    territory: Territory = None


def referral_list(answers: Answers) -> APIRouter:
    """Return the route of the list, read from `answers`."""
    router = APIRouter(tags=["lists"])

    @router.get("/referrals", summary="List the referrals that one sent or received")
    async def list_referrals(
        caller: Annotated[Caller, Depends(allow("intake.list-referrals"))],
        request: Request,
        response: Response,
        filters: Annotated[ReferralFilters, fastapi.Query()],
    ) -> CountedPage[ReferralItem]:
        """Return the referrals that the caller's organisation sent or received, by id, nobody named; and how many there are."""
        wanted = referrals_of(
            _parties(caller),
            status=filters.status,
            territory=filters.territory,
            since=filters.since,
            until=filters.until,
            after=filters.after(UUID),
            limit=filters.limit,
        )
        return Listing(request, response).page(
            await listed(answers.to(caller), REFERRALS, wanted),
            filters,
            key=lambda row: (row.referral_id,),
            whose=lambda row: (row.beneficiary_id,),
            item=lambda row: _item(row, caller),
        )

    return router


def _parties(caller: Caller) -> tuple[dict[str, object], ...]:
    """Return which referrals are the caller's: a municipality takes nobody into care, and has sent those that are its own."""
    sent: dict[str, object] = {"sender": caller.organisation}
    return (sent,) if caller.role is Role.MUNICIPALITY else (sent, {"organisation": caller.organisation})


def _item(row: ReferralRow, caller: Caller) -> ReferralItem:
    took = row.status is ReferralStatus.ACCEPTED and row.organisation == caller.organisation
    return ReferralItem(
        referral_id=row.referral_id,
        version=row.version,
        by=row.by,
        sender=row.sender,
        organisation=row.organisation,
        territory=row.territory,
        received_on=row.received_on,
        status=row.status,
        answered_on=row.answered_on,
        reason=row.reason,
        beneficiary_id=row.beneficiary_id if took else None,
    )
