"""What can be asked about matching, in the imperative, one frozen class each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.matching import Accepting
from contracts.matching_codes import MatchDeclineReason, MatchParty
from services.tutors.domain.traits import Traits
from services.tutors.domain.weighing import Weighed


@dataclass(frozen=True, slots=True)
class DescribeOffer:
    """Say what a tutor brings and wishes, all of it."""

    traits: Traits


@dataclass(frozen=True, slots=True)
class DescribeWish:
    """Say whom a person would like as a tutor, all of it."""

    traits: Traits


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAssignable:
    """Make sure that the tutor could be given an assignment in this territory on this day; nothing follows where they could."""

    territory: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeMatch:
    """Propose a tutor on this day, scored as told. `availability`: how often the tutor has changed theirs."""

    match_id: UUID
    tutor_id: UUID
    on: date
    availability: int
    weighed: Weighed


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptMatch:
    """Note that one of the two accepted on this day, after they met first; `insured`: the tutor was, on the day of that meeting."""

    by: Accepting
    first_meeting_on: date
    on: date
    insured: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineMatch:
    """Note that the standing match was declined on this day; `until` where the reason holds until a day."""

    by: MatchParty
    reason: MatchDeclineReason
    on: date
    availability: int
    until: date | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedOutside:
    """What the people agreed between themselves before anybody proposed it: when they met first, and when each of them accepted."""

    match_id: UUID
    first_meeting_on: date
    tutor_accepted_on: date
    beneficiary_accepted_on: date


MatchCommand = ProposeMatch | AcceptMatch | DeclineMatch
