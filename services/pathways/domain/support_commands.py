"""What can be asked of a pathway about services and material support. As in `commands.py`: imperative, frozen, complete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from contracts.pathway_values import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverService:
    """Record a service given to the person."""

    service_id: UUID
    kind: str
    minutes: int
    mediated: bool
    programme: str | None = None
    notes: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantSupport:
    """Grant material support against a budget line."""

    grant_id: UUID
    kind: str
    amount_cents: int
    budget_line: str
    programme: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaySupport:
    """Pay a grant, wholly or in part."""

    payment_id: UUID
    grant_id: UUID
    amount_cents: int
    receipt: Evidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnSupport:
    """Record that paid support came back, wholly or in part."""

    return_id: UUID
    grant_id: UUID
    amount_cents: int
    receipt: Evidence | None = None
