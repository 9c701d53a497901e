"""What intake can be told about a person's other names, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from contracts.intake_codes import AliasFault, AliasKind
from services.intake.domain.duplicate_commands import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAlias:
    """The person is, or was, also known under this name; `candidates` are those who are like them under it."""

    beneficiary_id: UUID
    alias_id: UUID
    kind: AliasKind
    given_names: str | None
    family_name: str | None
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RetractAlias:
    """The name was recorded wrongly."""

    beneficiary_id: UUID
    alias_id: UUID
    reason_code: AliasFault


AliasCommand = RecordAlias | RetractAlias
