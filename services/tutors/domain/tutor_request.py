"""The request for a tutor: open until met, open again when an assignment ends early, closed for good when the person exits.

It belongs to the organisation that is responsible for the person, and follows it: also before anybody has asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never
from uuid import UUID

from contracts.errors import Invalid, Refusal, Unknown
from contracts.handing_over import RequestHandedOver
from contracts.matching import MatchAccepted, MatchDeclined, MatchProposed, TutorWishDescribed
from contracts.tutor_codes import WithdrawalReason
from contracts.tutors import RequestMet, RequestPrecluded, RequestReopened, RequestWithdrawn, TutorRequested
from services.tutors.domain import match_talks
from services.tutors.domain.commands import (
    CloseForExit,
    HandRequestOver,
    MeetRequest,
    ReleaseRequest,
    RequestCommand,
    RequestTutor,
    WithdrawRequest,
)
from services.tutors.domain.match_talks import NO_TALKS, MatchEvent, Of, Talks
from services.tutors.domain.matching_commands import AcceptMatch, DeclineMatch, DescribeWish, ProposeMatch
from services.tutors.domain.traits import traits_of, wish_described

RequestEvent = (
    TutorRequested
    | TutorWishDescribed
    | MatchEvent
    | RequestMet
    | RequestReopened
    | RequestWithdrawn
    | RequestPrecluded
    | RequestHandedOver
)


class RequestUnknown(Unknown):
    """No request is recorded under this id."""

    code = "tutor-request-unknown"


class TutorAlreadyRequested(Refusal):
    """The request is open or met."""

    code = "tutor-already-requested"


class RequestNotOpen(Refusal):
    """The request is not open: it was met or withdrawn meanwhile."""

    code = "tutor-request-not-open"


class PlanOutdated(Refusal):
    """What a version of the plan wants was answered before, by it or by a later one."""

    code = "plan-outdated"


class RequestHeldByOther(Refusal):
    """The request is not met by that assignment."""

    code = "tutor-request-held-by-other"


class PersonHasExited(Refusal):
    """The person's episode ended: no tutor can be asked for under this id any more."""

    code = "person-has-exited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Whose wish it is, on which pathway, where, and which version of the plan last asked (0: none).

    `responsibility` is intake's version of who is responsible, where a transfer was followed.
    """

    request_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None
    plan_version: int = 0
    responsibility: int = 0


@dataclass(frozen=True, slots=True)
class NotRequested:
    """Nothing is recorded under this id."""


@dataclass(frozen=True, slots=True)
class Unasked:
    """Nobody has asked, but a transfer has told where a wish will belong."""

    wish: Wish


@dataclass(frozen=True, slots=True)
class Open:
    """The person waits for a tutor."""

    wish: Wish
    talks: Talks = NO_TALKS


@dataclass(frozen=True, slots=True)
class Met:
    """A tutor stands beside the person, by this assignment."""

    wish: Wish
    assignment_id: UUID
    tutor_id: UUID
    talks: Talks = NO_TALKS


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The wish does not stand. After an exit it never will again, whether anybody had asked or not."""

    wish: Wish
    reason: WithdrawalReason
    talks: Talks = NO_TALKS


RequestState = NotRequested | Unasked | Open | Met | Withdrawn


def decide(command: RequestCommand, state: RequestState) -> list[RequestEvent]:  # noqa: PLR0911 - a case each
    """Return what follows from a command to a request; raises a `Refusal`."""
    match command:
        case RequestTutor():
            return [_request(command, state)]
        case DescribeWish():
            wish = _waiting(state).wish
            return [wish_described(command.traits, request_id=wish.request_id, beneficiary_id=wish.beneficiary_id)]
        case ProposeMatch() | AcceptMatch() | DeclineMatch():
            waiting = _waiting(state)
            return [match_talks.decide(command, waiting.talks, _of(waiting.wish))]
        case MeetRequest():
            return _meet(command, _waiting(state))
        case ReleaseRequest():
            return [_release(command, state)]
        case WithdrawRequest():
            return [_withdraw(command, state)]
        case CloseForExit():
            return _close(command, state)
        case HandRequestOver():
            return _hand_over(command, state)
        case _:
            assert_never(command)


