"""The transfers of a person as a state: who asked whom, until when, what became of it, and how each event changes them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from contracts.transfers import (
    TransferAccepted,
    TransferDeclined,
    TransferEvent,
    TransferLapsed,
    TransferRequested,
    TransferRevoked,
)


class TransferStatus(StrEnum):
    """Where a transfer stands. Only a requested one can still change."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REVOKED = "revoked"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A transfer as it stands. Words and a municipality that is not one of the four are None once their key is destroyed."""

    transfer_id: UUID
    sender: str
    receiver: str
    territory: str
    municipality: str | None
    other_municipality: str | None
    lapses_on: date
    reason: str | None
    status: TransferStatus = TransferStatus.REQUESTED
    refused_because: str | None = None


def evolve_transfers(transfers: tuple[Transfer, ...], event: TransferEvent, *, sender: str) -> tuple[Transfer, ...]:
    """Return a person's transfers after the event; `sender` is who was responsible before it."""
    match event:
        case TransferRequested():
            return (*transfers, _requested(event, sender))
        case TransferAccepted():
            return _settled(transfers, event.transfer_id, TransferStatus.ACCEPTED)
        case TransferDeclined(reason=reason):
            return _settled(transfers, event.transfer_id, TransferStatus.DECLINED, reason)
        case TransferRevoked():
            return _settled(transfers, event.transfer_id, TransferStatus.REVOKED)
        case TransferLapsed():
            return _settled(transfers, event.transfer_id, TransferStatus.LAPSED)
        case _:
            assert_never(event)


def _requested(event: TransferRequested, sender: str) -> Transfer:
    return Transfer(
        transfer_id=event.transfer_id,
        sender=sender,
        receiver=event.receiver,
        territory=event.territory,
        municipality=event.municipality,
        other_municipality=event.other_municipality,
        lapses_on=event.lapses_on,
        reason=event.reason,
    )


def _settled(transfers: tuple[Transfer, ...], transfer_id: UUID, status: TransferStatus, words: str | None = None) -> tuple[Transfer, ...]:
    return tuple(replace(each, status=status, refused_because=words) if each.transfer_id == transfer_id else each for each in transfers)
