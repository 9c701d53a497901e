"""Versions of the tutors service's events that are written no longer: read for ever, as they were published."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from contracts.event import Event
from contracts.fields import AssignmentId, BeneficiaryId, Episode, PathwayId, RequestId, TutorId
from contracts.personal import DataClass, Personal


class EndReasonBefore(StrEnum):
    """Why an assignment ended, before a transfer could end one."""

    CONCLUDED = "concluded"
    BENEFICIARY_ASKED = "beneficiary_asked"
    TUTOR_ASKED = "tutor_asked"
    TUTOR_UNAVAILABLE = "tutor_unavailable"
    MOVED = "moved"
    BENEFICIARY_EXITED = "beneficiary_exited"
    OTHER = "other"


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
