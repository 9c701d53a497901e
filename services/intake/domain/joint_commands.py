"""What intake can be told of a comparison with another organisation's record, as plain values: each record is told for itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.duplicate_codes import ScoreBand


@dataclass(frozen=True, slots=True, kw_only=True)
class AskToCompare:
    """Ask `organisation`, which answers for the suspected record, to look together. `on` is today."""

    reference: UUID
    organisation: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class BeAskedToCompare:
    """Be asked by `organisation` to look together: `reference` is how this record's organisation may know the `other`."""

    reference: UUID
    organisation: str
    other: UUID
    band: ScoreBand
    matcher: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreeToCompare:
    """Open both records to each other. Told to both: `other` is the other one, `by` the organisation that agrees."""

    other: UUID
    by: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclineToCompare:
    """Close both records to each other, before or after both agreed, with the reason in words. Told to both."""

    other: UUID
    reason: str
    on: date


JointCommand = AskToCompare | BeAskedToCompare | AgreeToCompare | DeclineToCompare
