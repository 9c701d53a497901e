"""What intake can be told about the disclosure of a person's data, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.disclosure_codes import LegalBasis, WithdrawnBy
from contracts.personal import DataClass
from contracts.purpose_codes import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthoriseDisclosure:
    """Let another organisation read some classes of the data for a purpose, up to and including `expires_on`. `on` is today."""

    beneficiary_id: UUID
    authorisation_id: UUID
    recipient: str
    purpose: Purpose
    classes: tuple[DataClass, ...]
    legal_basis: LegalBasis
    expires_on: date
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawDisclosure:
    """Let it read them no longer."""

    beneficiary_id: UUID
    authorisation_id: UUID
    by: WithdrawnBy


DisclosureCommand = AuthoriseDisclosure | WithdrawDisclosure
