"""What the tutors service publishes: the register of Territorial Tutors, the requests for one, and the assignments.

Three streams: a tutor (keyed by itself), a tutor request and an assignment (both keyed by the beneficiary). Days that a later
decision needs (`held_on`, `ended_on` …) stand in the data and equal the envelope's `occurred_on` unless the docstring says otherwise.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.event import Event
from contracts.personal import DataClass, Personal
from contracts.tutor_codes import (
    ConnectionKind,
    EndReason,
    LapseReason,
    MeetingKind,
    RetirementReason,
    SilenceKind,
    SuspensionReason,
    TutorKind,
    VettingOutcome,
    WithdrawalReason,
)

TutorIdentity = Personal(DataClass.IDENTITY, subject="tutor_id")
TutorContact = Personal(DataClass.CONTACT, subject="tutor_id")
TutorJudicial = Personal(DataClass.JUDICIAL, subject="tutor_id")
TutorNotes = Personal(DataClass.NOTES, subject="tutor_id")
BeneficiaryNotes = Personal(DataClass.NOTES, subject="beneficiary_id")

Minutes = Annotated[int, Field(ge=0)]
Places = Annotated[int, Field(ge=0)]
"""How many assignments a tutor can hold at once."""


class TutorRegistered(Event, type="tutors.tutor_registered"):
    """A volunteer entered an organisation's register. Opens the stream; nobody may be assigned before approval.

    `capacity` is how many assignments at once; `runts` is an association's number in the public register of the Third Sector.
    Registration is refused to paid staff of the same organisation, so whoever is registered has declared not to be.
    """

    tutor_id: UUID
    kind: TutorKind
    organisation: str
    territory: str
    capacity: Places
    runts: str | None = None
    name: Annotated[str | None, TutorIdentity] = None
    birth_date: Annotated[date | None, TutorIdentity] = None
    languages: Annotated[tuple[str, ...] | None, TutorIdentity] = None
    volunteers: Annotated[tuple[str, ...] | None, TutorIdentity] = None
    municipality: Annotated[str | None, TutorContact] = None
    email: Annotated[str | None, TutorContact] = None
    phone: Annotated[str | None, TutorContact] = None


class TutorInterviewed(Event, type="tutors.tutor_interviewed"):
    """The organisation spoke with the tutor about what the role asks and gives."""

    tutor_id: UUID
    notes: Annotated[str | None, TutorNotes] = None


class TutorTrained(Event, type="tutors.tutor_trained"):
    """The tutor completed a training of the shared methodology; `course` is its code."""

    tutor_id: UUID
    course: str
    hours: Annotated[int, Field(ge=1)]


class VettingRecorded(Event, type="tutors.vetting_recorded"):
    """The suitability of the tutor was checked. Only the outcome and its last valid day travel; what was seen stays sealed.

    A failed vetting has no `valid_until`. The latest vetting is the one that counts.
    """

    tutor_id: UUID
    outcome: VettingOutcome
    valid_until: date | None = None
    notes: Annotated[str | None, TutorJudicial] = None


class InsuranceRecorded(Event, type="tutors.insurance_recorded"):
    """The tutor is insured as a volunteer from `valid_from` to `valid_until`, both days included. Periods add up."""

    tutor_id: UUID
    valid_from: date
    valid_until: date
    kept_by: str
    """Code of the organisation that keeps the policy."""


class TutorApproved(Event, type="tutors.tutor_approved"):
    """The tutor may be assigned: interviewed, trained, vetted and insured on `approved_on`. Also ends a suspension.

    `valid_until` is the last day on which vetting and insurance as then known both hold.
    """

    tutor_id: UUID
    approved_on: date
    valid_until: date


class TutorApprovalLapsed(Event, type="tutors.tutor_approval_lapsed"):
    """The approval ended because a condition of it did. Running assignments go on; no new one starts before a new approval."""

    tutor_id: UUID
    reason: LapseReason
    lapsed_on: date


class TutorSuspended(Event, type="tutors.tutor_suspended"):
    """The tutor may not be assigned until approved again. Running assignments are ended one by one, by a person."""

    tutor_id: UUID
    reason: SuspensionReason
    notes: Annotated[str | None, TutorNotes] = None


class TutorRetired(Event, type="tutors.tutor_retired"):
    """The tutor left the register, with no assignment running. Nothing follows on this stream."""

    tutor_id: UUID
    reason: RetirementReason
    notes: Annotated[str | None, TutorNotes] = None


class AvailabilityChanged(Event, type="tutors.availability_changed"):
    """How many assignments the tutor takes at once (never below the running ones), and whether new ones are welcome now."""

    tutor_id: UUID
    capacity: Places
    available: bool


class CapacityTaken(Event, type="tutors.capacity_taken"):
    """One place of the tutor's capacity went to an assignment; stored in one append with TutorAssigned and RequestMet."""

    tutor_id: UUID
    assignment_id: UUID


