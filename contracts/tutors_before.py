"""Versions of the tutors service's events that are written no longer: read for ever, as they were published."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
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
    RequestId,
    Territory,
    TutorId,
)
from contracts.personal import DataClass, Personal
from contracts.tutor_codes import EndReason, MeetingKind


class EndReasonBefore(StrEnum):
    """Why an assignment ended, before a transfer could end one."""

    CONCLUDED = "concluded"
    BENEFICIARY_ASKED = "beneficiary_asked"
    TUTOR_ASKED = "tutor_asked"
    TUTOR_UNAVAILABLE = "tutor_unavailable"
    MOVED = "moved"
    BENEFICIARY_EXITED = "beneficiary_exited"
    OTHER = "other"


class WithdrawalReasonBefore(StrEnum):
    """Why a request no longer stood, before another record could go on in its person's place."""

    NO_LONGER_WANTED = "no_longer_wanted"
    REQUESTED_IN_ERROR = "requested_in_error"
    BENEFICIARY_EXITED = "beneficiary_exited"


class RequestWithdrawnBefore(Event, type="tutors.request_withdrawn"):
    """As it was published first: no request was withdrawn because another record goes on."""

    request_id: RequestId
    beneficiary_id: BeneficiaryId
    reason: WithdrawalReasonBefore = Field(description="why it no longer stands")
    assignment_id: UUID | None = Field(default=None, description="the assignment that ended with it, where one ran")


class AssignmentEndedBefore(Event, type="tutors.assignment_ended"):
    """As it was published first: no assignment ended by a transfer."""

    assignment_id: AssignmentId
    request_id: RequestId
    tutor_id: TutorId
    beneficiary_id: BeneficiaryId
    pathway_id: PathwayId
    episode: Episode
    ended_on: date = Field(description="last day of the assignment")
    reason: EndReasonBefore = Field(description="why it ended")
    relationship_continues: bool | None = Field(
        default=None, description="whether the two go on seeing each other as citizens; None where nobody knows"
    )
    notes: Annotated[str | None, Personal(DataClass.NOTES)] = Field(default=None, description="what led to it, in words")


class AssignmentEndedAlone(Event, type="tutors.assignment_ended", version=2):
    """As it was published second: it did not tell of a tutor who took over."""

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
    notes: Annotated[str | None, Personal(DataClass.NOTES, subject="beneficiary_id")] = Field(
        default=None, description="what led to it, in words"
    )


class TutorAssignedAlone(Event, type="tutors.tutor_assigned"):
    """As it was published first: it did not tell from whom a tutor takes over."""

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


class _MeetingAlone(BaseModel):
    assignment_id: AssignmentId
    beneficiary_id: BeneficiaryId
    meeting_id: UUID = Field(description="the meeting, whatever is later corrected of it")
    held_on: date = Field(description="the day of the meeting, or for which it was agreed")
    duration_minutes: Annotated[int, Field(ge=0)] = Field(description="its length in minutes")
    kind: MeetingKind = Field(description="how they met")
    took_place: bool = Field(description="whether they met, or one did not come")
    notes: Annotated[str | None, Personal(DataClass.NOTES, subject="beneficiary_id")] = Field(
        default=None, description="how it was, in words"
    )


class MeetingLoggedAlone(_MeetingAlone, Event, type="tutors.meeting_logged"):
    """As it was published first: it did not tell which volunteers were there."""

    late_entry: bool = Field(default=False, description="recorded after the assignment's end, for a day inside it")


class MeetingCorrectedAlone(_MeetingAlone, Event, type="tutors.meeting_corrected"):
    """As it was published first: it did not tell which volunteers were there."""

    reason: Annotated[str | None, Personal(DataClass.NOTES, subject="beneficiary_id")] = Field(
        default=None, description="what was wrong with the old entry, in words"
    )
