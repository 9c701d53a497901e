"""A referral: somebody tells an organisation of a person, and the organisation takes them into its care or says why not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from contracts.errors import Invalid, Refusal, Unknown
from contracts.reference import consortium
from contracts.referral_codes import DeclineReason, Referrer
from contracts.referrals import (
    ReferralAccepted,
    ReferralDataErased,
    ReferralDeclined,
    ReferralEvent,
    ReferralReceived,
    ReferralUnanswered,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferredPerson:
    """Who is referred and how they are reached, as far as the referrer knows; languages are ISO 639 codes."""

    given_names: str | None = None
    family_name: str | None = None
    languages: tuple[str, ...] | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiveReferral:
    """Tell `organisation` of a person. `beneficiary_id` is a new one, which nobody knows yet; `sender` enters it."""

    referral_id: UUID
    beneficiary_id: UUID
    by: Referrer
    sender: str
    organisation: str
    person: ReferredPerson
    reason: str


@dataclass(frozen=True, slots=True)
class AcceptReferral:
    """Take the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineReferral:
    """Say why the person is not taken."""

    reason: DeclineReason
    words: str | None


@dataclass(frozen=True, slots=True)
class MarkReferralUnanswered:
    """The time for an answer has passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteReferralErased:
    """The keys were destroyed that opened what a declined referral says."""

    key_backups_expire_on: date


ReferralCommand = ReceiveReferral | AcceptReferral | DeclineReferral | MarkReferralUnanswered | NoteReferralErased


@dataclass(frozen=True, slots=True)
class NeverReceived:
    """Nothing is recorded under this id."""


@dataclass(frozen=True, slots=True)
class Received:
    """It waits for an answer; `unanswered` once that is late."""

    received: ReferralReceived
    unanswered: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The person was taken."""

    received: ReferralReceived


@dataclass(frozen=True, slots=True)
class Declined:
    """The person was not taken; `erased` once the personal data are gone."""

    received: ReferralReceived
    declined: ReferralDeclined
    erased: bool = False


Referral = NeverReceived | Received | Accepted | Declined


class AlreadyReceived(Refusal):
    """A referral is entered once."""

    code = "referral-exists"


class AlreadyAnswered(Refusal):
    """A referral is answered once."""

    code = "referral-answered"


class NotDeclined(Refusal):
    """Only a declined referral is forgotten by itself."""

    code = "referral-not-declined"


class UnknownOrganisation(Invalid):
    """No organisation of the consortium that takes people into care has this code."""

    code = "unknown-organisation"


class OutsideTerritory(Refusal):
    """A municipality refers to an organisation of its own territory."""

    code = "outside-territory"


class WrongReferrer(Refusal):
    """Whoever enters the referral cannot be, or speak for, the one who refers."""

    code = "wrong-referrer"


def decide(command: ReferralCommand, state: Referral) -> list[ReferralEvent]:
    """Return the events that the command leads to; raises a `Refusal`."""
    match command:
        case ReceiveReferral():
            _unknown_to(command, state)
            return [_received(command)]
        case AcceptReferral():
            received = _waiting(state).received
            return [ReferralAccepted(referral_id=received.referral_id, beneficiary_id=received.beneficiary_id)]
        case DeclineReferral(reason=reason, words=words):
            received = _waiting(state).received
            return [ReferralDeclined(referral_id=received.referral_id, beneficiary_id=received.beneficiary_id, reason=reason, words=words)]
        case MarkReferralUnanswered():
            waiting = _waiting(state)
            told = ReferralUnanswered(referral_id=waiting.received.referral_id, beneficiary_id=waiting.received.beneficiary_id)
            return [] if waiting.unanswered else [told]
        case NoteReferralErased():
            return _erased(command, state)
        case _:
            assert_never(command)


def _unknown_to(command: ReceiveReferral, state: Referral) -> None:
    """Demand that the referral is new; who is no party to the one that is there is told what they would be told of none."""
    if isinstance(state, NeverReceived):
        return
    if command.sender in (state.received.sender, state.received.organisation):
        raise AlreadyReceived("this referral was entered before: another person's is another one, under an id of its own")
    raise Unknown


def _received(command: ReceiveReferral) -> ReferralReceived:
    person = command.person
    return ReferralReceived(
        referral_id=command.referral_id,
        beneficiary_id=command.beneficiary_id,
        by=command.by,
        sender=command.sender,
        organisation=command.organisation,
        territory=_territory(command),
        given_names=person.given_names,
        family_name=person.family_name,
        languages=person.languages,
        email=person.email,
        phone=person.phone,
        reason=command.reason,
    )


def _territory(command: ReceiveReferral) -> str:
    """Return the province in which the person would be cared for, once it is certain that the referral may go there."""
    receives = {each.code: each.province for each in consortium().organisations if each.province is not None}
    if (province := receives.get(command.organisation)) is None:
        raise UnknownOrganisation("no organisation that takes people into care has this code: check it in the consortium's list")
    own = {each.code: each.province for each in consortium().municipalities}.get(command.sender)
    to_oneself = command.sender == command.organisation
    match command.by:
        case Referrer.MUNICIPALITY:
            if own is None:
                raise WrongReferrer("only a municipality refers as one: say who refers the person")
            if own != province:
                raise OutsideTerritory("a municipality refers to an organisation of its own province: choose one there")
        case Referrer.ORGANISATION:
            if own is not None or to_oneself:
                raise WrongReferrer("an organisation refers to another one: choose who receives it, or say who refers the person")
        case Referrer.RECEPTION_CENTRE | Referrer.THE_PERSON:
            if not to_oneself:
                raise WrongReferrer("what a reception centre or the person says, the organisation enters that receives it")
        case _:
            assert_never(command.by)
    return province


def _erased(command: NoteReferralErased, state: Referral) -> list[ReferralEvent]:
    if not isinstance(state, Declined):
        raise NotDeclined("the referral was not declined: what it says is kept with the person's record")
    received = state.received
    told = ReferralDataErased(
        referral_id=received.referral_id,
        beneficiary_id=received.beneficiary_id,
        key_backups_expire_on=command.key_backups_expire_on,
    )
    return [] if state.erased else [told]


def _waiting(state: Referral) -> Received:
    match state:
        case NeverReceived():
            raise Unknown
        case Received():
            return state
        case Accepted() | Declined():
            raise AlreadyAnswered("it was answered before: where something has changed, the person is referred anew")
        case _:
            assert_never(state)


def evolve(state: Referral, event: ReferralEvent) -> Referral:
    """Return the referral after the event."""
    match event, state:
        case ReferralReceived(), NeverReceived():
            return Received(event)
        case ReferralUnanswered(), Received():
            return replace(state, unanswered=True)
        case ReferralAccepted(), Received(received):
            return Accepted(received)
        case ReferralDeclined(), Received(received):
            return Declined(received, event)
        case ReferralDataErased(), Declined():
            return replace(state, erased=True)
        case _:
            raise TypeError(f"{event.type_name} of a referral that is not at that point")
