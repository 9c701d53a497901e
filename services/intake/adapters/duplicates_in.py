"""Records that may be one person's, over HTTP: who is found before somebody is saved; what is decided of two, and undone again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import UUID4

from contracts.errors import Invalid, Unknown
from contracts.personal import DataClass
from services._runtime.access.deciding import POLICIES, Whose
from services._runtime.access.permission import nothing_under
from services._runtime.handling import Step
from services._runtime.web.callers import allow, count_record
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.disclosing import disclosure_of
from services._runtime.web.identity import Caller
from services._runtime.web.parts import web_of
from services._runtime.web.queries import OPENING
from services.intake.adapters.duplicate_bodies import (
    CandidateAnswer,
    CandidatesAnswer,
    DuplicateConfirmationBody,
    DuplicateDismissalBody,
    DuplicateSearch,
    DuplicateSplitBody,
    told_across,
)
from services.intake.app.deciders import PERSON
from services.intake.domain.comparing import Known
from services.intake.domain.duplicate_commands import ConfirmDuplicate, DismissDuplicate, OtherRecord, SplitDuplicate
from services.intake.domain.person import Exited, InCare

if TYPE_CHECKING:
    from uuid import UUID

    from services._runtime.erasing.erasable import Erasable
    from services._runtime.opening import Opened
    from services.intake.domain.person import Person
    from services.intake.projections.duplicates import DuplicateFinder

decisions = APIRouter(tags=["commands"])


class UnknownOtherRecord(Unknown):
    """The other of two records is not there, or none of the caller's."""

    code = "unknown-other-record"


def duplicate_searches(finder: DuplicateFinder) -> APIRouter:
    """Return the route of the search, by `finder`."""
    router = APIRouter(tags=["lists"])

    @router.post("/duplicate-searches", summary="Search who may be the same person", responses=OPENING)
    async def search_duplicates(
        body: DuplicateSearch, request: Request, caller: Annotated[Caller, Depends(allow("intake.search-duplicates"))]
    ) -> CandidatesAnswer:
        """Return who is recorded, in any organisation, and may be this person. Nothing is stored but that it was asked."""
        asked = Known(body.identity.identity(), body.tax_code)
        found = await finder.find(asked, asking=caller.organisation, apart_from=body.beneficiary_id)
        told = [one for one in found if told_across(one.candidate, caller.organisation)]
        for one in told:
            count_record(web_of(request), caller, one.candidate.other)
        named = POLICIES.tell(caller, "intake.search-duplicates", Whose(organisation=caller.organisation)) & {DataClass.IDENTITY}
        answers = [CandidateAnswer.to(one, caller.organisation if named else None) for one in told]
        opened = named if any(one.own is not None for one in answers) else set[DataClass]()
        disclosure_of(request).tell((one.candidate.other for one in told), opened, {DataClass.IDENTITY} - named)
        return CandidatesAnswer(candidates=answers)

    return router


@decisions.post("/beneficiaries/{beneficiary_id}/duplicate-dismissals", summary="Decide that two records are two persons'")
async def dismiss_duplicate(
    beneficiary_id: UUID4, body: DuplicateDismissalBody, call: Annotated[Call, Depends(command("intake.dismiss-duplicate"))]
) -> ReceiptBody:
    """Close a suspicion: the two are not suspected again."""
    told = DismissDuplicate(reference=body.reference, reason=body.reason)
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@decisions.post("/beneficiaries/{beneficiary_id}/duplicate-confirmations", summary="Decide that two records are one person's")
async def confirm_duplicate(
    beneficiary_id: UUID4, body: DuplicateConfirmationBody, call: Annotated[Call, Depends(command("intake.confirm-duplicate"))]
) -> ReceiptBody:
    """Let one record go on in the place of the other; both keep their histories. Both must be of the caller's organisation."""
    own = await call.read(PERSON, beneficiary_id)
    if not own.version:
        raise Unknown(nothing_under(PERSON.stream(beneficiary_id)))
    other = await call.read(PERSON, body.other_id)
    if not other.version:
        raise UnknownOtherRecord("none of your organisation's records has the other id: check it")
    if body.other_id == beneficiary_id:
        raise Invalid("name two records, and one of both as the survivor")
    return await call.execute(
        body,
        Step(PERSON, beneficiary_id, _confirming(body, body.other_id, other), call.expected_version),
        Step(PERSON, body.other_id, _confirming(body, beneficiary_id, own), other.version),
    )


@decisions.post("/beneficiaries/{beneficiary_id}/duplicate-splits", summary="Decide that what was one person is two")
async def split_duplicate(
    beneficiary_id: UUID4, body: DuplicateSplitBody, call: Annotated[Call, Depends(command("intake.split-duplicate"))]
) -> ReceiptBody:
    """Let both records go on as before they were taken for one person's."""
    return await call.execute(
        body,
        Step(PERSON, beneficiary_id, SplitDuplicate(other_id=body.other_id, reason=body.reason), call.expected_version),
        Step(PERSON, body.other_id, SplitDuplicate(other_id=beneficiary_id, reason=body.reason)),
    )


def _confirming(body: DuplicateConfirmationBody, other_id: UUID, other: Opened[Erasable[Person]]) -> ConfirmDuplicate:
    match other.state.held:
        case InCare(record) | Exited(record):
            admitted = tuple(sorted({*record.admitted, *record.duplicates.also_admitted}))
        case _:
            admitted = ()
    return ConfirmDuplicate(other=OtherRecord(beneficiary_id=other_id, admitted=admitted), survivor_id=body.survivor_id, reason=body.reason)
