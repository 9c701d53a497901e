"""What the tutors service publishes of the register of Territorial Tutors: a tutor is a stream of its own.

Days that a later decision needs (`approved_on`, `valid_until` …) stand in the data and equal the envelope's `occurred_on` unless the
docstring says otherwise.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from contracts.event import Event
from contracts.fields import (
    AssignmentId,
    Organisation,
    Territory,
    TutorId,
)
from contracts.personal import DataClass, Personal
from contracts.tutor_codes import (
    LapseReason,
    RetirementReason,
    SuspensionReason,
    TutorKind,
    VettingOutcome,
)

TutorIdentity = Personal(DataClass.IDENTITY, subject="tutor_id")


TutorContact = Personal(DataClass.CONTACT, subject="tutor_id")


TutorJudicial = Personal(DataClass.JUDICIAL, subject="tutor_id")


TutorNotes = Personal(DataClass.NOTES, subject="tutor_id")


Places = Annotated[int, Field(ge=0)]
"""How many assignments a tutor can hold at once."""


class TutorRegistered(Event, type="tutors.tutor_registered"):
    """A volunteer entered an organisation's register. Opens the stream; nobody may be assigned before approval.

    `capacity` is how many assignments at once; `runts` is an association's number in the public register of the Third Sector.
    Registration is refused to paid staff of the same organisation, so whoever is registered has declared not to be.
    """

    tutor_id: TutorId
    kind: TutorKind = Field(description="who volunteers")
    organisation: Organisation
    territory: Territory
    capacity: Places = Field(description="how many assignments at once")
    runts: str | None = Field(default=None, description="an association's number in the public register of the Third Sector")
    name: Annotated[str | None, TutorIdentity] = Field(default=None, description="the citizen's, group's or association's name")
    birth_date: Annotated[date | None, TutorIdentity] = Field(default=None, description="a citizen's day of birth")
    languages: Annotated[tuple[str, ...] | None, TutorIdentity] = Field(
        default=None, description="ISO 639 codes of the languages that are spoken"
    )
    volunteers: Annotated[tuple[str, ...] | None, TutorIdentity] = Field(
        default=None, description="names of those who stand behind a group or an association"
    )
    municipality: Annotated[str | None, TutorContact] = Field(default=None, description="where the tutor lives or has the seat")
    email: Annotated[str | None, TutorContact] = Field(default=None, description="address for electronic mail")
    phone: Annotated[str | None, TutorContact] = Field(default=None, description="number under which the tutor is reached")


class TutorInterviewed(Event, type="tutors.tutor_interviewed"):
    """The organisation spoke with the tutor about what the role asks and gives."""

    tutor_id: TutorId
    notes: Annotated[str | None, TutorNotes] = Field(default=None, description="what was talked about, in words")


class TutorTrained(Event, type="tutors.tutor_trained"):
    """The tutor completed a training of the shared methodology; `course` is its code."""

    tutor_id: TutorId
    course: str = Field(description="code of the training")
    hours: Annotated[int, Field(ge=1)] = Field(description="its length in hours")


class VettingRecorded(Event, type="tutors.vetting_recorded"):
    """The suitability of the tutor was checked. Only the outcome and its last valid day travel; what was seen stays sealed.

    A failed vetting has no `valid_until`. The latest vetting is the one that counts.
    """

    tutor_id: TutorId
    outcome: VettingOutcome = Field(description="the result of the check")
    valid_until: date | None = Field(default=None, description="last day of its validity; None where it failed")
    notes: Annotated[str | None, TutorJudicial] = Field(default=None, description="what was seen: certificates and what they say")


class InsuranceRecorded(Event, type="tutors.insurance_recorded"):
    """The tutor is insured as a volunteer from `valid_from` to `valid_until`, both days included. Periods add up."""

    tutor_id: TutorId
    valid_from: date = Field(description="first day of the insurance")
    valid_until: date = Field(description="its last day")
    kept_by: str = Field(description="code of the organisation that keeps the policy")


class TutorApproved(Event, type="tutors.tutor_approved"):
    """The tutor may be assigned: interviewed, trained, vetted and insured on `approved_on`. Also ends a suspension.

    `valid_until` is the last day on which vetting and insurance as then known both hold.
    """

    tutor_id: TutorId
    approved_on: date = Field(description="the day from which the tutor may be assigned")
    valid_until: date = Field(description="last day on which vetting and insurance as then known both hold")


class TutorApprovalLapsed(Event, type="tutors.tutor_approval_lapsed"):
    """The approval ended because a condition of it did. Running assignments go on; no new one starts before a new approval."""

    tutor_id: TutorId
    reason: LapseReason = Field(description="which condition ended")
    lapsed_on: date = Field(description="first day without approval")


class TutorSuspended(Event, type="tutors.tutor_suspended"):
    """The tutor may not be assigned until approved again. Running assignments are ended one by one, by a person."""

    tutor_id: TutorId
    reason: SuspensionReason = Field(description="why the tutor rests")
    notes: Annotated[str | None, TutorNotes] = Field(default=None, description="what led to it, in words")


class TutorRetired(Event, type="tutors.tutor_retired"):
    """The tutor left the register, with no assignment running. Nothing follows on this stream."""

    tutor_id: TutorId
    reason: RetirementReason = Field(description="why the tutor left")
    notes: Annotated[str | None, TutorNotes] = Field(default=None, description="what led to it, in words")


class AvailabilityChanged(Event, type="tutors.availability_changed"):
    """How many assignments the tutor takes at once (never below the running ones), and whether new ones are welcome now."""

    tutor_id: TutorId
    capacity: Places = Field(description="how many assignments at once")
    available: bool = Field(description="whether new assignments are welcome now")


class CapacityTaken(Event, type="tutors.capacity_taken"):
    """One place of the tutor's capacity went to an assignment; stored in one append with TutorAssigned and RequestMet."""

    tutor_id: TutorId
    assignment_id: AssignmentId


class CapacityFreed(Event, type="tutors.capacity_freed"):
    """An assignment ended and gave its place back; stored in one append with AssignmentEnded."""

    tutor_id: TutorId
    assignment_id: AssignmentId