def evolve(state: RequestState, event: RequestEvent) -> RequestState:  # noqa: PLR0911 - a case per event
    """Return the state after an event of this stream."""
    talks = NO_TALKS if isinstance(state, NotRequested | Unasked) else state.talks
    match event:
        case TutorRequested():
            return Open(replace(_wish(event), plan_version=event.plan_version, responsibility=_followed(state)))
        case RequestPrecluded():
            return Withdrawn(replace(_wish(event), responsibility=_followed(state)), WithdrawalReason.BENEFICIARY_EXITED, talks)
        case TutorWishDescribed():
            return Open(_standing(state), replace(talks, wishes=traits_of(event)))
        case MatchProposed() | MatchAccepted() | MatchDeclined():
            return Open(_standing(state), match_talks.evolve(talks, event))
        case RequestMet():
            return Met(_standing(state), event.assignment_id, event.tutor_id, match_talks.fallen(talks))
        case RequestReopened():
            wish = _standing(state)
            return Open(replace(wish, plan_version=event.plan_version or wish.plan_version), talks)
        case RequestWithdrawn():
            return Withdrawn(_standing(state), event.reason, match_talks.fallen(talks))
        case RequestHandedOver():
            return _handed_over(state, event)
        case _:
            assert_never(event)


def _handed_over(state: RequestState, event: RequestHandedOver) -> RequestState:
    if isinstance(state, NotRequested):
        return Unasked(replace(_wish(event), responsibility=event.responsibility))
    there = replace(
        state.wish,
        organisation=event.organisation,
        territory=event.territory,
        municipality=event.municipality,
        responsibility=event.responsibility,
    )
    if isinstance(state, Unasked):
        return replace(state, wish=there)
    # A match that stands is with a tutor of the sender's: whoever is responsible now proposes one of their own.
    return replace(state, wish=there, talks=match_talks.fallen(state.talks))


def _followed(state: RequestState) -> int:
    return 0 if isinstance(state, NotRequested) else state.wish.responsibility


def _wish(said: TutorRequested | RequestPrecluded | RequestHandedOver) -> Wish:
    return Wish(
        request_id=said.request_id,
        beneficiary_id=said.beneficiary_id,
        pathway_id=said.pathway_id,
        episode=said.episode,
        organisation=said.organisation,
        territory=said.territory,
        municipality=said.municipality,
    )


def _standing(state: RequestState) -> Wish:
    match state:
        case NotRequested():
            raise RequestUnknown("the stream does not begin with a request")
        case Unasked(wish) | Open(wish) | Met(wish) | Withdrawn(wish):
            return wish
        case _:
            assert_never(state)


def _of(wish: Wish) -> Of:
    return Of(wish.request_id, wish.beneficiary_id)


def _waiting(state: RequestState) -> Open:
    match state:
        case Open():
            return state
        case NotRequested() | Unasked():
            raise RequestUnknown("no request is recorded under this id: check it")
        case Met() | Withdrawn():
            raise RequestNotOpen("the request was met or withdrawn meanwhile: read it again")
        case _:
            assert_never(state)


def _request(command: RequestTutor, state: RequestState) -> RequestEvent:
    match state:
        case NotRequested():
            return _asked(command, command)
        case Unasked(wish):
            # The plan was agreed before pathways knew of the transfer, or after: either way the wish belongs where intake says.
            return _asked(command, wish)
        case Open() | Met():
            raise TutorAlreadyRequested("the request is open or met already")
        case Withdrawn(reason=WithdrawalReason.BENEFICIARY_EXITED):
            raise PersonHasExited("the person exited: no tutor can be asked for in this episode any more")
        case Withdrawn(wish) if command.plan_version <= wish.plan_version:
            raise PlanOutdated("this version of the plan asked before; the wish was withdrawn since")
        case Withdrawn(wish):
            return RequestReopened(request_id=wish.request_id, beneficiary_id=wish.beneficiary_id, plan_version=command.plan_version)
        case _:
            assert_never(state)


def _meet(command: MeetRequest, waiting: Open) -> list[RequestEvent]:
    wish, talks, events = waiting.wish, waiting.talks, list[RequestEvent]()
    if command.agreed is not None:
        outside = match_talks.agreed_outside(command.agreed, command.tutor_id, command.availability, talks, _of(wish))
        events.extend(outside)
        for event in outside:
            talks = match_talks.evolve(talks, event)
    match_talks.check_agreed(talks, command.tutor_id, command.starts_on)
    met = RequestMet(
        request_id=wish.request_id, beneficiary_id=wish.beneficiary_id, assignment_id=command.assignment_id, tutor_id=command.tutor_id
    )
    return [*events, met]


