"""The request for a tutor: open until met, open again when an assignment ends early, closed for good when the person exits.

It belongs to the organisation that is responsible for the person, and follows it: also before anybody has asked.
"""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

from contracts.errors import Invalid, Refusal
from contracts.handing_over import RequestHandedOver
from contracts.tutor_codes import WithdrawalReason
from contracts.tutor_requests import RequestMet, RequestPrecluded, RequestReopened, RequestWithdrawn, TutorRequested
from services.tutors.domain import match_talks
from services.tutors.domain.joining import RecordedElsewhere, decide_joining, withdrawn_elsewhere
from services.tutors.domain.match_talks import Of
from services.tutors.domain.matching_commands import AcceptMatch, DeclineMatch, DescribeWish, ProposeMatch
from services.tutors.domain.request_commands import (
    CloseForExit,
    HandRequestOver,
    JoinRequest,
    MeetRequest,
    PartRequest,
    ReleaseRequest,
    RequestCommand,
    RequestTutor,
    WithdrawRequest,
)
from services.tutors.domain.traits import wish_described
from services.tutors.domain.tutor_request_state import (
    Met,
    NotRequested,
    Open,
    RequestEvent,
    RequestState,
    RequestUnknown,
    Unasked,
    Wish,
    Withdrawn,
    followed,
)

_OF_INTAKE = (WithdrawalReason.BENEFICIARY_EXITED, WithdrawalReason.RECORDED_ELSEWHERE)


class TutorAlreadyRequested(Refusal):
    """The request is open or met."""

    code = "tutor-already-requested"


class RequestNotOpen(Refusal):
    """The request is not open: it was met or withdrawn meanwhile."""

    code = "tutor-request-not-open"


class TutorStandsAlready(Refusal):
    """The tutor stands beside the person already."""

    code = "tutor-stands-already"


class PlanOutdated(Refusal):
    """What a version of the plan wants was answered before, by it or by a later one."""

    code = "plan-outdated"


class RequestHeldByOther(Refusal):
    """The request is not met by that assignment."""

    code = "tutor-request-held-by-other"


class PersonHasExited(Refusal):
    """The person's episode ended: no tutor can be asked for under this id any more."""

    code = "person-has-exited"


def decide(command: RequestCommand, state: RequestState) -> list[RequestEvent]:
    """Return what follows from a command to a request; raises a `Refusal`."""
    events = _decide(command, state)
    return [*events, *withdrawn_elsewhere(events, state)]


def _decide(command: RequestCommand, state: RequestState) -> list[RequestEvent]:  # noqa: C901, PLR0911 - a case each
    match command:
        case RequestTutor():
            return [_request(command, state)]
        case DescribeWish():
            wish = _seeking(state).wish
            return [wish_described(command.traits, request_id=wish.request_id, beneficiary_id=wish.beneficiary_id)]
        case ProposeMatch() | AcceptMatch() | DeclineMatch():
            seeking = _seeking(state)
            if isinstance(command, ProposeMatch):
                _check_another(command.tutor_id, seeking)
            return [match_talks.decide(command, seeking.talks, _of(seeking.wish))]
        case MeetRequest():
            return _meet(command, _seeking(state))
        case ReleaseRequest():
            return [_release(command, state)]
        case WithdrawRequest():
            return [_withdraw(command, state)]
        case CloseForExit():
            return _close(command, state)
        case HandRequestOver():
            return _hand_over(command, state)
        case JoinRequest() | PartRequest():
            return decide_joining(command, state)
        case _:
            assert_never(command)


def _of(wish: Wish) -> Of:
    return Of(wish.request_id, wish.beneficiary_id)


def _seeking(state: RequestState) -> Open | Met:
    """Return the request of somebody who wants a tutor, or of somebody who has one and may have another."""
    match state:
        case Open(wish) | Met(wish) | Withdrawn(wish) if wish.goes_on_under is not None:
            raise RecordedElsewhere(wish.goes_on_under)
        case Open() | Met():
            return state
        case NotRequested() | Unasked():
            raise RequestUnknown("no request is recorded under this id: check it")
        case Withdrawn():
            raise RequestNotOpen("the request was withdrawn meanwhile: read it again")
        case _:
            assert_never(state)


def _check_another(tutor_id: UUID, seeking: Open | Met) -> None:
    if isinstance(seeking, Met) and seeking.tutor_id == tutor_id:
        raise TutorStandsAlready("this tutor stands beside the person already: another one can take over")


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


def _meet(command: MeetRequest, seeking: Open | Met) -> list[RequestEvent]:
    held = seeking.assignment_id if isinstance(seeking, Met) else None
    if held is not None and command.instead_of is None:
        raise RequestNotOpen("a tutor stands beside the person: reassign that assignment instead")
    if held != command.instead_of:
        raise RequestHeldByOther("the request is not met by that assignment")
    _check_another(command.tutor_id, seeking)
    wish, talks, events = seeking.wish, seeking.talks, list[RequestEvent]()
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
        case Open(wish) | Withdrawn(wish, reason=WithdrawalReason.RECORDED_ELSEWHERE):
            if command.reason in _OF_INTAKE:
                raise Invalid("this is recorded in intake, and withdraws the request by itself")
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
    if followed(state) >= command.to.responsibility:
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
