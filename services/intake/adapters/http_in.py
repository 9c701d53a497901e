"""Intake's commands over HTTP: one route each, from body to step."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import UUID4

from services._runtime.handling import Step
from services._runtime.web.commands import Call, ReceiptBody, command
from services.intake.adapters import bodies
from services.intake.app.deciders import HOUSEHOLD, PERSON
from services.intake.domain.commands import (
    AddNote,
    AdmitToProgramme,
    ChangeContact,
    ConfirmTaxCode,
    ExitBeneficiary,
    FormHousehold,
    GiveNotice,
    JoinHousehold,
    LeaveProgramme,
    LinkHousehold,
    ReadmitBeneficiary,
    RecordDocument,
    RecordProtectionStatus,
    RecordReceptionExit,
    RecordVulnerability,
    RegisterResidence,
)

router = APIRouter(tags=["commands"])


@router.post("/beneficiaries/{beneficiary_id}/privacy-notices", summary="Record that the privacy notice was given", status_code=201)
async def give_notice(
    beneficiary_id: UUID4,
    body: bodies.PrivacyNotice,
    call: Annotated[Call, Depends(command("intake.give-notice", needs="either"))],
) -> ReceiptBody:
    """Begin a person's record, or add a newer notice to it."""
    told = GiveNotice(
        beneficiary_id=beneficiary_id,
        organisation=call.caller.organisation,
        notice_version=body.notice_version,
        language=body.language,
        how=body.how,
        mediator=body.mediator,
    )
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@router.post("/beneficiaries/{beneficiary_id}/readmission", summary="Readmit a person after an exit")
async def readmit(
    beneficiary_id: UUID4, body: bodies.Readmission, call: Annotated[Call, Depends(command("intake.readmit"))]
) -> ReceiptBody:
    """Begin care again: a new episode."""
    told = ReadmitBeneficiary(
        beneficiary_id=beneficiary_id,
        organisation=call.caller.organisation,
        territory=body.territory,
        municipality=body.municipality,
    )
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@router.post("/beneficiaries/{beneficiary_id}/exit", summary="End care")
async def leave(beneficiary_id: UUID4, body: bodies.Exit, call: Annotated[Call, Depends(command("intake.exit"))]) -> ReceiptBody:
    """End care, and the programmes the person is in."""
    told = ExitBeneficiary(beneficiary_id=beneficiary_id, reason=body.reason, destination=body.destination, remarks=body.remarks)
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@router.post("/beneficiaries/{beneficiary_id}/admissions", summary="Assess eligibility and admit to a programme")
async def admit(beneficiary_id: UUID4, body: bodies.Admission, call: Annotated[Call, Depends(command("intake.admit"))]) -> ReceiptBody:
    """Record what the programme's policy says on the day, and admit where it allows.

    The receipt names `intake.programme_admitted` where it did; else the record's last assessment
    says what came of it, such as `pending-evidence` where the protection status or the exit from reception is not recorded.
    """
    told = AdmitToProgramme(
        beneficiary_id=beneficiary_id, programme=body.programme, reference_date=call.day(body), derogation=body.derogation
    )
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@router.post("/beneficiaries/{beneficiary_id}/programme-leaves", summary="Record that a person left a programme")
async def leave_programme(
    beneficiary_id: UUID4, body: bodies.ProgrammeLeave, call: Annotated[Call, Depends(command("intake.leave-programme"))]
) -> ReceiptBody:
    """Take the person out of a programme; care goes on."""
    told = LeaveProgramme(beneficiary_id=beneficiary_id, programme=body.programme, reason=body.reason)
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@router.post("/beneficiaries/{beneficiary_id}/protection-status", summary="Record the protection status")
async def record_protection_status(
    beneficiary_id: UUID4, body: bodies.ProtectionStatusBody, call: Annotated[Call, Depends(command("intake.record-status"))]
) -> ReceiptBody:
    """State the status the person holds."""
    told = RecordProtectionStatus(beneficiary_id=beneficiary_id, status=body.status, granted_on=body.granted_on)
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@router.post("/beneficiaries/{beneficiary_id}/reception-exit", summary="Record the exit from reception")
async def record_reception_exit(
    beneficiary_id: UUID4, body: bodies.ReceptionExit, call: Annotated[Call, Depends(command("intake.record-reception-exit"))]
) -> ReceiptBody:
    """State the day on which the person left reception."""
    told = RecordReceptionExit(beneficiary_id=beneficiary_id, exited_on=call.day(body))
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@router.post("/beneficiaries/{beneficiary_id}/tax-code", summary="Confirm the codice fiscale")
async def confirm_tax_code(
    beneficiary_id: UUID4, body: bodies.TaxCodeBody, call: Annotated[Call, Depends(command("intake.confirm-tax-code"))]
) -> ReceiptBody:
    """State the code, provisional or definitive."""
    told = ConfirmTaxCode(beneficiary_id=beneficiary_id, tax_code=body.tax_code)
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@router.post("/beneficiaries/{beneficiary_id}/contact", summary="Change how a person is reached")
async def change_contact(
    beneficiary_id: UUID4, body: bodies.ContactChange, call: Annotated[Call, Depends(command("intake.change-contact"))]
) -> ReceiptBody:
    """Restate how the person is reached."""
    told = ChangeContact(beneficiary_id=beneficiary_id, contact=body.contact.details())
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@router.post("/beneficiaries/{beneficiary_id}/documents", summary="Record a document")
async def record_document(
    beneficiary_id: UUID4, body: bodies.Document, call: Annotated[Call, Depends(command("intake.record-document"))]
) -> ReceiptBody:
    """Record a document's particulars; the same id again replaces them."""
    told = RecordDocument(
        beneficiary_id=beneficiary_id,
        document_id=body.document_id,
        kind=body.kind,
        number=body.number,
        issuer=body.issuer,
        issued_on=body.issued_on,
        expires_on=body.expires_on,
    )
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@router.post("/beneficiaries/{beneficiary_id}/vulnerabilities", summary="Record special needs")
async def record_vulnerability(
    beneficiary_id: UUID4, body: bodies.Vulnerability, call: Annotated[Call, Depends(command("intake.record-vulnerability"))]
) -> ReceiptBody:
    """Restate the person's special needs."""
    told = RecordVulnerability(beneficiary_id=beneficiary_id, needs=body.needs, words=body.words)
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@router.post("/beneficiaries/{beneficiary_id}/residence", summary="Record the civil registration")
async def register_residence(
    beneficiary_id: UUID4, body: bodies.Residence, call: Annotated[Call, Depends(command("intake.register-residence"))]
) -> ReceiptBody:
    """State where the person is registered."""
    told = RegisterResidence(beneficiary_id=beneficiary_id, municipality=body.municipality, address=body.address)
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@router.post("/beneficiaries/{beneficiary_id}/household", summary="Link a person to a household")
async def link_household(
    beneficiary_id: UUID4, body: bodies.HouseholdLink, call: Annotated[Call, Depends(command("intake.link-household"))]
) -> ReceiptBody:
    """State the household the person belongs to; it must exist."""
    told = LinkHousehold(beneficiary_id=beneficiary_id, household_id=body.household_id, relation=body.relation)
    return await call.execute(
        body,
        Step(PERSON, beneficiary_id, told, call.expected_version),
        Step(HOUSEHOLD, body.household_id, JoinHousehold(household_id=body.household_id)),
    )


@router.post("/beneficiaries/{beneficiary_id}/notes", summary="Add a note")
async def add_note(beneficiary_id: UUID4, body: bodies.Note, call: Annotated[Call, Depends(command("intake.add-note"))]) -> ReceiptBody:
    """Add a note in words."""
    told = AddNote(beneficiary_id=beneficiary_id, text=body.text)
    return await call.execute(body, Step(PERSON, beneficiary_id, told, call.expected_version))


@router.post("/households/{household_id}", summary="Form a household", status_code=201)
async def form_household(
    household_id: UUID4,
    body: bodies.HouseholdForming,
    call: Annotated[Call, Depends(command("intake.form-household", needs="nothing"))],
) -> ReceiptBody:
    """Begin a household, to which persons are then linked."""
    told = FormHousehold(household_id=household_id, organisation=call.caller.organisation, territory=body.territory)
    return await call.execute(body, Step(HOUSEHOLD, household_id, told, call.expected_version))