class CapacityFreed(Event, type="tutors.capacity_freed"):
    """An assignment ended and gave its place back; stored in one append with AssignmentEnded."""

    tutor_id: UUID
    assignment_id: UUID


class TutorRequested(Event, type="tutors.tutor_requested"):
    """A person wants a tutor, as agreed in this version of the plan. Opens the stream; `request_id` is derived from the pathway's id."""

    request_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None = None
    plan_version: int = 1


class RequestMet(Event, type="tutors.request_met"):
    """A tutor was found; stored in one append with TutorAssigned and CapacityTaken."""

    request_id: UUID
    beneficiary_id: UUID
    assignment_id: UUID
    tutor_id: UUID


class RequestReopened(Event, type="tutors.request_reopened"):
    """The person wants a tutor again: the assignment named ended early, or a later version of the plan asks anew."""

    request_id: UUID
    beneficiary_id: UUID
    assignment_id: UUID | None = None
    plan_version: int | None = None


class RequestWithdrawn(Event, type="tutors.request_withdrawn"):
    """An open or met request no longer stands. With `assignment_id`, that assignment ended in the same append."""

    request_id: UUID
    beneficiary_id: UUID
    reason: WithdrawalReason
    assignment_id: UUID | None = None


class RequestPrecluded(Event, type="tutors.request_precluded"):
    """The person's episode ended with no request open: none can open under this id any more, whatever arrives late.

    It is the stream's first event where the person never asked, or where the exit overtook the agreed plan.
    """

    request_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None = None


class TutorAssigned(Event, type="tutors.tutor_assigned"):
    """A tutor stands beside a person from `starts_on` (*affiancamento*). Opens the stream; one append with RequestMet and CapacityTaken."""

    assignment_id: UUID
    request_id: UUID
    tutor_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    organisation: str
    territory: str
    municipality: str | None = None
    starts_on: date


class MeetingLogged(Event, type="tutors.meeting_logged"):
    """Tutor and person met, or were to meet and did not. `late_entry`: recorded after the assignment's end, for a day inside it."""

    assignment_id: UUID
    beneficiary_id: UUID
    meeting_id: UUID
    held_on: date
    duration_minutes: Minutes
    kind: MeetingKind
    took_place: bool
    late_entry: bool = False
    notes: Annotated[str | None, BeneficiaryNotes] = None


class MeetingCorrected(Event, type="tutors.meeting_corrected"):
    """What was logged of a meeting was wrong: all its values as they should have been, and why. The old entry stays in the history."""

    assignment_id: UUID
    beneficiary_id: UUID
    meeting_id: UUID
    held_on: date
    duration_minutes: Minutes
    kind: MeetingKind
    took_place: bool
    notes: Annotated[str | None, BeneficiaryNotes] = None
    reason: Annotated[str | None, BeneficiaryNotes] = None


class ConnectionIntroduced(Event, type="tutors.connection_introduced"):
    """The tutor opened a door: the person was introduced to an association, an employer, a neighbour, a service."""

    assignment_id: UUID
    beneficiary_id: UUID
    connection_id: UUID
    kind: ConnectionKind
    introduced_on: date
    late_entry: bool = False
    notes: Annotated[str | None, BeneficiaryNotes] = None


class SilenceNoticed(Event, type="tutors.silence_noticed"):
    """A clock of the contact policy ran out (*contatto da riprendere*): `days` without what `kind` names, counted from `since`."""

    assignment_id: UUID
    beneficiary_id: UUID
    tutor_id: UUID
    kind: SilenceKind
    since: date
    days: Annotated[int, Field(ge=0)]
    policy_version: str


class AssignmentEnded(Event, type="tutors.assignment_ended"):
    """The tutor no longer stands beside the person by mandate. Its meetings stay with it, and are never credited to the next tutor.

    `relationship_continues`: whether the two go on seeing each other as citizens; None where nobody knows. On an exit `ended_on`
    is the exit's day, or the last recorded meeting's where that is later.
    """

    assignment_id: UUID
    request_id: UUID
    tutor_id: UUID
    beneficiary_id: UUID
    pathway_id: UUID
    episode: int
    ended_on: date
    reason: EndReason
    relationship_continues: bool | None = None
    notes: Annotated[str | None, BeneficiaryNotes] = None
