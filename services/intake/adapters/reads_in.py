"""Intake's reads over HTTP: a person's record with its personal fields, and the pseudonymous caseload; own organisation only."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, assert_never
from uuid import UUID

import fastapi
from fastapi import APIRouter, Depends, Request, Response
from pydantic import UUID4, BaseModel, Field

from contracts.errors import Unknown
from contracts.intake import BeneficiaryExited, HouseholdFormed, NoteAdded, NoticeGiven
from services._runtime.access.deciding import municipality_of
from services._runtime.access.roles import Role
from services._runtime.projecting.lists import listed
from services._runtime.web.bodies import Day
from services._runtime.web.callers import allow
from services._runtime.web.identity import Caller
from services._runtime.web.lists import Asked, CountedPage, Listing, Territory
from services._runtime.web.queries import OPENING, Query, query
from services.intake.app.deciders import HOUSEHOLD, PERSON
from services.intake.domain.household import Formed
from services.intake.domain.person import Exited, InCare, Informed, Person, Record, Referred, Unrecorded
from services.intake.projections.caseload import CASELOAD, CareStatus, CaseRow, caseload_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services._runtime.erasing.erasable import Erasable
    from services._runtime.opening import Opened
    from services._runtime.projecting.port import Answers
    from services._runtime.projecting.port import Query as Rows

Reads = Annotated[Query, Depends(query("intake.read"))]

records = APIRouter(tags=["records"])


class CaseFilters(Asked):
    """Whom the list of the caseload is to show, and which page of it."""

    status: CareStatus | None = None
    territory: Territory = None
    programme: Annotated[str | None, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$", description="a programme they are in now")] = None
    in_care_since: Annotated[Day | None, Field(description="in care now, and since this day or a later one")] = None
    household_id: Annotated[UUID4 | None, Field(description="the members of a household")] = None

    def query(self, own: Mapping[str, object]) -> Rows:
        """Return it as the list takes it, of those who are the caller's own."""
        return caseload_of(
            own,
            status=self.status,
            territory=self.territory,
            programme=self.programme,
            in_care_since=self.in_care_since,
            household_id=self.household_id,
            after=self.after(UUID),
            limit=self.limit,
        )


class BeneficiaryAnswer(BaseModel):
    """A person as they are recorded now. Personal fields are null where they are withheld, or their keys destroyed.

    `referral_id` is the referral by which the record began, where it began by one.

    `withheld_notes` counts the notes that an earlier organisation wrote: they are not shown to the one that is responsible now.
    """

    beneficiary_id: UUID
    version: int
    status: CareStatus
    notices: tuple[NoticeGiven, ...]
    referral_id: UUID | None = None
    record: Record | None = None
    exit: BeneficiaryExited | None = None
    withheld_notes: int = 0


@records.get("/beneficiaries/{beneficiary_id}", summary="Read a person's record", responses=OPENING)
async def read_beneficiary(beneficiary_id: UUID4, asked: Reads) -> BeneficiaryAnswer:
    """Return everything recorded of the person that can still be read."""
    opened = await asked.open(PERSON, beneficiary_id)
    return answer_of(beneficiary_id, opened)


@records.get("/households/{household_id}", summary="Read a household")
async def read_household(household_id: UUID4, asked: Reads) -> HouseholdFormed:
    """Return the household; its members are listed by GET /beneficiaries, with its id as filter."""
    state = (await asked.open(HOUSEHOLD, household_id, holding=())).state
    if not isinstance(state, Formed):
        raise Unknown
    return state.formed


def answer_of(beneficiary_id: UUID, opened: Opened[Erasable[Person]]) -> BeneficiaryAnswer:
    """Return a person's record as it is answered; raises `Unknown` where there is none."""
    version, state = opened.version, opened.state.held
    match state:
        case Unrecorded():
            raise Unknown
        case Referred(referral):
            return BeneficiaryAnswer(
                beneficiary_id=beneficiary_id, version=version, status=CareStatus.REFERRED, notices=(), referral_id=referral.referral_id
            )
        case Informed(notices, referral):
            return BeneficiaryAnswer(
                beneficiary_id=beneficiary_id,
                version=version,
                status=CareStatus.INFORMED,
                notices=notices,
                referral_id=None if referral is None else referral.referral_id,
            )
        case InCare(record):
            status, left, shown = CareStatus.IN_CARE, None, _shown(record)
        case Exited(record, left):
            status, shown = CareStatus.EXITED, _shown(record)
        case _:
            assert_never(state)
    own = own_notes(opened)
    return BeneficiaryAnswer(
        beneficiary_id=beneficiary_id,
        version=version,
        status=status,
        notices=record.notices,
        referral_id=record.referral_id,
        record=replace(shown, notes=own),
        exit=left,
        withheld_notes=len(record.notes) - len(own),
    )


def _shown(record: Record) -> Record:
    """Return a record as it is told: of what another organisation answers for, the reference and the band alone, compared or not."""
    suspicions = tuple(
        one if one.organisation == record.organisation else replace(one, other=None, score=None, fields=None)
        for one in record.duplicates.suspicions
    )
    comparisons = tuple(replace(one, other=None) for one in record.duplicates.comparisons)
    return replace(record, duplicates=replace(record.duplicates, suspicions=suspicions, comparisons=comparisons))


def own_notes(opened: Opened[Erasable[Person]]) -> tuple[NoteAdded, ...]:
    """Return the notes that were written while the organisation that is responsible now was responsible, as each envelope says."""
    told = [(event, each.recorded.envelope.responsible_organisation) for event, each in zip(opened.events, opened.stored, strict=True)]
    now = told[-1][1]
    return tuple(event for event, then in told if isinstance(event, NoteAdded) and then == now)


def lists(answers: Answers) -> APIRouter:
    """Return the routes of the lists, read from `answers`."""
    router = APIRouter(tags=["lists"])

    @router.get("/beneficiaries", summary="List the caseload")
    async def list_beneficiaries(
        caller: Annotated[Caller, Depends(allow("intake.list"))],
        request: Request,
        response: Response,
        filters: Annotated[CaseFilters, fastapi.Query()],
    ) -> CountedPage[CaseRow]:
        """Return the organisation's persons, or those of the municipality that asks, by id, nobody named; and how many there are."""
        found = await listed(answers.to(caller), CASELOAD, filters.query(_own(caller)))
        return Listing(request, response).page(found, filters, key=_person, whose=_person)

    return router


def _person(row: CaseRow) -> tuple[UUID]:
    return (row.beneficiary_id,)


def _own(caller: Caller) -> dict[str, object]:
    """Return which persons are the caller's: a municipality's are those of its ISTAT code."""
    if caller.role is Role.MUNICIPALITY:
        # Who acts for no municipality has none; null would mean the persons that are in none.
        return {"municipality": municipality_of(caller) or ""}
    return {"organisation": caller.organisation}
