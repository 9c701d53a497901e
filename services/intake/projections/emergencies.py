"""The emergency accesses, for those who review them: one row each, by pseudonyms; what happened in words is opened one by one."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import get_args
from uuid import UUID

from contracts.emergency import EmergencyAccessOpened, EmergencyAccessReviewed, EmergencyEvent, EmergencyReviewOverdue
from contracts.emergency_codes import EmergencyGround, ReviewOutcome
from services._runtime.projecting.lists import narrowed
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query


class ReviewStatus(StrEnum):
    """Where the review stands."""

    DUE = "due"
    OVERDUE = "overdue"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class EmergencyRow:
    """One emergency access. `organisation` is the one for which it was opened; `version` is the stream's."""

    emergency_id: UUID
    beneficiary_id: UUID
    organisation: str
    opened_by: str
    ground: EmergencyGround
    opened_at: datetime
    until: datetime
    review_due: datetime
    review: ReviewStatus
    outcome: ReviewOutcome | None
    version: int


def keys_of(fact: Fact) -> list[Key]:
    """Return the emergency access's row."""
    return [(fact.event.emergency_id,)] if isinstance(fact.event, get_args(EmergencyEvent)) else []


def evolve(row: EmergencyRow | None, fact: Fact, _key: Key) -> EmergencyRow:
    """Return the row after the fact."""
    version = fact.envelope.stream_version
    match fact.event, row:
        case EmergencyAccessOpened() as opened, _:
            return EmergencyRow(
                emergency_id=opened.emergency_id,
                beneficiary_id=opened.beneficiary_id,
                organisation=opened.organisation,
                opened_by=opened.opened_by,
                ground=opened.ground,
                opened_at=fact.envelope.recorded_at,
                until=opened.until,
                review_due=opened.review_due,
                review=ReviewStatus.DUE,
                outcome=None,
                version=version,
            )
        case EmergencyAccessReviewed(outcome=outcome), EmergencyRow():
            return replace(row, review=ReviewStatus.DONE, outcome=outcome, version=version)
        case EmergencyReviewOverdue(), EmergencyRow():
            return replace(row, review=ReviewStatus.OVERDUE, version=version)
        case _:
            raise TypeError(f"an emergency access's first fact is that it was opened, not {fact.envelope.type}")


EMERGENCIES = ReadModel(
    name="emergencies",
    version=1,
    row=EmergencyRow,
    key=("emergency_id",),
    reads=get_args(EmergencyEvent),
    keys_of=keys_of,
    evolve=evolve,
)


def emergencies_of(*, review: ReviewStatus | None = None, organisation: str | None = None, after: Key | None, limit: int) -> Query:
    """Return the query for a page of the emergency accesses whose review stands so, or that an organisation opened, by id."""
    return narrowed(Query(after=after, limit=limit), {"review": review, "organisation": organisation})
