"""Search by name over HTTP. What is looked for comes in the body: no name is ever in an address, and so in no log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from contracts.personal import DataClass
from services._runtime.access.deciding import POLICIES, Whose
from services._runtime.web.bodies import Body, Line
from services._runtime.web.callers import allow, count_record
from services._runtime.web.disclosing import disclosure_of
from services._runtime.web.identity import Caller
from services._runtime.web.parts import web_of
from services._runtime.web.queries import OPENING
from services._runtime.web.validation import invalid_fields
from services.intake.adapters.duplicate_bodies import OtherName
from services.intake.domain.name_words import words_of
from services.intake.projections.names import MOST_WORDS

if TYPE_CHECKING:
    from services.intake.projections.names import NameAnswers, Named

_MOST = 20


class NameSearch(Body):
    """Whom to look for."""

    name: Annotated[Line, Field(description="words or beginnings of words of given and family names, in any order; accents do not matter")]


class FoundPerson(BaseModel):
    """A person of one's own organisation, and their name as it is known now.

    `found_by` are the other names that have what was asked for where the name on the document has not; null where no name is told.
    """

    beneficiary_id: UUID
    given_names: str | None
    family_name: str | None
    found_by: list[OtherName] | None


class Found(BaseModel):
    """Who was found, by family name; `more` tells that there are others: ask for more of the name."""

    items: list[FoundPerson]
    more: bool


def searches(names: NameAnswers) -> APIRouter:
    """Return the route of the search, in `names`."""
    router = APIRouter(tags=["lists"])

    @router.post("/beneficiary-searches", summary="Search persons by name", responses=OPENING)
    async def search_beneficiaries(body: NameSearch, request: Request, caller: Annotated[Caller, Depends(allow("intake.search"))]) -> Found:
        """Return persons of the organisation by their names as they are known now. Nothing is stored."""
        words = words_of(body.name)
        if not 1 <= len(words) <= MOST_WORDS:
            raise invalid_fields({"body.name": f"one to {MOST_WORDS} words of letters or digits"})
        told = POLICIES.tell(caller, "intake.search", Whose(organisation=caller.organisation)) & {DataClass.IDENTITY}
        found = await names.to(caller).find(caller.organisation, words, limit=_MOST + 1)
        shown = found[:_MOST]
        for one in shown:
            count_record(web_of(request), caller, one.beneficiary_id)
        disclosure_of(request).tell((one.beneficiary_id for one in shown), told if shown else (), {DataClass.IDENTITY} - told)
        return Found(items=[_found(one, words, named=bool(told)) for one in shown], more=len(found) > _MOST)

    return router


def _found(one: Named, words: frozenset[str], *, named: bool) -> FoundPerson:
    if not named:
        return FoundPerson(beneficiary_id=one.beneficiary_id, given_names=None, family_name=None, found_by=None)
    return FoundPerson(
        beneficiary_id=one.beneficiary_id,
        given_names=one.name.given_names,
        family_name=one.name.family_name,
        found_by=[OtherName(given_names=each.given_names, family_name=each.family_name) for each in one.found_by(words)],
    )
