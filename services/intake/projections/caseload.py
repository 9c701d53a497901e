"""The caseload: one row per person with what a list shows, nobody named."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import get_args
from uuid import UUID

from contracts.duplicates import DuplicateConfirmed, DuplicateSplit
from contracts.intake import (
    BeneficiaryEnrolled,
    BeneficiaryExited,
    BeneficiaryReadmitted,
    HouseholdLinked,
    NoticeGiven,
    PersonEvent,
    ProgrammeAdmitted,
    ProgrammeLeft,
)
from contracts.referrals import PersonReferred
from contracts.transfers import TransferAccepted
from services._runtime.projecting.lists import narrowed
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query


class CareStatus(StrEnum):
    """Where a person stands."""

    REFERRED = "referred"
    INFORMED = "informed"
    IN_CARE = "in-care"
    EXITED = "exited"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One person. `programmes` are those they were ever admitted to, `current` those they are in; `version` is the stream's.

    `in_care_since` is the day on which care began that goes on; None where none does.
    """

    beneficiary_id: UUID
    organisation: str
    status: CareStatus
    episode: int
    territory: str | None
    municipality: str | None
    programmes: tuple[str, ...]
    current: tuple[str, ...]
    last_occurred_on: date
    version: int
    in_care_since: date | None = None
    household_id: UUID | None = None


def keys_of(fact: Fact) -> list[Key]:
    """Return the person's row."""
    person = getattr(fact.event, "beneficiary_id", None)
    return [] if person is None else [(person,)]


def evolve(row: CaseRow | None, fact: Fact, key: Key) -> CaseRow:  # noqa: C901, PLR0911 - one case per kind of fact
    """Return the person's row after the fact."""
    envelope = fact.envelope
    if row is None:
        row = _first(fact, key)
    row = replace(row, last_occurred_on=max(row.last_occurred_on, envelope.occurred_on), version=envelope.stream_version)
    # Where a person is belongs to each envelope, so that any fact moves the row along.
    row = replace(row, territory=envelope.territory, municipality=envelope.municipality)
    match fact.event:
        case NoticeGiven() if row.status is CareStatus.REFERRED:
            return replace(row, status=CareStatus.INFORMED)
        case BeneficiaryEnrolled() | BeneficiaryReadmitted() as begun:
            return replace(
                row, status=CareStatus.IN_CARE, episode=begun.episode, organisation=begun.organisation, in_care_since=envelope.occurred_on
            )
        case TransferAccepted(organisation=organisation):
            return replace(row, organisation=organisation)
        case BeneficiaryExited():
            return replace(row, status=CareStatus.EXITED, in_care_since=None)
        case ProgrammeAdmitted(programme=programme):
            return replace(row, programmes=(*row.programmes, programme), current=(*row.current, programme))
        case HouseholdLinked(household_id=household_id):
            return replace(row, household_id=household_id)
        case ProgrammeLeft() as left:
            return _out_of(row, left.programme)
        case DuplicateConfirmed(counted_twice=counted):
            return _out_of(row, *(each.programme for each in counted))
        case DuplicateSplit(counts_again=counted):
            return replace(row, current=(*row.current, *(each.programme for each in counted if each.current)))
        case _:
            return row


def _out_of(row: CaseRow, *programmes: str) -> CaseRow:
    return replace(row, current=tuple(each for each in row.current if each not in programmes))


def _first(fact: Fact, key: Key) -> CaseRow:
    if not isinstance(fact.event, NoticeGiven | PersonReferred):
        raise TypeError(f"a person's first fact is a referral or a notice, not {fact.envelope.type}")
    return CaseRow(
        beneficiary_id=UUID(str(key[0])),
        organisation=fact.event.organisation,
        status=CareStatus.INFORMED if isinstance(fact.event, NoticeGiven) else CareStatus.REFERRED,
        episode=0,
        territory=None,
        municipality=None,
        programmes=(),
        current=(),
        last_occurred_on=fact.envelope.occurred_on,
        version=fact.envelope.stream_version,
    )


CASELOAD = ReadModel(
    name="caseload",
    version=6,
    row=CaseRow,
    key=("beneficiary_id",),
    reads=get_args(PersonEvent),
    keys_of=keys_of,
    evolve=evolve,
)


def caseload_of(
    own: Mapping[str, object],
    *,
    status: CareStatus | None = None,
    territory: str | None = None,
    programme: str | None = None,
    in_care_since: date | None = None,
    household_id: UUID | None = None,
    after: Key | None,
    limit: int,
) -> Query:
    """Return the query for a page of the persons of an organisation or municipality, as `own` says by column, by id.

    `programme` is one that they are in now; `in_care_since` a day since which, or a later one, care goes on.
    """
    query = Query(where=own, among={} if programme is None else {"current": programme}, after=after, limit=limit)
    filters = {"status": status, "territory": territory, "household_id": household_id}
    return narrowed(query, filters, day="in_care_since", since=in_care_since)
