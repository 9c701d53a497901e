"""Disclosure over HTTP: authorised and withdrawn on the person's record, and what an authorisation opens to another organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import UUID4, BaseModel, Field

from contracts.aliases import AliasRecorded
from contracts.disclosure_codes import LegalBasis, WithdrawnBy
from contracts.disclosures import DisclosureAuthorised
from contracts.errors import Unknown
from contracts.intake import DocumentRecorded, NoteAdded, ProtectionStatusRecorded, ResidenceRegistered, VulnerabilityRecorded
from contracts.personal import DataClass
from contracts.purpose_codes import Purpose
from services._runtime.access.roles import Role
from services._runtime.clock import day_of
from services._runtime.handling import Step
from services._runtime.web.bodies import Code, CommandBody, Day
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.queries import OPENING, Query, query
from services.intake.adapters.reads_in import own_notes
from services.intake.app.deciders import PERSON
from services.intake.app.parties import authorisation
from services.intake.domain.commands import ContactDetails, Identity
from services.intake.domain.disclosure_commands import AuthoriseDisclosure, WithdrawDisclosure
from services.intake.domain.person import Exited, InCare, Record

DISCLOSED = "disclosed"
"""What opens the record behind the second fence: an authorisation that is in force."""


class DisclosureBody(CommandBody):
    """Who may read what, what for and until when."""

    authorisation_id: UUID4
    recipient: Code
    purpose: Purpose
    classes: Annotated[tuple[DataClass, ...], Field(max_length=8, description="the classes of personal data that may be read")]
    legal_basis: LegalBasis
    expires_on: Annotated[Day, Field(description="the last day on which they may be read")]


class WithdrawalBody(CommandBody):
    """The end of an authorisation. Who it is withdrawn by is known by the token."""


class Disclosed(BaseModel):
    """What an authorisation opens of a person, and nothing else: whatever is of another class is null, as what is not recorded."""

    beneficiary_id: UUID
    purpose: str
    classes: tuple[DataClass, ...]
    expires_on: date
    identity: Identity | None = None
    tax_code: str | None = None
    aliases: tuple[AliasRecorded, ...] | None = None
    documents: tuple[DocumentRecorded, ...] | None = None
    contact: ContactDetails | None = None
    residence: ResidenceRegistered | None = None
    protection: ProtectionStatusRecorded | None = None
    vulnerability: VulnerabilityRecorded | None = None
    notes: tuple[NoteAdded, ...] | None = None


router = APIRouter(tags=["disclosures"])


@router.post("/beneficiaries/{beneficiary_id}/disclosures", summary="Authorise another organisation to read of a person")
async def authorise_disclosure(
    beneficiary_id: UUID4, body: DisclosureBody, call: Annotated[Call, Depends(command("intake.authorise-disclosure"))]
) -> ReceiptBody:
    """Let a partner of the consortium read some classes of the person's data, for one purpose, up to and including a day."""
    told = AuthoriseDisclosure(
        beneficiary_id=beneficiary_id,
        authorisation_id=body.authorisation_id,
        recipient=body.recipient,
        purpose=body.purpose,
        classes=body.classes,
        legal_basis=body.legal_basis,
        expires_on=body.expires_on,
        on=day_of(call.now),
    )
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@router.post("/beneficiaries/{beneficiary_id}/disclosures/{authorisation_id}/withdrawal", summary="Withdraw an authorisation")
async def withdraw_disclosure(
    beneficiary_id: UUID4,
    authorisation_id: UUID4,
    body: WithdrawalBody,
    call: Annotated[Call, Depends(command("intake.withdraw-disclosure", person="beneficiary_id"))],
) -> ReceiptBody:
    """Have it open nothing any more, from this moment on. The person may do so themselves."""
    by = WithdrawnBy.THE_PERSON if call.caller.role is Role.BENEFICIARY else WithdrawnBy.THE_ORGANISATION
    told = WithdrawDisclosure(beneficiary_id=beneficiary_id, authorisation_id=authorisation_id, by=by)
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@router.get("/beneficiaries/{beneficiary_id}/disclosed", summary="Read what one is authorised to read of a person", responses=OPENING)
async def read_disclosed(beneficiary_id: UUID4, asked: Annotated[Query, Depends(query("intake.read-disclosed"))]) -> Disclosed:
    """Return the authorised classes to the recipient, for the purpose that the token names, while the authorisation is in force."""
    clear = await asked.open(PERSON, beneficiary_id, through=DISCLOSED, holding=())
    authorised = authorisation(clear.stored, asked.caller, day_of(asked.now))
    if authorised is None:
        raise Unknown
    opened = await asked.open(PERSON, beneficiary_id, through=DISCLOSED, holding=authorised.classes)
    state = opened.state.held
    if not isinstance(state, InCare | Exited):
        raise Unknown
    return _disclosed(replace(state.record, notes=own_notes(opened)), authorised)


def _disclosed(record: Record, authorised: DisclosureAuthorised) -> Disclosed:
    """Return what is of the authorised classes."""
    of: Mapping[DataClass, Mapping[str, object]] = {
        DataClass.IDENTITY: {
            "identity": record.identity,
            "tax_code": record.tax_code,
            "aliases": record.aliases,
            "documents": record.documents,
        },
        DataClass.CONTACT: {"contact": record.contact, "residence": record.residence},
        DataClass.PROTECTION: {"protection": record.protection},
        DataClass.VULNERABILITY: {"vulnerability": record.vulnerability},
        DataClass.NOTES: {"notes": record.notes},
    }
    told = {name: value for each in authorised.classes for name, value in of.get(each, {}).items()}
    return Disclosed(
        beneficiary_id=record.beneficiary_id,
        purpose=authorised.purpose,
        classes=authorised.classes,
        expires_on=authorised.expires_on,
    ).model_copy(update=told)
