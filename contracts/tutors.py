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
from contracts.fields import (
    AssignmentId,
    BeneficiaryId,
    Episode,
    Municipality,
    Organisation,
    PathwayId,
    PolicyVersion,
    RequestId,
    Territory,
    TutorId,
)
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


class TutorRequested(Event, type="tutors.tutor_requested"):
    """A person wants a tutor, as agreed in this version of the plan. Opens the stream; `request_id` is derived from the pathway's id."""

    request_id: RequestId
    beneficiary_id: BeneficiaryId
    pathway_id: PathwayId
    episode: Episode
    organisation: Organisation
    territory: Territory
    municipality: Municipality = None
    plan_version: int = Field(default=1, description="the version of the plan in which a tutor is wanted")


class RequestMet(Event, type="tutors.request_met"):
    """A tutor was found; stored in one append with TutorAssigned and CapacityTaken."""

    request_id: RequestId
    beneficiary_id: BeneficiaryId
    assignment_id: AssignmentId
    tutor_id: TutorId


class RequestReopened(Event, type="tutors.request_reopened"):
    """The person wants a tutor again: the assignment named ended early, or a later version of the plan asks anew."""

    request_id: RequestId
    beneficiary_id: BeneficiaryId
    assignment_id: UUID | None = Field(default=None, description="the assignment that ended early; None where a later plan asks anew")
    plan_version: int | None = Field(
        default=None, description="the later version of the plan that asks anew; None where an assignment ended early"
    )


class RequestWithdrawn(Event, type="tutors.request_withdrawn"):
    """An open or met request no longer stands. With `assignment_id`, that assignment ended in the same append."""

    request_id: RequestId
    beneficiary_id: BeneficiaryId
    reason: WithdrawalReason = Field(description="why it no longer stands")
    assignment_id: UUID | None = Field(default=None, description="the assignment that ended with it, where one ran")


class RequestPrecluded(Event, type="tutors.request_precluded"):
    """The person's episode ended with no request open: none can open under this id any more, whatever arrives late.

    It is the stream's first event where the person never asked, or where the exit overtook the agreed plan.
    """

    request_id: RequestId
    beneficiary_id: BeneficiaryId
    pathway_id: PathwayId
    episode: Episode
    organisation: Organisation
    territory: Territory
    municipality: Municipality = None


class TutorAssigned(Event, type="tutors.tutor_assigned"):
    """A tutor stands beside a person from `starts_on` (*affiancamento*). Opens the stream; one append with RequestMet and CapacityTaken."""

    assignment_id: AssignmentId
    request_id: RequestId
    tutor_id: TutorId
    beneficiary_id: BeneficiaryId
    pathway_id: PathwayId
    episode: Episode
    organisation: Organisation
    territory: Territory
    municipality: Municipality = None
    starts_on: date = Field(description="first day of the assignment")


class MeetingLogged(Event, type="tutors.meeting_logged"):
    """Tutor and person met, or were to meet and did not. `late_entry`: recorded after the assignment's end, for a day inside it."""

    assignment_id: AssignmentId
    beneficiary_id: BeneficiaryId
    meeting_id: UUID = Field(description="the meeting, whatever is later corrected of it")
    held_on: date = Field(description="the day of the meeting, or for which it was agreed")
    duration_minutes: Minutes = Field(description="its length in minutes")
    kind: MeetingKind = Field(description="how they met")
    took_place: bool = Field(description="whether they met, or one did not come")
    late_entry: bool = Field(default=False, description="recorded after the assignment's end, for a day inside it")
    notes: Annotated[str | None, BeneficiaryNotes] = Field(default=None, description="how it was, in words")


class MeetingCorrected(Event, type="tutors.meeting_corrected"):
    """What was logged of a meeting was wrong: all its values as they should have been, and why. The old entry stays in the history."""

    assignment_id: AssignmentId
    beneficiary_id: BeneficiaryId
    meeting_id: UUID = Field(description="the meeting, whatever is later corrected of it")
    held_on: date = Field(description="the day of the meeting, or for which it was agreed")
    duration_minutes: Minutes = Field(description="its length in minutes")
    kind: MeetingKind = Field(description="how they met")
    took_place: bool = Field(description="whether they met, or one did not come")
    notes: Annotated[str | None, BeneficiaryNotes] = Field(default=None, description="how it was, in words")
    reason: Annotated[str | None, BeneficiaryNotes] = Field(default=None, description="what was wrong with the old entry, in words")


class ConnectionIntroduced(Event, type="tutors.connection_introduced"):
    """The tutor opened a door: the person was introduced to an association, an employer, a neighbour, a service."""

    assignment_id: AssignmentId
    beneficiary_id: BeneficiaryId
    connection_id: UUID = Field(description="the introduction")
    kind: ConnectionKind = Field(description="to whom the door was opened")
    introduced_on: date = Field(description="the day of the introduction")
    late_entry: bool = Field(default=False, description="recorded after the assignment's end, for a day inside it")
    notes: Annotated[str | None, BeneficiaryNotes] = Field(default=None, description="to whom and how, in words")


class SilenceNoticed(Event, type="tutors.silence_noticed"):
    """A clock of the contact policy ran out (*contatto da riprendere*): `days` without what `kind` names, counted from `since`."""

    assignment_id: AssignmentId
    beneficiary_id: BeneficiaryId
    tutor_id: TutorId
    kind: SilenceKind = Field(description="which clock ran out")
    since: date = Field(description="the day from which it counted")
    days: Annotated[int, Field(ge=0)] = Field(description="how many days have passed")
    policy_version: PolicyVersion


class AssignmentEnded(Event, type="tutors.assignment_ended", version=2):
    """The tutor no longer stands beside the person by mandate. Its meetings stay with it, and are never credited to the next tutor.

    `relationship_continues`: whether the two go on seeing each other as citizens; None where nobody knows. On an exit `ended_on`
    is the exit's day, or the last recorded meeting's where that is later.
    """

    assignment_id: AssignmentId
    request_id: RequestId
    tutor_id: TutorId
    beneficiary_id: BeneficiaryId
    pathway_id: PathwayId
    episode: Episode
    ended_on: date = Field(description="last day of the assignment")
    reason: EndReason = Field(description="why it ended")
    relationship_continues: bool | None = Field(
        default=None, description="whether the two go on seeing each other as citizens; None where nobody knows"
    )
    notes: Annotated[str | None, BeneficiaryNotes] = Field(default=None, description="what led to it, in words")
