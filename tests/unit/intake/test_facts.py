"""Facts of a person in care: restated in full, corrected, never edited; after the exit none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from contracts.errors import Invalid
from contracts.event import Event
from contracts.intake import (
    ContactChanged,
    DocumentRecorded,
    HouseholdFormed,
    HouseholdLinked,
    IdentityCorrected,
    NoteAdded,
    ProtectionStatusRecorded,
    ReceptionExitRecorded,
    ResidenceRegistered,
    TaxCodeConfirmed,
    VulnerabilityRecorded,
)
from contracts.intake_codes import DocumentKind, FamilyRelation, ProtectionStatus, SpecialNeed
from services.intake.app.deciders import CARE, HOUSEHOLD
from services.intake.domain.beneficiary import CareEnded
from services.intake.domain.commands import (
    AddNote,
    ChangeContact,
    ConfirmTaxCode,
    ContactDetails,
    CorrectIdentity,
    FormHousehold,
    JoinHousehold,
    LinkHousehold,
    PersonCommand,
    RecordDocument,
    RecordProtectionStatus,
    RecordReceptionExit,
    RecordVulnerability,
    RegisterResidence,
)
from services.intake.domain.facts import DefinitiveCodeKnown, ImpossibleBirthDate
from services.intake.domain.household import AlreadyFormed, UnknownHousehold
from services.intake.domain.person import InCare
from services.intake.domain.places import UnknownTerritory
from services.intake.domain.tax_code import InvalidTaxCode
from tests.support.given import given
from tests.unit.intake.examples import (
    DOCUMENT_ID,
    ENROLLED,
    EXITED,
    GIVE_NOTICE,
    HOUSEHOLD_ID,
    NOTICE,
    ON,
    PERSON_ID,
    READMITTED,
    WHO,
)

given_person = given(CARE)
given_household = given(HOUSEHOLD)
IN_CARE = [NOTICE, ENROLLED]
DOCUMENT = RecordDocument(
    beneficiary_id=PERSON_ID,
    document_id=DOCUMENT_ID,
    kind=DocumentKind.RESIDENCE_PERMIT,
    number="X1",
    issuer=None,
    issued_on=date(2021, 1, 1),
    expires_on=date(2026, 1, 1),
)

TOLD: list[tuple[PersonCommand, Event]] = [
    (
        RecordProtectionStatus(beneficiary_id=PERSON_ID, status=ProtectionStatus.SUBSIDIARY, granted_on=date(2020, 5, 5)),
        ProtectionStatusRecorded(
            beneficiary_id=PERSON_ID,
            international_protection=True,
            status=ProtectionStatus.SUBSIDIARY,
            granted_on=date(2020, 5, 5),
        ),
    ),
    (
        RecordProtectionStatus(beneficiary_id=PERSON_ID, status=ProtectionStatus.SPECIAL, granted_on=None),
        ProtectionStatusRecorded(beneficiary_id=PERSON_ID, international_protection=False, status=ProtectionStatus.SPECIAL),
    ),
    (
        RecordReceptionExit(beneficiary_id=PERSON_ID, exited_on=ON),
        ReceptionExitRecorded(beneficiary_id=PERSON_ID, exited_on=ON),
    ),
    (
        CorrectIdentity(beneficiary_id=PERSON_ID, identity=replace(WHO, family_name="Provetta"), reason="misspelt", on=ON),
        IdentityCorrected(
            beneficiary_id=PERSON_ID,
            sex=WHO.sex,
            given_names="Selam",
            family_name="Provetta",
            birth_date=WHO.birth_date,
            birth_date_precision=WHO.birth_date_precision,
            citizenship="ERI",
            reason="misspelt",
        ),
    ),
    (
        ConfirmTaxCode(beneficiary_id=PERSON_ID, tax_code="rssmra80a01h501u"),
        TaxCodeConfirmed(beneficiary_id=PERSON_ID, tax_code="RSSMRA80A01H501U"),
    ),
    (
        ChangeContact(beneficiary_id=PERSON_ID, contact=ContactDetails(languages=("so",), email="a@example.org")),
        ContactChanged(beneficiary_id=PERSON_ID, languages=("so",), email="a@example.org"),
    ),
    (
        DOCUMENT,
        DocumentRecorded(
            beneficiary_id=PERSON_ID,
            document_id=DOCUMENT_ID,
            kind=DocumentKind.RESIDENCE_PERMIT,
            number="X1",
            issued_on=date(2021, 1, 1),
            expires_on=date(2026, 1, 1),
        ),
    ),
    (
        RecordVulnerability(beneficiary_id=PERSON_ID, needs=(SpecialNeed.DISABILITY,), words=None),
        VulnerabilityRecorded(beneficiary_id=PERSON_ID, needs=(SpecialNeed.DISABILITY,)),
    ),
    (
        RegisterResidence(beneficiary_id=PERSON_ID, municipality="034014", address="Via Prova 1"),
        ResidenceRegistered(beneficiary_id=PERSON_ID, municipality="034014", address="Via Prova 1"),
    ),
    (
        RegisterResidence(beneficiary_id=PERSON_ID, municipality="034032", address=None),
        ResidenceRegistered(beneficiary_id=PERSON_ID, other_municipality="034032"),
    ),
    (
        LinkHousehold(beneficiary_id=PERSON_ID, household_id=HOUSEHOLD_ID, relation=FamilyRelation.HEAD),
        HouseholdLinked(beneficiary_id=PERSON_ID, household_id=HOUSEHOLD_ID, relation=FamilyRelation.HEAD),
    ),
    (AddNote(beneficiary_id=PERSON_ID, text="came by"), NoteAdded(beneficiary_id=PERSON_ID, text="came by")),
]


@pytest.mark.parametrize(("command", "event"), TOLD, ids=lambda each: type(each).__name__)
def test_a_fact_is_one_event_in_care_and_none_after(command: PersonCommand, event: Event) -> None:
    """HOPE: "a withdrawn person could still be edited". The record rests until the person is readmitted."""
    given_person(IN_CARE).when(command).then([event])
    given_person([*IN_CARE, EXITED]).when(command).refused(CareEnded)
    given_person([*IN_CARE, EXITED, READMITTED]).when(command).then([event])


def test_of_a_person_who_has_left_it_is_recorded_what_outlives_care() -> None:
    """A privacy notice is owed to whomever a record is kept of."""
    given_person([*IN_CARE, EXITED]).when(GIVE_NOTICE).then([NOTICE])


def test_a_document_recorded_again_replaces_the_one_with_its_id() -> None:
    """The earlier particulars stay in history."""
    first = given_person(IN_CARE).when(DOCUMENT).then_types(DocumentRecorded)
    state = given_person([*IN_CARE, *first, *first]).state()
    assert isinstance(state, InCare)
    assert len(state.record.documents) == 1


def test_a_definitive_code_replaces_a_provisional_one_and_not_the_reverse() -> None:
    """Provisional to definitive is an event; the way back is refused."""
    provisional = TaxCodeConfirmed(beneficiary_id=PERSON_ID, tax_code="00000000000")
    definitive = TaxCodeConfirmed(beneficiary_id=PERSON_ID, tax_code="RSSMRA80A01H501U")
    confirm = ConfirmTaxCode(beneficiary_id=PERSON_ID, tax_code="RSSMRA80A01H501U")
    given_person([*IN_CARE, provisional]).when(confirm).then([definitive])
    given_person([*IN_CARE, definitive]).when(replace(confirm, tax_code="00000000000")).refused(DefinitiveCodeKnown)
    given_person(IN_CARE).when(replace(confirm, tax_code="nonsense")).refused(InvalidTaxCode)


def test_what_contradicts_itself_is_refused() -> None:
    """A birth in the future, a document that ends before it begins."""
    correction = CorrectIdentity(beneficiary_id=PERSON_ID, identity=replace(WHO, birth_date=date(2030, 1, 1)), reason="typo", on=ON)
    given_person(IN_CARE).when(correction).refused(ImpossibleBirthDate)
    given_person(IN_CARE).when(replace(DOCUMENT, expires_on=date(2020, 1, 1))).refused(Invalid)


def test_a_household_is_formed_once_in_a_known_territory_and_joined_without_an_event() -> None:
    """Joining only asks that it exists."""
    form = FormHousehold(household_id=HOUSEHOLD_ID, organisation="ciac", territory="PR")
    join = JoinHousehold(household_id=HOUSEHOLD_ID)
    formed = HouseholdFormed(household_id=HOUSEHOLD_ID, organisation="ciac", territory="PR")
    given_household([]).when(form).then([formed])
    given_household([formed]).when(form).refused(AlreadyFormed)
    given_household([]).when(replace(form, territory="XX")).refused(UnknownTerritory)
    given_household([formed]).when(join).then([])
    given_household([]).when(join).refused(UnknownHousehold)
