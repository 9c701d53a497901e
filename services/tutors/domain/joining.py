"""A request follows what intake decides of its record: under one in whose place another goes on no tutor is sought, whoever asks.

What is wanted there is withdrawn as it is said, and so remembered: if the two turn out to be two persons, it is wanted again. A tutor who
stands beside the person goes on until people end it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING
from uuid import UUID

from contracts.errors import Refusal
from contracts.joining import RequestJoined, RequestParted
from contracts.tutor_codes import WithdrawalReason
from contracts.tutor_requests import RequestReopened, RequestWithdrawn
from services.tutors.domain.request_commands import JoinRequest, PartRequest
from services.tutors.domain.tutor_request_state import NotRequested, Open, RequestEvent, RequestState, Withdrawn, evolve

if TYPE_CHECKING:
    from collections.abc import Sequence


class RecordedElsewhere(Refusal):
    """The request's record was confirmed to be the same person's as another, which goes on in its place."""

    code = "recorded-elsewhere"

    def __init__(self, survivor_id: UUID) -> None:
        """Say where to go."""
        super().__init__(f"this is the same person as {survivor_id}: seek a tutor there; or split the two, if they are two persons")


def decide_joining(command: JoinRequest | PartRequest, state: RequestState) -> list[RequestEvent]:
    """Return the joining or parting, or nothing where this or a later decision has been followed before."""
    if not isinstance(state, NotRequested) and command.decided <= state.wish.decided:
        return []
    if isinstance(command, JoinRequest):
        return [RequestJoined.model_validate(asdict(command))]
    parted = RequestParted.model_validate(asdict(command))
    match state:
        case Withdrawn(wish, reason=WithdrawalReason.RECORDED_ELSEWHERE):
            asks_again = RequestReopened(request_id=wish.request_id, beneficiary_id=wish.beneficiary_id, plan_version=wish.plan_version)
            return [parted, asks_again]
        case _:
            return [parted]


def withdrawn_elsewhere(events: Sequence[RequestEvent], state: RequestState) -> list[RequestEvent]:
    """Return the withdrawal of a request that would be open after these events, although another record goes on."""
    for event in events:
        state = evolve(state, event)
    if not isinstance(state, Open) or state.wish.goes_on_under is None:
        return []
    ids = {"request_id": state.wish.request_id, "beneficiary_id": state.wish.beneficiary_id}
    return [RequestWithdrawn(**ids, reason=WithdrawalReason.RECORDED_ELSEWHERE)]
