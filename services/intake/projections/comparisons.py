"""The comparisons with other organisations' records: of each person the latest, as their own organisation sees it, nobody named."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from contracts.duplicate_comparisons import DuplicateComparisonAgreed, DuplicateComparisonDeclined, DuplicateComparisonRequested
from contracts.intake import BeneficiaryReadmitted
from contracts.transfers import TransferAccepted
from services._runtime.projecting.lists import narrowed
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query
from services.intake.domain.joint_state import JointStatus, standing


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """A person's latest comparison: `organisation` answers for the person, `other_organisation` for the record it is compared with."""

    beneficiary_id: UUID
    reference: UUID
    organisation: str
    other_organisation: str
    asked_by: str
    declined: bool
    requested_on: date
    lapses_on: date
    shown_until: date | None

    def status(self, on: date) -> JointStatus:
        """Return where it stands on a day."""
        return standing(on, lapses_on=self.lapses_on, shown_until=self.shown_until, declined=self.declined)


def keys_of(fact: Fact) -> list[Key]:
    """Return the person's row."""
    person = getattr(fact.event, "beneficiary_id", None)
    return [] if person is None else [(person,)]


def evolve(row: ComparisonRow | None, fact: Fact, _key: Key) -> ComparisonRow | None:
    """Return the row after the fact; there is none before a first request."""
    match fact.event:
        case DuplicateComparisonRequested() as asked:
            return ComparisonRow(
                beneficiary_id=asked.beneficiary_id,
                reference=asked.reference,
                organisation=str(fact.envelope.responsible_organisation),
                other_organisation=asked.organisation,
                asked_by=asked.asked_by,
                declined=False,
                requested_on=fact.envelope.occurred_on,
                lapses_on=asked.lapses_on,
                shown_until=None,
            )
        case DuplicateComparisonAgreed(reference=reference, shown_until=until) if row is not None and row.reference == reference:
            return replace(row, shown_until=until)
        case DuplicateComparisonDeclined(reference=reference) if row is not None and row.reference == reference:
            return replace(row, declined=True)
        case TransferAccepted(organisation=organisation) | BeneficiaryReadmitted(organisation=organisation) if row is not None:
            return replace(row, organisation=organisation)
        case _:
            return row


COMPARISONS = ReadModel(
    name="comparisons",
    version=1,
    row=ComparisonRow,
    key=("beneficiary_id",),
    reads=(
        DuplicateComparisonRequested,
        DuplicateComparisonAgreed,
        DuplicateComparisonDeclined,
        TransferAccepted,
        BeneficiaryReadmitted,
    ),
    keys_of=keys_of,
    evolve=evolve,
)


def comparisons_of(organisation: str, *, since: date | None, until: date | None, after: Key | None, limit: int) -> Query:
    """Return the query for a page of an organisation's comparisons, by person; `since` and `until` are days of the request."""
    query = Query(where={"organisation": organisation}, after=after, limit=limit)
    return narrowed(query, {}, day="requested_on", since=since, until=until)
