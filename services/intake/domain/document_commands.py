"""What intake can be told about a document's validity, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRenewal:
    """A document's renewal was asked for; the receipt says when, and bears a number."""

    beneficiary_id: UUID
    document_id: UUID
    receipt_on: date | None
    receipt_number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindOfExpiry:
    """Look at every document of the person, as of a day: which of them is soon to expire, and was not told to be?"""

    beneficiary_id: UUID
    on: date
