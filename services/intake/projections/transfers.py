"""The transfers: of each person the latest, as both organisations see it, by pseudonym. Everything else of the person stays closed."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import get_args
from uuid import UUID

from contracts.intake import PersonEvent
from contracts.transfers import TransferAccepted, TransferDeclined, TransferLapsed, TransferRequested, TransferRevoked
from services._runtime.projecting.lists import narrowed
from services._runtime.projecting.model import Fact, Key, ReadModel
from services._runtime.projecting.port import Query
from services.intake.domain.transfer_state import TransferStatus


class Direction(StrEnum):
    """Which way a transfer goes, seen from an organisation."""

    OUTGOING = "outgoing"
    INCOMING = "incoming"


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A person's latest transfer: `organisation` asked, `receiver` was asked, `territory` is where the person would be.

    `version` is that of the person's stream for as long as the transfer waits, so that it can be answered; then it stands still.
    """

    beneficiary_id: UUID
    transfer_id: UUID
    organisation: str
    receiver: str
    territory: str
    status: TransferStatus
    requested_on: date
    lapses_on: date
    answered_on: date | None
    version: int


def keys_of(fact: Fact) -> list[Key]:
    """Return the person's row."""
    person = getattr(fact.event, "beneficiary_id", None)
    return [] if person is None else [(person,)]


def evolve(row: TransferRow | None, fact: Fact, _key: Key) -> TransferRow | None:
    """Return the row after the fact; there is none before a first transfer."""
    envelope = fact.envelope
    match fact.event:
        case TransferRequested() as asked:
            return TransferRow(
                beneficiary_id=asked.beneficiary_id,
                transfer_id=asked.transfer_id,
                organisation=str(envelope.responsible_organisation),
                receiver=asked.receiver,
                territory=asked.territory,
                status=TransferStatus.REQUESTED,
                requested_on=envelope.occurred_on,
                lapses_on=asked.lapses_on,
                answered_on=None,
                version=envelope.stream_version,
            )
        case TransferAccepted() | TransferDeclined() | TransferRevoked() | TransferLapsed() as answer if row is not None:
            return replace(row, status=_ANSWERS[type(answer)], answered_on=envelope.occurred_on, version=envelope.stream_version)
        case _ if row is not None and row.status is TransferStatus.REQUESTED:
            return replace(row, version=envelope.stream_version)
        case _:
            return row


_ANSWERS = {
    TransferAccepted: TransferStatus.ACCEPTED,
    TransferDeclined: TransferStatus.DECLINED,
    TransferRevoked: TransferStatus.REVOKED,
    TransferLapsed: TransferStatus.LAPSED,
}

TRANSFERS = ReadModel(
    name="transfers",
    version=1,
    row=TransferRow,
    key=("beneficiary_id",),
    reads=get_args(PersonEvent),
    keys_of=keys_of,
    evolve=evolve,
)

_COLUMN = {Direction.OUTGOING: "organisation", Direction.INCOMING: "receiver"}


def transfers_of(
    organisation: str,
    *,
    direction: Direction | None = None,
    status: TransferStatus | None = None,
    territory: str | None = None,
    since: date | None = None,
    until: date | None = None,
    after: Key | None,
    limit: int,
) -> Query:
    """Return the query for a page of the transfers from and to an organisation, by person; `since` and `until` are days of the request."""
    either = tuple({_COLUMN[each]: organisation} for each in Direction if direction in (None, each))
    query = Query(either=either, after=after, limit=limit)
    return narrowed(query, {"status": status, "territory": territory}, day="requested_on", since=since, until=until)
