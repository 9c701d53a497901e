"""Enrolments and updates by file over HTTP: looked at first, row by row, then carried out, row by row, as often as it takes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response

from contracts.errors import Refusal, Unknown
from services._runtime.access.permission import nothing_under
from services._runtime.errors import EventTooLarge
from services._runtime.handling import Step
from services._runtime.ids import derived_id, new_id
from services._runtime.opening import Opened
from services._runtime.outcomes import KeyReused
from services._runtime.store.port import ConcurrencyError
from services._runtime.web.callers import allow
from services._runtime.web.commands import Call, command, day_told, stored_event
from services._runtime.web.disclosing import disclosure_of
from services._runtime.web.problems import Problem
from services._runtime.web.queries import Query, query
from services._runtime.web.tables import CSV, XLSX, read_table
from services._runtime.web.validation import invalid_fields
from services.intake.adapters.enrolment_looking import Looking
from services.intake.adapters.enrolment_outcomes import FilePreview, FileReceipt, RowOutcome, RowReceipt, became, counts, failed
from services.intake.adapters.enrolment_plan import Asking, commands_of
from services.intake.adapters.enrolment_rows import FileRow, Numbered, Wrong, rows_of, template
from services.intake.app.deciders import PERSON, PERSON_IN_TURN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from services._runtime.erasing.erasable import Erasable
    from services.intake.domain.commands import PersonCommand
    from services.intake.domain.person import Person
    from services.intake.projections.duplicates import DuplicateFinder

_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "a table with the headings of GET /enrolment-file-template, in any order; UTF-8, or a workbook's first sheet",
        "content": {
            CSV: {
                "schema": {"type": "string"},
                "example": "row;beneficiary_id;version;phone\r\n1;6f1c3b0e-8a52-4f6e-9d3b-2c1a0f9e8d7c;4;+39 333 1234567\r\n",
            },
            XLSX: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
_NOTHING = Opened(PERSON.initial, 0)
_REFUSALS = (Refusal, ConcurrencyError, KeyReused, EventTooLarge, Problem)


def enrolment_files(finder: DuplicateFinder) -> APIRouter:
    """Return the routes; who may be somebody already recorded is looked for by `finder`."""
    router = APIRouter(tags=["files"])

    @router.get(
        "/enrolment-file-template",
        summary="Get an empty file with all headings",
        response_class=Response,
        responses={200: {"description": "a CSV file", "content": {CSV: {"schema": {"type": "string"}}}}},
    )
    async def get_template(
        request: Request, _caller: Annotated[object, Depends(allow("intake.preview-enrolments"))], language: Literal["it", "en"] = "it"
    ) -> Response:
        """Return the headings, in Italian or English. Either may be sent."""
        disclosure_of(request).tell(())
        name = {"Content-Disposition": f'attachment; filename="ancora-{language}.csv"'}
        return Response(template(italian=language == "it"), media_type=f"{CSV}; charset=utf-8", headers=name)

    @router.post("/enrolment-file-previews", summary="See what would become of each row of a file", openapi_extra=_FILE)
    async def preview_file(request: Request, asked: Annotated[Query, Depends(query("intake.preview-enrolments"))]) -> FilePreview:
        """Return, row by row, who would be enrolled or updated, who may be recorded already, and what is refused. Nothing is stored."""
        rows = await _read(request)
        named = [row.said.beneficiary_id for row in rows if isinstance(row.said, FileRow) and row.said.beneficiary_id is not None]
        found = {PERSON.partition(one.state): one for one in await asked.open_each(PERSON, named)}
        disclosure_of(request).tell(())
        looking = Looking(finder, asked.caller, request, rows)
        items = [await _previewed(looking, asked, row, found) for row in rows]
        return FilePreview(items=items, **counts(items))

    @router.post("/enrolment-files", summary="Enrol and update persons by a file", openapi_extra=_FILE)
    async def carry_out_file(
        request: Request, call: Annotated[Call, Depends(command("intake.enrol-by-file", needs="nothing"))]
    ) -> FileReceipt:
        """Carry out each row by itself, whole or not at all; the same file again with the same Idempotency-Key does nothing twice."""
        rows = await _read(request)
        disclosure = disclosure_of(request)
        disclosure.begin(call.caller, "intake.enrol-by-file")
        looking = Looking(finder, call.caller, request, rows)
        items = [await _carried_out(looking, call, row) for row in rows]
        disclosure.tell(one.beneficiary_id for one in items if one.beneficiary_id is not None)
        return FileReceipt(items=items, **counts(items))

    return router


async def _read(request: Request) -> list[Numbered]:
    """Return the rows of the file that was sent, read beside the loop: a workbook takes its time."""
    raw = await request.body()
    return await asyncio.to_thread(lambda: rows_of(read_table(raw)))


async def _previewed(looking: Looking, asked: Query, row: Numbered, found: Mapping[UUID | None, Opened[Erasable[Person]]]) -> RowOutcome:
    said, version = row.said, 0
    if isinstance(said, Wrong):
        return RowOutcome(**failed(row, None, None, invalid_fields(said.errors)))
    person = said.beneficiary_id or new_id()
    try:
        now = found.get(said.beneficiary_id, _NOTHING)
        version = now.version
        _demand_version(said, person, version)
        if said.version not in (None, version):
            raise ConcurrencyError(PERSON.stream(person), said.version or 0, version, ())
        candidates = await looking.candidates(row, said, now.state.held, person)
        asking = Asking(asked.caller.organisation, day_told(said, asked.now), tuple(candidates), document=new_id())
        facts = [event.type_name for event in PERSON_IN_TURN.decide(commands_of(said, now.state.held, person, asking), now.state)]
    except _REFUSALS as error:
        return RowOutcome(**failed(row, said.row, said.beneficiary_id, error, version or None))
    members = {"outcome": became(facts), "beneficiary_id": said.beneficiary_id, "version": version + len(facts), "facts": facts}
    return RowOutcome(line=row.line, row=said.row, **members)


async def _carried_out(looking: Looking, call: Call, row: Numbered) -> RowReceipt:
    said, version = row.said, 0
    if isinstance(said, Wrong):
        return RowReceipt(**failed(row, None, None, invalid_fields(said.errors)))
    person = said.beneficiary_id or call.id_of(said.row)
    try:
        now = await call.read(PERSON, person)
        version = now.version
        candidates = await looking.candidates(row, said, now.state.held, person)

        def told(state: Erasable[Person]) -> list[PersonCommand]:
            """Say what the row asks for of what is recorded now; asked of a row that was never carried out alone."""
            _demand_version(said, person, version)
            asking = Asking(call.caller.organisation, call.day(said), tuple(candidates), document=call.id_of(f"{said.row} document"))
            return commands_of(said, state.held, person, asking)

        step = Step(PERSON_IN_TURN, person, told, said.version)
        (outcome,) = (await call.execute_part(said, derived_id("row", said.row), step)).outcomes
    except _REFUSALS as error:
        return RowReceipt(**failed(row, said.row, said.beneficiary_id, error, version or None))
    events = [stored_event(event) for event in outcome.events]
    facts = [event.type for event in events]
    members = {"outcome": became(facts), "beneficiary_id": person, "version": outcome.version, "facts": facts, "events": events}
    return RowReceipt(line=row.line, row=said.row, **members)


def _demand_version(said: FileRow, person: UUID, version: int) -> None:
    """Demand of a row that names a person that there is such a record, and that it says the version that it was decided on."""
    if said.beneficiary_id is not None and not version:
        raise Unknown(nothing_under(PERSON.stream(person)))
    if said.beneficiary_id is not None and said.version is None:
        raise invalid_fields({"version": "the version of the record that you decided on: this outcome names the present one"})
