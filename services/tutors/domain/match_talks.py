"""What two people are asked about a match, on the tutor request's stream: proposed, accepted by both after a first meeting, or declined.

At most one match stands at a time. What was declined is gone: nothing but a new proposal, which both accept anew, leads to an assignment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from contracts.errors import Invalid, Refusal
from contracts.matching import Accepting, MatchAccepted, MatchDeclined, MatchProposed
from contracts.matching_codes import Holding, MatchDeclineReason, MatchOrigin, MatchParty
from services.tutors.domain.approval import TutorNotInsured
from services.tutors.domain.matching_commands import AcceptMatch, AgreedOutside, DeclineMatch, MatchCommand, ProposeMatch
from services.tutors.domain.matching_policies import HOLDINGS, Part
from services.tutors.domain.traits import UNSAID, Traits

MatchEvent = MatchProposed | MatchAccepted | MatchDeclined


class MatchStanding(Refusal):
    """A match stands that nobody declined yet."""

    code = "match-standing"


class NoMatchStanding(Refusal):
    """No match stands: it was declined, fell with the request, or none was proposed."""

    code = "no-match-standing"


class MatchDeclinedBefore(Refusal):
    """The pair was declined, and the reason still holds."""

    code = "match-declined-before"


class MatchAlreadyAccepted(Refusal):
    """They accepted before."""

    code = "match-already-accepted"


class MatchNotAccepted(Refusal):
    """An assignment needs a match with this tutor that both accepted."""

    code = "match-not-accepted"


class FirstMeetingElsewhen(Refusal):
    """The first meeting is not on the day that was told before, or before the match was proposed."""

    code = "first-meeting-elsewhen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The match that stands: with whom, since when, and who accepted on which day."""

    match_id: UUID
    tutor_id: UUID
    proposed_on: date
    first_meeting_on: date | None = None
    accepted: Mapping[Accepting, date] = field(default_factory=dict)

    @property
    def agreed_on(self) -> date | None:
        """Return the day on which the second of the two accepted; None while one has not."""
        return max(self.accepted.values()) if len(self.accepted) == len(_BOTH) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """A decline, and how long it holds."""

    tutor_id: UUID
    reason: MatchDeclineReason
    holds: Holding
    until: date | None
    availability: int | None

    def stands(self, day: date, availability: int) -> bool:
        """Tell whether it still holds on a day, of a tutor who changed their availability so often."""
        match self.holds:
            case Holding.FOR_GOOD:
                return True
            case Holding.WHILE_AVAILABILITY:
                return availability == self.availability
            case Holding.UNTIL:
                return self.until is None or day <= self.until
            case Holding.NOT_AT_ALL:
                return False
            case _:
                assert_never(self.holds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talks:
    """What is known of matching for one request: whom the person wishes for, the match that stands, what was declined."""

    wishes: Traits = UNSAID
    standing: Standing | None = None
    declined: tuple[Declined, ...] = ()

    def refuses(self, tutor_id: UUID, day: date, availability: int) -> bool:
        """Tell whether a decline of this tutor still holds."""
        return any(one.tutor_id == tutor_id and one.stands(day, availability) for one in self.declined)


NO_TALKS = Talks()
"""Nothing is known of matching yet."""

_BOTH = (MatchParty.TUTOR, MatchParty.BENEFICIARY)


@dataclass(frozen=True, slots=True)
class Of:
    """Whose talks they are."""

    request_id: UUID
    beneficiary_id: UUID


def decide(command: MatchCommand, talks: Talks, of: Of) -> MatchEvent:
    """Return what follows from a command about a match of an open request; raises a `Refusal`."""
    match command:
        case ProposeMatch():
            return _propose(command, talks, of)
        case AcceptMatch():
            return _accept(command, _standing(talks), of)
        case DeclineMatch():
            return _decline(command, _standing(talks), of)
        case _:
            assert_never(command)


def agreed_outside(said: AgreedOutside, tutor_id: UUID, availability: int, talks: Talks, of: Of) -> list[MatchEvent]:
    """Return what the two agreed between themselves, as the same facts in the same order: proposed, and accepted by both.

    Whether the tutor was insured when they met is asked of the tutor in the same append (`TakeCapacity`).
    """
    _check_proposable(tutor_id, said.first_meeting_on, availability, talks)
    proposed = MatchProposed(
        match_id=said.match_id,
        request_id=of.request_id,
        beneficiary_id=of.beneficiary_id,
        tutor_id=tutor_id,
        origin=MatchOrigin.AGREED_OUTSIDE,
        proposed_on=said.first_meeting_on,
    )
    days: tuple[tuple[Accepting, date], ...] = (
        (MatchParty.TUTOR, said.tutor_accepted_on),
        (MatchParty.BENEFICIARY, said.beneficiary_accepted_on),
    )
    events: list[MatchEvent] = [proposed]
    talks = evolve(talks, proposed)
    for by, day in days:
        events.append(_accept(AcceptMatch(by=by, first_meeting_on=said.first_meeting_on, on=day, insured=True), _standing(talks), of))
        talks = evolve(talks, events[-1])
    return events


def check_agreed(talks: Talks, tutor_id: UUID, starts_on: date) -> None:
    """Refuse an assignment that both did not accept, with this very tutor, by the day on which it starts."""
    standing = talks.standing
    agreed = None if standing is None or standing.tutor_id != tutor_id else standing.agreed_on
    if agreed is None:
        raise MatchNotAccepted("tutor and person both accept after a first meeting: record both, or that they agreed outside the matching")
    if starts_on < agreed:
        raise MatchNotAccepted("the assignment starts on the day on which the second of the two accepted, or later")


def evolve(talks: Talks, event: MatchEvent) -> Talks:
    """Return the talks after an event about a match."""
    match event:
        case MatchProposed():
            return replace(talks, standing=Standing(match_id=event.match_id, tutor_id=event.tutor_id, proposed_on=event.proposed_on))
        case MatchAccepted():
            standing = _standing(talks)
            accepted = {**standing.accepted, event.by: event.accepted_on}
            return replace(talks, standing=replace(standing, accepted=accepted, first_meeting_on=event.first_meeting_on))
        case MatchDeclined():
            declined = Declined(
                tutor_id=event.tutor_id, reason=event.reason, holds=event.holds, until=event.until, availability=event.availability
            )
            return replace(talks, standing=None, declined=(*talks.declined, declined))
        case _:
            assert_never(event)


def fallen(talks: Talks) -> Talks:
    """Return the talks when the request was met or no longer stands: what stood falls with it, what was declined stays so."""
    return replace(talks, standing=None)


def _standing(talks: Talks) -> Standing:
    if talks.standing is None:
        raise NoMatchStanding("no match stands for this request: it was declined, or none was proposed")
    return talks.standing


def _check_proposable(tutor_id: UUID, day: date, availability: int, talks: Talks) -> None:
    if talks.standing is not None:
        raise MatchStanding("a match stands for this request: assign its tutor once both accepted, or decline it first")
    if talks.refuses(tutor_id, day, availability):
        raise MatchDeclinedBefore("this pair was declined, and the reason still holds")


def _propose(command: ProposeMatch, talks: Talks, of: Of) -> MatchProposed:
    _check_proposable(command.tutor_id, command.on, command.availability, talks)
    parts = command.weighed.parts
    return MatchProposed(
        match_id=command.match_id,
        request_id=of.request_id,
        beneficiary_id=of.beneficiary_id,
        tutor_id=command.tutor_id,
        origin=MatchOrigin.MATCHING,
        proposed_on=command.on,
        policy_version=command.weighed.policy_version,
        score=command.weighed.score,
        languages=parts[Part.LANGUAGES],
        distance=parts[Part.DISTANCE],
        interests=parts[Part.INTERESTS],
        availability=parts[Part.AVAILABILITY],
        continuity=parts[Part.CONTINUITY],
    )


def _accept(command: AcceptMatch, standing: Standing, of: Of) -> MatchAccepted:
    if command.by in standing.accepted:
        raise MatchAlreadyAccepted("they accepted this match before")
    if command.first_meeting_on > command.on:
        raise Invalid("each accepts after the first meeting, or on its day")
    if command.first_meeting_on < standing.proposed_on:
        raise FirstMeetingElsewhen(f"the match was proposed on {standing.proposed_on}: the two met on that day or later")
    if standing.first_meeting_on not in (None, command.first_meeting_on):
        raise FirstMeetingElsewhen(f"the other side told of a first meeting on {standing.first_meeting_on}: there is one first meeting")
    if not command.insured:
        raise TutorNotInsured("no insurance covers the day of the first meeting: every volunteer is insured before the first meeting")
    return MatchAccepted(
        match_id=standing.match_id,
        request_id=of.request_id,
        beneficiary_id=of.beneficiary_id,
        tutor_id=standing.tutor_id,
        by=command.by,
        first_meeting_on=command.first_meeting_on,
        accepted_on=command.on,
    )


def _decline(command: DeclineMatch, standing: Standing, of: Of) -> MatchDeclined:
    holds = HOLDINGS[command.reason]
    if (command.until is not None) != (holds is Holding.UNTIL):
        raise Invalid("a day until which it holds is told with 'not now' and 'no first meeting', and with no other reason")
    if command.until is not None and command.until <= command.on:
        raise Invalid("a reason holds until a later day")
    if command.reason is MatchDeclineReason.PROPOSED_IN_ERROR and command.by is not MatchParty.ORGANISATION:
        raise Invalid("an error in proposing is the organisation's")
    return MatchDeclined(
        match_id=standing.match_id,
        request_id=of.request_id,
        beneficiary_id=of.beneficiary_id,
        tutor_id=standing.tutor_id,
        by=command.by,
        reason=command.reason,
        holds=holds,
        until=command.until,
        availability=command.availability if holds is Holding.WHILE_AVAILABILITY else None,
        notes=command.notes,
    )
