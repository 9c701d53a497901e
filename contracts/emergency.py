"""What intake publishes when a person's record is opened in an emergency by somebody who does not answer for them, and of its review.

The stream is the emergency access's own, kept in the person's order. Who opened and who reviewed it are pseudonyms.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from contracts.emergency_codes import EmergencyGround, ReviewOutcome
from contracts.event import Event
from contracts.fields import BeneficiaryId
from contracts.personal import DataClass, Personal

EmergencyId = Annotated[UUID, Field(description="the emergency access: random, says nothing")]
Actor = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,128}$")]
Words = Annotated[str | None, Personal(DataClass.NOTES)]


class EmergencyAccessOpened(Event, type="intake.emergency_access_opened"):
    """One person's record may be read by one caller, until a moment; `organisation` is the caller's, who must say why in words."""

    emergency_id: EmergencyId
    beneficiary_id: BeneficiaryId
    organisation: str = Field(description="code of the organisation for which it was opened")
    opened_by: Actor = Field(description="pseudonym of whoever opened it; nobody else may read by it")
    ground: EmergencyGround = Field(description="the kind of emergency")
    until: AwareDatetime = Field(description="the moment from which on it opens nothing any more, in UTC")
    review_due: AwareDatetime = Field(description="the moment by which the officer must have reviewed it, in UTC")
    words: Words = Field(default=None, description="what happened, in words")


class EmergencyAccessReviewed(Event, type="intake.emergency_access_reviewed"):
    """The officer looked at it, and says whether it was justified."""

    emergency_id: EmergencyId
    beneficiary_id: BeneficiaryId
    reviewed_by: Actor = Field(description="pseudonym of the officer; never whoever opened it")
    outcome: ReviewOutcome = Field(description="what the officer finds")
    words: Words = Field(default=None, description="what the officer found, in words")


class EmergencyReviewOverdue(Event, type="intake.emergency_review_overdue"):
    """The time for the review has passed without one."""

    emergency_id: EmergencyId
    beneficiary_id: BeneficiaryId


EmergencyEvent = EmergencyAccessOpened | EmergencyAccessReviewed | EmergencyReviewOverdue
"""Every event of an emergency access's stream."""
