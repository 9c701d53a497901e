"""A document's validity: reminders ahead of its last day, its renewal, and when there is nothing to remind of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.documents import DocumentExpiring, DocumentRenewalRequested
from contracts.errors import Refusal
from contracts.intake import DocumentRecorded
from services.intake.domain.document_commands import RemindOfExpiry, RequestRenewal
from services.intake.domain.person import InCare, Person, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderPolicy:
    """One version, in force from a day on; `days_ahead` from the earliest reminder to the last."""

    version: str
    in_force_from: date
    days_ahead: tuple[int, ...]
    source: str


REMINDERS = (
    ReminderPolicy(
        version="2020-06",
        in_force_from=date(2020, 6, 1),
        days_ahead=(90, 30, 7),
        source="The consortium's own decision. A residence permit's renewal is to be asked for 60 days ahead (d.lgs. 286/1998 art. 5(4)): "
        "the first reminder leaves a month for it.",
    ),
)
"""Oldest first. What is decided on a day follows the version in force on it."""


class UnknownDocument(Refusal):
    """The person has no such document."""

    code = "unknown-document"


class RenewalPending(Refusal):
    """The renewal was asked for, and the renewed document is awaited."""

    code = "renewal-pending"


def reminder_days(expires_on: date, on: date) -> tuple[date, ...]:
    """Return the days on which a document is looked at that expires on a day, by the version in force on another."""
    return tuple(expires_on - timedelta(days=ahead) for ahead in _days_ahead(on))


def renewal(command: RequestRenewal, record: Record) -> DocumentRenewalRequested:
    """Return that the renewal is pending; raises a `Refusal`."""
    if all(each.document_id != command.document_id for each in record.documents):
        raise UnknownDocument("the person has no document of this id: record it first, or check the id")
    if any(each.document_id == command.document_id for each in record.renewals):
        raise RenewalPending("the renewal was asked for before: record the renewed document when it is there")
    return DocumentRenewalRequested(
        beneficiary_id=record.beneficiary_id,
        document_id=command.document_id,
        receipt_on=command.receipt_on,
        receipt_number=command.receipt_number,
    )


def reminders(command: RemindOfExpiry, state: Person) -> Sequence[DocumentExpiring]:
    """Return what is to be reminded of on the day, by what is recorded now: nothing of who is not in care."""
    if not isinstance(state, InCare):
        return ()
    record = state.record
    due = ((each, _reminder(each, record, command.on)) for each in record.documents)
    return tuple(
        DocumentExpiring(beneficiary_id=record.beneficiary_id, document_id=each.document_id, days_ahead=ahead)
        for each, ahead in due
        if ahead is not None
    )


def _reminder(document: DocumentRecorded, record: Record, on: date) -> int | None:
    """Return the reminder that is due of a document and was not given; None where none is, or where its renewal is pending."""
    pending = any(each.document_id == document.document_id for each in record.renewals)
    if pending or document.expires_on is None or document.expires_on < on:
        return None
    left = (document.expires_on - on).days
    ahead = min((days for days in _days_ahead(on) if left <= days), default=None)
    given = {(each.document_id, each.days_ahead) for each in record.reminders}
    return None if ahead is None or (document.document_id, ahead) in given else ahead


def _days_ahead(on: date) -> tuple[int, ...]:
    return next((policy for policy in reversed(REMINDERS) if policy.in_force_from <= on), REMINDERS[0]).days_ahead
