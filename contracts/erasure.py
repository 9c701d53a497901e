"""What is published about the erasure of somebody's personal data: requested, deferred, approved, destroyed in every service, completed.

Intake conducts a beneficiary's, tutors a tutor's: the same facts from both, on the person's own stream, each under its own name.
Every service acknowledges by an event of its own that it has destroyed its keys. Nothing here is personal but reasons in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.erasure_codes import DeferralGround, Holder, RequestedBy, SubjectKind
from contracts.event import Event
from contracts.fields import BeneficiaryId, TutorId
from contracts.personal import DataClass, Personal

BeneficiaryWords = Annotated[str | None, Personal(DataClass.NOTES)]
TutorWords = Annotated[str | None, Personal(DataClass.NOTES, subject="tutor_id")]
BackupsExpire = Annotated[date, Field(description="the day on which the last backup that holds a destroyed key expires")]


class Requested(BaseModel):
    """The personal data are to be erased; nothing is destroyed before somebody else approves it."""

    by: RequestedBy = Field(description="who wants it")
    requested_by: str = Field(description="pseudonym of whoever entered it, who may not approve it")


class Deferred(BaseModel):
    """The erasure waits, on a legal ground, up to and including a day. Deferring again replaces ground and day."""

    ground: DeferralGround = Field(description="why, by GDPR art. 17(3)")
    until: date = Field(description="the last day on which the data are kept for it")


class Erased(BaseModel):
    """A service has acknowledged: the personal data that it held are unreadable from now on."""

    service: Holder = Field(description="the service that acknowledged")
    acknowledgement: UUID = Field(description="the event by which it did")
    key_backups_expire_on: BackupsExpire


class Completed(BaseModel):
    """Every service has acknowledged. The personal data are unreadable everywhere but with a key from a backup, until those expire."""

    key_backups_expire_on: BackupsExpire


class Acknowledged(BaseModel):
    """A service has destroyed its keys of somebody and deleted what they sealed; `subject_id` opens nothing any more."""

    subject_id: UUID = Field(description="whose personal data were erased: the beneficiary or the tutor")
    kind: SubjectKind = Field(description="as what they were erased")
    key_backups_expire_on: BackupsExpire


class ErasureRequested(Requested, Event, type="intake.erasure_requested"):
    """A beneficiary's personal data are to be erased; nothing is destroyed before somebody else approves it."""

    beneficiary_id: BeneficiaryId
    reason: BeneficiaryWords = Field(default=None, description="why, in words")


class ErasureDeferred(Deferred, Event, type="intake.erasure_deferred"):
    """A beneficiary's erasure waits, on a legal ground, up to and including a day."""

    beneficiary_id: BeneficiaryId
    reason: BeneficiaryWords = Field(default=None, description="what the ground is here, in words")


class ErasureApproved(Event, type="intake.erasure_approved"):
    """A second person approved: every service destroys what it holds of the beneficiary, and nothing more is recorded of them."""

    beneficiary_id: BeneficiaryId


class PersonalDataErased(Erased, Event, type="intake.personal_data_erased"):
    """A service has acknowledged that the beneficiary's personal data which it held are unreadable."""

    beneficiary_id: BeneficiaryId


class ErasureCompleted(Completed, Event, type="intake.erasure_completed"):
    """Every service has acknowledged the beneficiary's erasure."""

    beneficiary_id: BeneficiaryId


class TutorErasureRequested(Requested, Event, type="tutors.erasure_requested"):
    """A tutor's personal data are to be erased; nothing is destroyed before somebody else approves it."""

    tutor_id: TutorId
    reason: TutorWords = Field(default=None, description="why, in words")


class TutorErasureDeferred(Deferred, Event, type="tutors.erasure_deferred"):
    """A tutor's erasure waits, on a legal ground, up to and including a day."""

    tutor_id: TutorId
    reason: TutorWords = Field(default=None, description="what the ground is here, in words")


class TutorErasureApproved(Event, type="tutors.erasure_approved"):
    """A second person approved: every service destroys what it holds of the tutor, and nothing more is recorded of them."""

    tutor_id: TutorId


class TutorDataErased(Erased, Event, type="tutors.personal_data_erased"):
    """A service has acknowledged that the tutor's personal data which it held are unreadable."""

    tutor_id: TutorId


class TutorErasureCompleted(Completed, Event, type="tutors.erasure_completed"):
    """Every service has acknowledged the tutor's erasure."""

    tutor_id: TutorId


class IntakeAcknowledged(Acknowledged, Event, type="intake.erasure_acknowledged"):
    """Intake has destroyed its keys of somebody and deleted what they sealed."""


class PathwaysAcknowledged(Acknowledged, Event, type="pathways.erasure_acknowledged"):
    """Pathways has destroyed its keys of somebody and deleted what they sealed."""


class TutorsAcknowledged(Acknowledged, Event, type="tutors.erasure_acknowledged"):
    """Tutors has destroyed its keys of somebody and deleted what they sealed."""


class ReportingAcknowledged(Acknowledged, Event, type="reporting.erasure_acknowledged"):
    """Reporting holds nothing readable of somebody and never will: a key of theirs can no longer be made there."""


AnyRequested = ErasureRequested | TutorErasureRequested
AnyDeferred = ErasureDeferred | TutorErasureDeferred
AnyApproved = ErasureApproved | TutorErasureApproved
AnyErased = PersonalDataErased | TutorDataErased
AnyCompleted = ErasureCompleted | TutorErasureCompleted
ErasureEvent = AnyRequested | AnyDeferred | AnyApproved | AnyErased | AnyCompleted
"""Every event of an erasure as it stands on the person's own stream."""

AnyAcknowledged = IntakeAcknowledged | PathwaysAcknowledged | TutorsAcknowledged | ReportingAcknowledged
ACKNOWLEDGED: Mapping[Holder, type[AnyAcknowledged]] = {
    Holder.INTAKE: IntakeAcknowledged,
    Holder.PATHWAYS: PathwaysAcknowledged,
    Holder.TUTORS: TutorsAcknowledged,
    Holder.REPORTING: ReportingAcknowledged,
}
"""The class by which each service acknowledges."""
