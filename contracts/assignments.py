"""What the tutors service publishes of an assignment: a stream of its own, keyed by the beneficiary.

Days that a later decision needs (`held_on`, `ended_on` …) stand in the data and equal the envelope's `occurred_on` unless the
docstring says otherwise.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

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
    VolunteerId,
)
from contracts.personal import DataClass, Personal
from contracts.tutor_codes import (
    ConnectionKind,
    EndReason,
    MeetingKind,
    SilenceKind,
)

BeneficiaryNotes = Personal(DataClass.NOTES, subject="beneficiary_id")


Minutes = Annotated[int, Field(ge=0)]


Volunteers = Annotated[
    tuple[UUID, ...], Field(description="the volunteers of a group or an association who were there, as far as it was told")
]


class TutorAssigned(Event, type="tutors.tutor_assigned", version=2):
    """A tutor stands beside a person from `starts_on` (*affiancamento*). Opens the stream; one append with RequestMet and CapacityTaken.

    With `continues` the tutor takes over from another, whose assignment ended in the same append; what was recorded there stays there.
    """

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
    continues: UUID | None = Field(default=None, description="the assignment of the tutor from whom this one takes over, where one does")


class MeetingLogged(Event, type="tutors.meeting_logged", version=2):
    """Tutor and person met, or were to meet and did not. `late_entry`: recorded after the assignment's end, for a day inside it."""

    assignment_id: AssignmentId
    beneficiary_id: BeneficiaryId
    meeting_id: UUID = Field(description="the meeting, whatever is later corrected of it")
    held_on: date = Field(description="the day of the meeting, or for which it was agreed")
    duration_minutes: Minutes = Field(description="its length in minutes")
    kind: MeetingKind = Field(description="how they met")
    took_place: bool = Field(description="whether they met, or one did not come")
    volunteers: Volunteers = ()
    late_entry: bool = Field(default=False, description="recorded after the assignment's end, for a day inside it")
    notes: Annotated[str | None, BeneficiaryNotes] = Field(default=None, description="how it was, in words")


class MeetingCorrected(Event, type="tutors.meeting_corrected", version=2):
    """What was logged of a meeting was wrong: all its values as they should have been, and why. The old entry stays in the history."""

    assignment_id: AssignmentId
    beneficiary_id: BeneficiaryId
    meeting_id: UUID = Field(description="the meeting, whatever is later corrected of it")
    held_on: date = Field(description="the day of the meeting, or for which it was agreed")
    duration_minutes: Minutes = Field(description="its length in minutes")
    kind: MeetingKind = Field(description="how they met")
    took_place: bool = Field(description="whether they met, or one did not come")
    volunteers: Volunteers = ()
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


class AssignmentEnded(Event, type="tutors.assignment_ended", version=3):
    """The tutor no longer stands beside the person by mandate. Its meetings stay with it, and are never credited to the next tutor.

    `relationship_continues`: whether the two go on seeing each other as citizens; None where nobody knows. On an exit `ended_on`
    is the exit's day, or the last recorded meeting's where that is later. With `continued_by` another tutor took over on that day.
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
    continued_by: UUID | None = Field(default=None, description="the assignment of the tutor who took over, where one did")
    notes: Annotated[str | None, BeneficiaryNotes] = Field(default=None, description="what led to it, in words")


class EarlierNotesOpened(Event, type="tutors.earlier_notes_opened"):
    """The tutor who stands beside the person now may read what was noted in this ended assignment, as long as their own runs.

    Without it nobody who comes after reads it: what was told to one tutor was not told to the next.
    """

    assignment_id: AssignmentId
    beneficiary_id: BeneficiaryId
    opened_to: UUID = Field(description="the later assignment to whose tutor they are opened")
    tutor_id: TutorId
    reason: Annotated[str | None, BeneficiaryNotes] = Field(default=None, description="why, in words")


class _OfVolunteer(BaseModel):
    assignment_id: AssignmentId
    beneficiary_id: BeneficiaryId
    tutor_id: TutorId
    volunteer_id: VolunteerId


class VolunteerAssigned(_OfVolunteer, Event, type="tutors.volunteer_assigned"):
    """One whom the group or association names stands beside the person, insured, from `since` on; there may be several at a time."""

    since: date = Field(description="the first day with them")


class VolunteerWithdrawn(_OfVolunteer, Event, type="tutors.volunteer_withdrawn"):
    """A volunteer stands beside the person no longer, from `until` on; the group or association still does."""

    until: date = Field(description="the first day without them")