def _asked(command: RequestTutor, where: RequestTutor | Wish) -> TutorRequested:
    return TutorRequested(
        request_id=command.request_id,
        beneficiary_id=command.beneficiary_id,
        pathway_id=command.pathway_id,
        episode=command.episode,
        organisation=where.organisation,
        territory=where.territory,
        municipality=where.municipality,
        plan_version=command.plan_version,
    )


def _release(command: ReleaseRequest, state: RequestState) -> RequestEvent:
    match state:
        case Met(wish, assignment_id=held) if held == command.assignment_id:
            if command.still_wanted:
                return RequestReopened(request_id=wish.request_id, beneficiary_id=wish.beneficiary_id, assignment_id=held)
            return _withdrawn(wish, WithdrawalReason.NO_LONGER_WANTED, held)
        case NotRequested() | Unasked():
            raise RequestUnknown("no request is recorded under this id: check it")
        case Open() | Met() | Withdrawn():
            raise RequestHeldByOther("the request is not met by that assignment")
        case _:
            assert_never(state)


def _withdraw(command: WithdrawRequest, state: RequestState) -> RequestEvent:
    match state:
        case Open(wish):
            if command.reason is WithdrawalReason.BENEFICIARY_EXITED:
                raise Invalid("an exit is recorded in intake, and withdraws the request by itself")
            if command.plan_version is not None and command.plan_version <= wish.plan_version:
                raise PlanOutdated("this version of the plan, or a later one, asked for a tutor")
            return _withdrawn(wish, command.reason)
        case NotRequested() | Unasked():
            raise RequestUnknown("no request is recorded under this id: check it")
        case Met():
            raise RequestNotOpen("a tutor stands beside the person: end the assignment instead")
        case Withdrawn():
            raise RequestNotOpen("the request is withdrawn already")
        case _:
            assert_never(state)


def _close(command: CloseForExit, state: RequestState) -> list[RequestEvent]:
    match state:
        case NotRequested() | Unasked():
            return [_precluded(command)]
        case Open(wish):
            return [_withdrawn(wish, WithdrawalReason.BENEFICIARY_EXITED)]
        case Met(wish, assignment_id=held):
            if held != command.assignment_id:
                raise RequestHeldByOther("a tutor stands beside the person: the assignment ends in the same append or not at all")
            return [_withdrawn(wish, WithdrawalReason.BENEFICIARY_EXITED, held)]
        case Withdrawn(reason=WithdrawalReason.BENEFICIARY_EXITED):
            return []
        case Withdrawn():
            return [_precluded(command)]
        case _:
            assert_never(state)


def _hand_over(command: HandRequestOver, state: RequestState) -> list[RequestEvent]:
    """Return the handing over, and the wish that opens again where the tutor is left behind; nothing where it was overtaken."""
    if _followed(state) >= command.to.responsibility:
        return []
    match state:
        case Met(wish, assignment_id=held) if command.ending == held:
            reopened = RequestReopened(request_id=wish.request_id, beneficiary_id=wish.beneficiary_id, assignment_id=held)
            return [_handed(command), reopened]
        case _:
            return [_handed(command)]


def _handed(command: HandRequestOver) -> RequestHandedOver:
    return RequestHandedOver(
        request_id=command.request_id,
        beneficiary_id=command.beneficiary_id,
        pathway_id=command.pathway_id,
        episode=command.episode,
        transfer_id=command.to.transfer_id,
        organisation=command.to.organisation,
        territory=command.to.territory,
        municipality=command.to.municipality,
        sender=command.to.sender,
        responsibility=command.to.responsibility,
    )


def _withdrawn(wish: Wish, reason: WithdrawalReason, assignment_id: UUID | None = None) -> RequestWithdrawn:
    return RequestWithdrawn(request_id=wish.request_id, beneficiary_id=wish.beneficiary_id, reason=reason, assignment_id=assignment_id)


def _precluded(command: CloseForExit) -> RequestPrecluded:
    return RequestPrecluded(
        request_id=command.request_id,
        beneficiary_id=command.beneficiary_id,
        pathway_id=command.pathway_id,
        episode=command.episode,
        organisation=command.organisation,
        territory=command.territory,
        municipality=command.municipality,
    )
