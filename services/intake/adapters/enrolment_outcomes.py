"""What became of each row of a file, or would become, and the counts of a whole file."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.intake import BeneficiaryEnrolled
from services._runtime.store.port import ConcurrencyError
from services._runtime.web.commands import StoredEvent
from services._runtime.web.problems import problem_of
from services.intake.adapters.duplicate_bodies import SuspectedRecord
from services.intake.adapters.enrolment_looking import AlikeInFile
from services.intake.adapters.enrolment_plan import ColumnsMissing, NotByFile
from services.intake.domain.duplicate_decisions import DuplicateUndecided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.intake.adapters.enrolment_rows import Numbered


class Outcome(StrEnum):
    """What becomes of a row. One that waits needs a person: whether two records are one person's is not decided by a file."""

    ENROLLED = "enrolled"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    WAITING = "waiting"
    REFUSED = "refused"


class ColumnFault(BaseModel):
    """A column of the row that is the reason, and what is expected there."""

    column: str
    expected: str | None = None


class RowOutcome(BaseModel):
    """What becomes of one row. Where it waits or is refused, `code` and `detail` say why, as for a single command.

    `facts` are the events that it leads to. `candidates` are those who may be the person; see /duplicate-searches.
    """

    line: Annotated[int, Field(description="where the row stands in the file, from 1")]
    row: Annotated[str | None, Field(description="what the sender calls it; null where that cannot be read")]
    outcome: Outcome
    beneficiary_id: UUID | None = None
    version: Annotated[int | None, Field(description="of the person's record, afterwards")] = None
    facts: list[str] = []
    code: str | None = None
    detail: str | None = None
    columns: list[ColumnFault] = []
    candidates: list[SuspectedRecord] = []


class RowReceipt(RowOutcome):
    """What became of one row: `events` prove what was stored."""

    events: list[StoredEvent] = []


class Counts(BaseModel):
    """How many rows there are of each outcome."""

    enrolled: int
    updated: int
    unchanged: int
    waiting: int
    refused: int


class FilePreview(Counts):
    """What would become of each row, as things are now."""

    items: list[RowOutcome]


class FileReceipt(Counts):
    """What became of each row. Each was stored by itself, whole; the same file again goes on where this one ended."""

    items: list[RowReceipt]


def counts(items: Sequence[RowOutcome]) -> dict[str, int]:
    """Return how many there are of each outcome."""
    return {outcome.value: sum(one.outcome is outcome for one in items) for outcome in Outcome}


def became(facts: Sequence[str]) -> Outcome:
    """Return what events of these types make of a row."""
    if BeneficiaryEnrolled.type_name in facts:
        return Outcome.ENROLLED
    return Outcome.UPDATED if facts else Outcome.UNCHANGED


def failed(row: Numbered, name: str | None, person: UUID | None, error: Exception, version: int | None = None) -> dict[str, Any]:
    """Return the members of the outcome of a row that an error ended; raises the error where it is none of the sender's making."""
    problem = problem_of(error)
    if problem.kind.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise error
    return {
        "line": row.line,
        "row": name,
        "outcome": Outcome.WAITING if isinstance(error, DuplicateUndecided | AlikeInFile) else Outcome.REFUSED,
        "beneficiary_id": person,
        "version": error.actual if isinstance(error, ConcurrencyError) else version,
        "code": problem.code,
        "detail": problem.detail,
        "columns": _columns(error, problem.members.get("errors")),
        "candidates": [SuspectedRecord.of(one) for one in error.candidates] if isinstance(error, DuplicateUndecided) else [],
    }


def _columns(error: Exception, errors: object) -> list[ColumnFault]:
    if isinstance(error, ColumnsMissing | NotByFile):
        return [ColumnFault(column=column) for column in error.columns]
    if isinstance(errors, list):
        return [ColumnFault(column=str(one["field"]).removeprefix("body."), expected=one["expected"]) for one in errors]
    return []
