"""The tutor as a state: what is known, what they may do at present, and how each event changes it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import assert_never
from uuid import UUID

from contracts.errors import Unknown
from contracts.matching import TutorOfferDescribed
from contracts.tutor_codes import LapseReason, RetirementReason, SuspensionReason, TutorKind, VettingOutcome
from contracts.tutors import (
    AvailabilityChanged,
    CapacityFreed,
    CapacityTaken,
    InsuranceRecorded,
    TutorApprovalLapsed,
    TutorApproved,
    TutorInterviewed,
    TutorRegistered,
    TutorRetired,
    TutorSuspended,
    TutorTrained,
    VettingRecorded,
)
from services.tutors.domain.follow_up import FollowUp, FollowUpEvent
from services.tutors.domain.traits import UNSAID, Traits, traits_of

TutorEvent = (
    TutorRegistered
    | TutorInterviewed
    | TutorTrained
    | VettingRecorded
    | InsuranceRecorded
    | TutorApproved
    | TutorApprovalLapsed
    | TutorSuspended
    | TutorRetired
    | AvailabilityChanged
    | CapacityTaken
    | CapacityFreed
    | FollowUpEvent
    | TutorOfferDescribed
)


class TutorUnknown(Unknown):
    """No tutor is registered under this id."""

    code = "tutor-unknown"


@dataclass(frozen=True, slots=True)
class Profile:
    """Who the tutor is. Personal values are None once their key is destroyed."""

    tutor_id: UUID
    kind: TutorKind
    organisation: str
    territory: str
    municipality: str | None = None
    runts: str | None = None
    name: str | None = None
    birth_date: date | None = None
    languages: tuple[str, ...] | None = None
    volunteers: tuple[str, ...] | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Vetting:
    """The outcome of the last check of suitability."""

    outcome: VettingOutcome
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Insurance:
    """A period of cover, both days included."""

    valid_from: date
    valid_until: date

    def covers(self, day: date) -> bool:
        """Tell whether the tutor is insured on a day by this period."""
        return self.valid_from <= day <= self.valid_until


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a registered tutor, whatever they may do at present. `len(taken) <= capacity`, always."""

    profile: Profile
    capacity: int
    available: bool = True
    taken: frozenset[UUID] = frozenset()
    interviewed: bool = False
    trainings: tuple[str, ...] = ()
    vetting: Vetting | None = None
    insurances: tuple[Insurance, ...] = field(default=())
    follow_up: FollowUp = field(default=FollowUp())
    offer: Traits = UNSAID
    availability_changes: int = 0

    @property
    def traits(self) -> Traits:
        """Return what the tutor brings and wishes: as described, else as registered."""
        languages = self.offer.languages or frozenset(self.profile.languages or ())
        return replace(self.offer, languages=languages, municipality=self.offer.municipality or self.profile.municipality)

    def insured_until(self, day: date) -> date | None:
        """Return the last day of cover without a gap from `day`, or None where `day` itself is not covered."""
        last = None
        for period in sorted(self.insurances, key=lambda period: period.valid_from):
            if period.covers(day) or (last is not None and (period.valid_from - last).days <= 1):
                last = max(last or period.valid_until, period.valid_until)
        return last


@dataclass(frozen=True, slots=True)
class Approval:
    """Since when the tutor may be assigned without a break, and until when, by what was known at the last approval."""

    approved_on: date
    valid_until: date


@dataclass(frozen=True, slots=True)
class Unregistered:
    """Nothing is recorded under this id."""


@dataclass(frozen=True, slots=True)
class Registered:
    """On the register; assigned only while `approval` is there."""

    facts: Facts
    approval: Approval | None = None


@dataclass(frozen=True, slots=True)
class Suspended:
    """On the register, kept from new assignments until approved again."""

    facts: Facts
    reason: SuspensionReason


@dataclass(frozen=True, slots=True)
class Retired:
    """Off the register for good."""

    facts: Facts
    reason: RetirementReason


TutorState = Unregistered | Registered | Suspended | Retired


def lapse_reason(facts: Facts, day: date) -> LapseReason | None:
    """Return which condition of an approval does not hold on a day, or None where all hold."""
    match facts.vetting:
        case None | Vetting(outcome=VettingOutcome.FAILED):
            return LapseReason.VETTING_FAILED
        case Vetting(valid_until=last) if last is None or last < day:
            return LapseReason.VETTING_EXPIRED
        case _:
            return None if facts.insured_until(day) else LapseReason.INSURANCE_EXPIRED


def evolve(state: TutorState, event: TutorEvent) -> TutorState:
    """Return the state after an event of this stream."""
    if isinstance(event, TutorRegistered):
        return Registered(_opening(event))
    match state:
        case Unregistered():
            raise TutorUnknown("the stream does not begin with a registration")
        case Registered() | Suspended() | Retired():
            return _evolve(state, event)
        case _:
            assert_never(state)


def _evolve(state: Registered | Suspended | Retired, event: TutorEvent) -> TutorState:  # noqa: C901, PLR0911, PLR0912 - a case per event
    facts = state.facts
    match event:
        case TutorRegistered():
            return Registered(_opening(event))
        case TutorInterviewed():
            return replace(state, facts=replace(facts, interviewed=True))
        case TutorTrained():
            return replace(state, facts=replace(facts, trainings=(*facts.trainings, event.course)))
        case VettingRecorded():
            return replace(state, facts=replace(facts, vetting=Vetting(event.outcome, event.valid_until)))
        case InsuranceRecorded():
            period = Insurance(event.valid_from, event.valid_until)
            return replace(state, facts=replace(facts, insurances=(*facts.insurances, period)))
        case TutorApproved():
            approved = replace(facts, follow_up=facts.follow_up.approved(event.approved_on))
            return Registered(approved, Approval(_approved_since(state, event), event.valid_until))
        case TutorApprovalLapsed():
            return Registered(facts)
        case TutorSuspended():
            return Suspended(facts, event.reason)
        case TutorRetired():
            return Retired(facts, event.reason)
        case AvailabilityChanged():
            changed = replace(
                facts, capacity=event.capacity, available=event.available, availability_changes=facts.availability_changes + 1
            )
            return replace(state, facts=changed)
        case CapacityTaken():
            follow_up = facts.follow_up.assigned(event.assignment_id)
            return replace(state, facts=replace(facts, taken=facts.taken | {event.assignment_id}, follow_up=follow_up))
        case CapacityFreed():
            return replace(state, facts=replace(facts, taken=facts.taken - {event.assignment_id}))
        case TutorOfferDescribed():
            return replace(state, facts=replace(facts, offer=traits_of(event)))
        case _:
            return replace(state, facts=replace(facts, follow_up=facts.follow_up.after(event)))


def _approved_since(state: Registered | Suspended | Retired, event: TutorApproved) -> date:
    match state:
        case Registered(approval=Approval(approved_on=since)):
            return min(since, event.approved_on)
        case _:
            return event.approved_on


def _opening(event: TutorRegistered) -> Facts:
    profile = Profile(
        tutor_id=event.tutor_id,
        kind=event.kind,
        organisation=event.organisation,
        territory=event.territory,
        municipality=event.municipality,
        runts=event.runts,
        name=event.name,
        birth_date=event.birth_date,
        languages=event.languages,
        volunteers=event.volunteers,
        email=event.email,
        phone=event.phone,
    )
    return Facts(profile, event.capacity)
