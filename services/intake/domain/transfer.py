"""A transfer: responsibility for a person moves from the organisation that asks to the one that accepts, or stays where it is.

Until it is accepted the sender alone is responsible; from then on the receiver alone. One is pending at a time, and one that was
declined, revoked or lapsed is over for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, assert_never
from uuid import UUID

from contracts.errors import Invalid, Refusal, Unknown
from contracts.reference import consortium
from contracts.transfers import (
    TransferAccepted,
    TransferDeclined,
    TransferEvent,
    TransferLapsed,
    TransferRequested,
    TransferRevoked,
)
from services.intake.domain.places import clear_and_sealed, territory
from services.intake.domain.transfer_policies import transfer_policy
from services.intake.domain.transfer_state import Transfer, TransferStatus

if TYPE_CHECKING:
    from services.intake.domain.person import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTransfer:
    """Ask `receiver` to answer for the person, in a province of its own. `by` is the organisation that asks, `on` the day of today."""

    transfer_id: UUID
    by: str
    receiver: str
    territory: str
    municipality: str | None
    reason: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptTransfer:
    """Answer for the person from now on. `by` is the organisation that accepts, `on` the day of today."""

    transfer_id: UUID
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineTransfer:
    """Leave the person where they are, with the reason in words."""

    transfer_id: UUID
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokeTransfer:
    """Take the request back."""

    transfer_id: UUID
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseTransfer:
    """Let the request that waits lapse, if its time has passed on this day: time asks, not a person."""

    on: date


TransferCommand = RequestTransfer | AcceptTransfer | DeclineTransfer | RevokeTransfer | LapseTransfer


class NotResponsible(Refusal):
    """Only the organisation that is responsible for the person asks for a transfer, and takes it back."""

    code = "not-responsible"


class NotTheReceiver(Refusal):
    """Only the organisation that was asked accepts or declines."""

    code = "not-the-receiver"


class ImpossibleReceiver(Invalid):
    """The receiver takes nobody into care, or has the person in care already."""

    code = "impossible-receiver"


class TransferPending(Refusal):
    """One transfer of a person is pending at a time."""

    code = "transfer-pending"


class TransferExists(Refusal):
    """The id was used for a transfer of this person before."""

    code = "transfer-exists"


class UnknownTransfer(Unknown):
    """No transfer of this person has this id."""

    code = "unknown-transfer"


class TransferOver(Refusal):
    """The transfer was answered, revoked or has lapsed: nothing changes it any more."""

    code = "transfer-over"


class TransferStands(Refusal):
    """The time of the request has not passed."""

    code = "transfer-stands"


def decide(command: TransferCommand, record: Record) -> list[TransferEvent]:
    """Return the events that the command leads to for a person in care; raises a `Refusal`."""
    match command:
        case RequestTransfer():
            return [_request(command, record)]
        case AcceptTransfer():
            return [_accept(command, record)]
        case DeclineTransfer():
            _answerable(command, record)
            return [TransferDeclined(beneficiary_id=record.beneficiary_id, transfer_id=command.transfer_id, reason=command.reason)]
        case RevokeTransfer():
            pending = _pending(command.transfer_id, record)
            if command.by != pending.sender:
                raise NotResponsible("only the organisation that asked for the transfer revokes it: decline it instead")
            return [_revoked(pending, record)]
        case LapseTransfer():
            return [_lapse(command, record)]
        case _:
            assert_never(command)


def ended_by_exit(record: Record) -> list[TransferEvent]:
    """Return what an exit does to a transfer that waits: it is revoked, for there is nobody left to answer for.

    The exit is a fact that has happened, so a request on paper cannot hold it up.
    """
    return [_revoked(each, record) for each in record.transfers if each.status is TransferStatus.REQUESTED]


def _request(command: RequestTransfer, record: Record) -> TransferRequested:
    if command.by != record.organisation:
        raise NotResponsible("only the organisation that is responsible for the person asks for a transfer")
    if any(each.status is TransferStatus.REQUESTED for each in record.transfers):
        raise TransferPending("a transfer of this person waits for its answer: revoke it first, or wait until it lapses")
    if any(each.transfer_id == command.transfer_id for each in record.transfers):
        raise TransferExists("a transfer of this person has this id: choose another one")
    _check_receiver(command.receiver, record)
    clear, sealed = clear_and_sealed(command.municipality)
    policy = transfer_policy(command.on)
    return TransferRequested(
        beneficiary_id=record.beneficiary_id,
        transfer_id=command.transfer_id,
        receiver=command.receiver,
        territory=territory(command.territory),
        municipality=clear,
        other_municipality=sealed,
        lapses_on=policy.lapses_on(command.on),
        policy_version=policy.version,
        reason=command.reason,
    )


def _check_receiver(receiver: str, record: Record) -> None:
    """Demand one of the organisations that take persons into care: municipalities and the research institute do not."""
    caring = {one.code for one in consortium().organisations if one.kind == "third_sector"}
    if receiver not in caring:
        raise ImpossibleReceiver("a transfer goes to a third-sector organisation of the consortium: check the code")
    if receiver == record.organisation:
        raise ImpossibleReceiver("the organisation is responsible for the person already: to change the place, register the residence")


def _accept(command: AcceptTransfer, record: Record) -> TransferAccepted:
    pending = _answerable(command, record)
    if command.on > pending.lapses_on:
        raise TransferOver(f"the transfer could be accepted until {pending.lapses_on}: the sender may ask for another one")
    return TransferAccepted(
        beneficiary_id=record.beneficiary_id,
        transfer_id=pending.transfer_id,
        episode=record.episode,
        organisation=pending.receiver,
        territory=pending.territory,
        municipality=pending.municipality,
        other_municipality=pending.other_municipality,
        sender=record.organisation,
        admissions=record.admissions,
    )


def _lapse(command: LapseTransfer, record: Record) -> TransferLapsed:
    pending = next((each for each in record.transfers if each.status is TransferStatus.REQUESTED), None)
    if pending is None:
        raise TransferOver("no transfer of this person waits for its answer any more")
    if command.on <= pending.lapses_on:
        raise TransferStands(f"the transfer can be accepted until {pending.lapses_on}")
    return TransferLapsed(beneficiary_id=record.beneficiary_id, transfer_id=pending.transfer_id)


def _answerable(command: AcceptTransfer | DeclineTransfer, record: Record) -> Transfer:
    pending = _pending(command.transfer_id, record)
    if command.by != pending.receiver:
        raise NotTheReceiver("only the organisation that was asked accepts or declines; whoever asked may revoke")
    return pending


def _pending(transfer_id: UUID, record: Record) -> Transfer:
    """Return the transfer of this id; raises `UnknownTransfer`, or `TransferOver` where it waits no longer."""
    found = next((each for each in record.transfers if each.transfer_id == transfer_id), None)
    if found is None:
        raise UnknownTransfer("no transfer of this person has this id: check it")
    if found.status is not TransferStatus.REQUESTED:
        raise TransferOver(f"the transfer is {found.status}, and stays so: the organisation that is responsible may ask for another one")
    return found


def _revoked(pending: Transfer, record: Record) -> TransferRevoked:
    return TransferRevoked(beneficiary_id=record.beneficiary_id, transfer_id=pending.transfer_id)
