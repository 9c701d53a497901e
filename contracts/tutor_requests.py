"""What the tutors service publishes of a request for a tutor: a stream of its own, keyed by the beneficiary."""

from __future__ import annotations

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
    RequestId,
    Territory,
    TutorId,
)
from contracts.tutor_codes import (
    WithdrawalReason,
)


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
    """A tutor was found, or another took over; stored in one append with TutorAssigned and CapacityTaken."""

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


class RequestWithdrawn(Event, type="tutors.request_withdrawn", version=2):
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
