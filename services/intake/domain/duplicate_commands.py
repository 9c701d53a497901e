"""What intake can be told about two records that may be one person's, as plain values: whoever was found comes with the command."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from contracts.duplicate_codes import ScoreBand
from contracts.duplicates import FieldsCompared


class Decision(StrEnum):
    """What whoever enrols a person says of a candidate."""

    TWO_PERSONS = "two-persons"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Another record that may be the person's, as it was found and compared."""

    reference: UUID
    other: UUID
    organisation: str
    band: ScoreBand
    score: float
    fields: FieldsCompared
    matcher: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """What was found of a candidate, and why, in words."""

    reference: UUID
    decision: Decision
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRecord:
    """The other of two records, as it is recorded now: the programmes to which the person was admitted under it."""

    beneficiary_id: UUID
    admitted: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DismissDuplicate:
    """State that a suspected record is another person's."""

    reference: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmDuplicate:
    """State that this record and another are one person's, and which goes on. Told to both."""

    other: OtherRecord
    survivor_id: UUID
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitDuplicate:
    """State that this record and another are two persons' after all. Told to both."""

    other_id: UUID
    reason: str


DuplicateCommand = DismissDuplicate | ConfirmDuplicate | SplitDuplicate
