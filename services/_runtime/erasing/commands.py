"""What an erasure can be told, as plain values. Days come with the command: a decider knows no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.erasure_codes import DeferralGround, Holder, RequestedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestErasure:
    """Ask for the erasure of the personal data; `actor` is whoever enters it."""

    subject_id: UUID
    by: RequestedBy
    actor: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeferErasure:
    """Keep the data up to and including a day, on a legal ground. `on` is the day of the decision."""

    subject_id: UUID
    ground: DeferralGround
    until: date
    on: date
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveErasure:
    """Have the data erased. `held_until` is the last day on which a law demands that they are kept, where one does."""

    subject_id: UUID
    actor: str
    on: date
    held_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteErased:
    """Note that a service has acknowledged."""

    subject_id: UUID
    service: Holder
    acknowledgement: UUID
    key_backups_expire_on: date


ErasureCommand = RequestErasure | DeferErasure | ApproveErasure | NoteErased
