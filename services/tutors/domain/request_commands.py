"""What can be asked of a request for a tutor, in the imperative, one frozen class each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.tutor_codes import (
    WithdrawalReason,
)
from services.tutors.domain.matching_commands import AgreedOutside, DescribeWish, MatchCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTutor:
    """Ask for a tutor for this person, as this version of the plan says."""

    request_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None = None
    plan_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetRequest:
    """Answer the request with this assignment, which both accepted: in the matching, or as told in `agreed`.

    `availability`: how often the tutor has changed theirs. `instead_of`: the assignment of another tutor that ends in the same append.
    """

    assignment_id: UUID
    tutor_id: UUID
    starts_on: date
    availability: int = 0
    agreed: AgreedOutside | None = None
    instead_of: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRequest:
    """Let go of an assignment that ends; `still_wanted`: the person wants another tutor."""

    assignment_id: UUID
    still_wanted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRequest:
    """Take an open request back; `plan_version`: because this version of the plan no longer wants a tutor."""

    reason: WithdrawalReason
    plan_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseForExit:
    """End whatever the request is at: the person's episode ended. `assignment_id` is the assignment that ends in the same append.

    The rest says where the facts belong, should nothing be recorded under this id yet.
    """

    request_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None = None
    assignment_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedTo:
    """Where responsibility for a person has moved; `responsibility` is intake's version of that fact."""

    transfer_id: UUID
    organisation: str
    territory: str
    municipality: str | None
    sender: str
    responsibility: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandRequestOver:
    """Give the request to the organisation that is responsible now. `ending` is the assignment that ends with it in the same append.

    The ids say whose request it will be, should nothing be recorded under this id yet.
    """

    request_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    to: HandedTo
    ending: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _FollowDecision:
    request_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None
    survivor_id: UUID
    decided: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRequest(_FollowDecision):
    """Seek no tutor any more: another record of the same person goes on. `decided` is intake's version of that decision.

    The ids and the place say whose request it will be, and where, should nothing be recorded under this id yet.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRequest(_FollowDecision):
    """Seek a tutor again where one was wanted: the two records are two persons' after all. The rest is as in `JoinRequest`."""


RequestCommand = (
    RequestTutor
    | DescribeWish
    | MatchCommand
    | MeetRequest
    | ReleaseRequest
    | WithdrawRequest
    | CloseForExit
    | HandRequestOver
    | JoinRequest
    | PartRequest
)
