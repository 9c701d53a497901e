"""The request for a tutor as a state: whose wish it is, where it belongs, what it is at, and how each event changes it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never
from uuid import UUID

from contracts.errors import Unknown
from contracts.handing_over import RequestHandedOver
from contracts.joining import RequestJoined, RequestParted
from contracts.matching import MatchAccepted, MatchDeclined, MatchProposed, TutorWishDescribed
from contracts.tutor_codes import WithdrawalReason
from contracts.tutor_requests import RequestMet, RequestPrecluded, RequestReopened, RequestWithdrawn, TutorRequested
from services.tutors.domain import match_talks
from services.tutors.domain.match_talks import NO_TALKS, MatchEvent, Talks
from services.tutors.domain.traits import traits_of

RequestEvent = (
    TutorRequested
    | TutorWishDescribed
    | MatchEvent
    | RequestMet
    | RequestReopened
    | RequestWithdrawn
    | RequestPrecluded
    | RequestHandedOver
    | RequestJoined
    | RequestParted
)


class RequestUnknown(Unknown):
    """No request is recorded under this id."""

    code = "tutor-request-unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Whose wish it is, on which pathway, where, and which version of the plan last asked (0: none).

    `responsibility` is intake's version of who is responsible, where a transfer was followed. `goes_on_under` is the record of the same
    person that goes on in this one's place, and `decided` intake's version of that decision, where one was followed.
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
    goes_on_under: UUID | None = None
    decided: int = 0


@dataclass(frozen=True, slots=True)
class NotRequested:
    """Nothing is recorded under this id."""


@dataclass(frozen=True, slots=True)
class Unasked:
    """Nobody has asked, but a transfer has told where a wish will belong, or a decision, that another record goes on."""

    wish: Wish


@dataclass(frozen=True, slots=True)
class Open:
    """The person waits for a tutor."""

    wish: Wish
    talks: Talks = NO_TALKS


@dataclass(frozen=True, slots=True)
class Met:
    """A tutor stands beside the person, by this assignment. `talks` are about another who takes over."""

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


def evolve(state: RequestState, event: RequestEvent) -> RequestState:  # noqa: PLR0911 - a case per event
    """Return the state after an event of this stream."""
    talks = NO_TALKS if isinstance(state, NotRequested | Unasked) else state.talks
    match event:
        case TutorRequested():
            return Open(replace(_wish(event, state), plan_version=event.plan_version))
        case RequestPrecluded():
            return Withdrawn(_wish(event, state), WithdrawalReason.BENEFICIARY_EXITED, talks)
        case TutorWishDescribed():
            return _in_talks(state, replace(talks, wishes=traits_of(event)))
        case MatchProposed() | MatchAccepted() | MatchDeclined():
            return _in_talks(state, match_talks.evolve(talks, event))
        case RequestMet():
            return Met(_standing(state), event.assignment_id, event.tutor_id, match_talks.fallen(talks))
        case RequestReopened():
            wish = _standing(state)
            return Open(replace(wish, plan_version=event.plan_version or wish.plan_version), talks)
        case RequestWithdrawn():
            return Withdrawn(_standing(state), event.reason, match_talks.fallen(talks))
        case RequestHandedOver():
            return _handed_over(state, event)
        case RequestJoined() | RequestParted():
            return _decided(state, event)
        case _:
            assert_never(event)


def _in_talks(state: RequestState, talks: Talks) -> RequestState:
    """Return the request with these talks. Who has a tutor is in talks about another, who takes over; until then nothing changes."""
    return replace(state, talks=talks) if isinstance(state, Met) else Open(_standing(state), talks)


def _handed_over(state: RequestState, event: RequestHandedOver) -> RequestState:
    if isinstance(state, NotRequested):
        return Unasked(replace(_wish(event, state), responsibility=event.responsibility))
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


def _decided(state: RequestState, event: RequestJoined | RequestParted) -> RequestState:
    survivor = event.survivor_id if isinstance(event, RequestJoined) else None
    wish = _wish(event, state) if isinstance(state, NotRequested) else state.wish
    told = replace(wish, goes_on_under=survivor, decided=event.decided)
    match state:
        case NotRequested() | Unasked():
            return Unasked(told)
        case Open() | Met() | Withdrawn():
            # A match that stands leads to no assignment under a record in whose place another goes on.
            return replace(state, wish=told, talks=match_talks.fallen(state.talks) if survivor else state.talks)


def followed(state: RequestState) -> int:
    """Return intake's version of who is responsible, as far as the request has followed it; 0 where it never had to."""
    return 0 if isinstance(state, NotRequested) else state.wish.responsibility


def _wish(said: TutorRequested | RequestPrecluded | RequestHandedOver | RequestJoined | RequestParted, before: RequestState) -> Wish:
    """Return the wish as it is said, with what was followed before."""
    wish = Wish(
        request_id=said.request_id,
        beneficiary_id=said.beneficiary_id,
        pathway_id=said.pathway_id,
        episode=said.episode,
        organisation=said.organisation,
        territory=said.territory,
        municipality=said.municipality,
    )
    if isinstance(before, NotRequested):
        return wish
    known = before.wish
    return replace(wish, responsibility=known.responsibility, goes_on_under=known.goes_on_under, decided=known.decided)


def _standing(state: RequestState) -> Wish:
    match state:
        case NotRequested():
            raise RequestUnknown("the stream does not begin with a request")
        case Unasked(wish) | Open(wish) | Met(wish) | Withdrawn(wish):
            return wish
        case _:
            assert_never(state)
