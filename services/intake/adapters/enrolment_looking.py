"""Who may be the person of a row of a file: among the records of every organisation, and in the file itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.errors import Refusal
from services._runtime.web.callers import count_record
from services._runtime.web.disclosing import disclosure_of
from services._runtime.web.parts import web_of
from services.intake.adapters.duplicate_bodies import told_across
from services.intake.adapters.enrolment_plan import known
from services.intake.adapters.enrolment_rows import FileRow
from services.intake.domain.blocking import asked_keys
from services.intake.domain.comparing import compare
from services.intake.domain.duplicate_decisions import TO_BE_DECIDED
from services.intake.domain.person import Exited, InCare

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from fastapi import Request

    from services._runtime.web.identity import Caller
    from services.intake.adapters.enrolment_rows import Numbered
    from services.intake.domain.duplicate_commands import Candidate
    from services.intake.domain.person import Person
    from services.intake.projections.duplicates import DuplicateFinder


class AlikeInFile(Refusal):
    """A row that may be the same person's as an earlier one of its file."""

    code = "alike-in-file"

    def __init__(self, line: int) -> None:
        """Say which."""
        super().__init__(f"this may be the same person as in line {line}: leave one of both out, or enrol the second by itself")


class Looking:
    """Looks for who may be the person of a row: in the records of every organisation, and in the file itself."""

    def __init__(self, finder: DuplicateFinder, caller: Caller, request: Request, rows: Sequence[Numbered]) -> None:
        """Look by `finder` for a caller's organisation, of whose `request` with these rows the answer tells."""
        self._finder = finder
        self._caller = caller
        self._request = request
        self._alike = _alike(rows)

    async def candidates(self, row: Numbered, said: FileRow, state: Person, person: UUID) -> list[Candidate]:
        """Return whom the caller is told of, none where the row enrols nobody; raises `AlikeInFile`.

        Raises the problem `too-many-requests` where they were told of too many.
        """
        asked = known(said)
        if asked is None or isinstance(state, InCare | Exited):
            return []
        if row.line in self._alike:
            raise AlikeInFile(self._alike[row.line])
        asking = self._caller.organisation
        found = await self._finder.find(asked, asking=asking, apart_from=person)
        told = [one.candidate for one in found if told_across(one.candidate, asking)]
        for one in told:
            count_record(web_of(self._request), self._caller, one.other)
        disclosure_of(self._request).tell(one.other for one in told)
        return told


def _alike(rows: Sequence[Numbered]) -> dict[int, int]:
    """Return the lines that enrol somebody who may be the person of an earlier line, each with that line."""
    alike: dict[int, int] = {}
    by_key: dict[str, list[Numbered]] = {}
    for row in rows:
        asked = known(row.said) if isinstance(row.said, FileRow) else None
        if asked is None or not isinstance(row.said, FileRow):
            continue
        keys = asked_keys(asked.identity, asked.tax_code)
        for other in {id(one): one for key in keys for one in by_key.get(key, ())}.values():
            before = known(other.said) if isinstance(other.said, FileRow) else None
            if before is not None and row.said.beneficiary_id is None and compare(asked, before).band in TO_BE_DECIDED:
                alike.setdefault(row.line, other.line)
        for key in keys:
            by_key.setdefault(key, []).append(row)
    return alike
