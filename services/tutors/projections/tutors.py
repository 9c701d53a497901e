"""The tutors of the register, without their names: who may be assigned, where, and how many places are left."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from contracts.tutor_codes import TutorKind
from contracts.tutors import (
    AvailabilityChanged,
    CapacityFreed,
    CapacityTaken,
    InsuranceRecorded,
    TutorApprovalLapsed,
    TutorApproved,
    TutorInterviewed,
    TutorRegistered,
    TutorRetired,
    TutorSuspended,
    TutorTrained,
    VettingRecorded,
)
from services._runtime.projecting.lists import narrowed
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query


class TutorStatus(StrEnum):
    """What a tutor may do at present."""

    REGISTERED = "registered"
    APPROVED = "approved"
    SUSPENDED = "suspended"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class TutorRow:
    """One tutor. `insured_until` is the last day of any recorded period, `approval_valid_until` as known at the approval."""

    tutor_id: UUID
    organisation: str
    territory: str
    kind: TutorKind
    status: TutorStatus
    capacity: int
    taken: int
    available: bool
    interviewed: bool
    trainings: int
    vetting_valid_until: date | None
    insured_until: date | None
    approval_valid_until: date | None


def _registered(event: TutorRegistered) -> TutorRow:
    return TutorRow(
        tutor_id=event.tutor_id,
        organisation=event.organisation,
        territory=event.territory,
        kind=event.kind,
        status=TutorStatus.REGISTERED,
        capacity=event.capacity,
        taken=0,
        available=True,
        interviewed=False,
        trainings=0,
        vetting_valid_until=None,
        insured_until=None,
        approval_valid_until=None,
    )


READS = (
    TutorRegistered,
    TutorInterviewed,
    TutorTrained,
    VettingRecorded,
    InsuranceRecorded,
    TutorApproved,
    TutorApprovalLapsed,
    TutorSuspended,
    TutorRetired,
    AvailabilityChanged,
    CapacityTaken,
    CapacityFreed,
)


def keys_of(fact: Fact) -> list[Key]:
    """Return the tutor that the event is about."""
    return [(fact.event.tutor_id,)] if isinstance(fact.event, READS) else []


def evolve(row: TutorRow | None, fact: Fact, _key: Key) -> TutorRow:
    """Return the tutor after an event of its stream."""
    if isinstance(fact.event, TutorRegistered):
        return _registered(fact.event)
    if row is None:
        raise ValueError("the tutor's stream does not begin with a registration")
    return _changed(row, fact)


def _changed(row: TutorRow, fact: Fact) -> TutorRow:  # noqa: C901, PLR0911 - a case per event
    match fact.event:
        case TutorInterviewed():
            return replace(row, interviewed=True)
        case TutorTrained():
            return replace(row, trainings=row.trainings + 1)
        case VettingRecorded(valid_until=last):
            return replace(row, vetting_valid_until=last)
        case InsuranceRecorded(valid_until=last):
            return replace(row, insured_until=max(last, row.insured_until or last))
        case TutorApproved(valid_until=last):
            return replace(row, status=TutorStatus.APPROVED, approval_valid_until=last)
        case TutorApprovalLapsed():
            return replace(row, status=TutorStatus.REGISTERED, approval_valid_until=None)
        case TutorSuspended():
            return replace(row, status=TutorStatus.SUSPENDED, approval_valid_until=None)
        case TutorRetired():
            return replace(row, status=TutorStatus.RETIRED, approval_valid_until=None)
        case AvailabilityChanged(capacity=capacity, available=available):
            return replace(row, capacity=capacity, available=available)
        case CapacityTaken():
            return replace(row, taken=row.taken + 1)
        case CapacityFreed():
            return replace(row, taken=row.taken - 1)
        case _:
            raise ValueError(fact.event.type_name)


TUTORS = ReadModel(name="tutors", version=1, row=TutorRow, key=("tutor_id",), reads=READS, keys_of=keys_of, evolve=evolve)


def tutors_of(organisation: str, filters: Mapping[str, object] | None = None, *, after: Key | None, limit: int) -> Query:
    """Return the query for a page of an organisation's tutors, by id; `filters` are columns and values, None means any."""
    return narrowed(Query(where={"organisation": organisation}, after=after, limit=limit), filters or {})
