"""The caseload's rows, and what intake's contracts let travel."""

from __future__ import annotations

from datetime import date
from typing import get_args

from contracts.intake import BeneficiaryReadmitted, HouseholdFormed, NoteAdded, PersonEvent, ProgrammeAdmitted, ProgrammeLeft
from contracts.intake_codes import AgeBand, EligibilityOutcome, LeaveReason, Sex
from contracts.referrals import ReferralEvent
from services.intake.projections.caseload import CASELOAD, CareStatus, CaseRow
from tests.support.read_models import given, happened
from tests.unit.intake.examples import ENROLLED, EXITED, HOUSEHOLD_ID, NOTICE, ON, PERSON_ID, PROGRAMME
from tests.unit.intake.transfers import ACCEPTED, REQUESTED

ADMITTED = ProgrammeAdmitted(
    beneficiary_id=PERSON_ID,
    programme=PROGRAMME,
    policy_version="ancora-2.0/1",
    reference_date=ON,
    outcome=EligibilityOutcome.ELIGIBLE,
    sex=Sex.FEMALE,
    age_band=AgeBand.FROM_18_TO_60,
    international_protection=True,
)
LEFT = ProgrammeLeft(beneficiary_id=PERSON_ID, programme=PROGRAMME, reason=LeaveReason.EXIT)


def test_an_informed_person_has_a_row_without_an_episode() -> None:
    """Care has not begun."""
    row = given(happened(NOTICE, territory=None)).then(CASELOAD).row(PERSON_ID)
    assert row == CaseRow(PERSON_ID, "ciac", CareStatus.INFORMED, 0, None, None, (), (), date(2021, 3, 1), 1)


def test_a_row_follows_enrolment_admission_exit_and_readmission() -> None:
    """It shows the newest day on which something happened, though it was recorded earlier."""
    history = [
        happened(NOTICE, territory=None),
        happened(ENROLLED, municipality="034027"),
        happened(ADMITTED, occurred_on=date(2021, 6, 15), municipality="034027"),
        happened(NoteAdded(beneficiary_id=PERSON_ID), occurred_on=date(2021, 5, 1), municipality="034027"),
    ]
    row = given(*history).then(CASELOAD).row(PERSON_ID)
    assert row == CaseRow(
        PERSON_ID, "ciac", CareStatus.IN_CARE, 1, "PR", "034027", (PROGRAMME,), (PROGRAMME,), date(2021, 6, 15), 4, date(2021, 3, 1)
    )
    history += [happened(LEFT), happened(EXITED)]
    row = given(*history).then(CASELOAD).row(PERSON_ID)
    assert row is not None
    assert (row.status, row.programmes, row.current) == (CareStatus.EXITED, (PROGRAMME,), ())
    again = BeneficiaryReadmitted(beneficiary_id=PERSON_ID, episode=2, organisation="ciac", territory="BO")
    row = given(*history, happened(again, territory="BO")).then(CASELOAD).row(PERSON_ID)
    assert row is not None
    assert (row.status, row.episode, row.territory) == (CareStatus.IN_CARE, 2, "BO")


def test_a_transferred_person_is_in_the_receivers_caseload_and_no_longer_in_the_senders() -> None:
    """I8: from the acceptance on, by its own envelope."""
    history = [happened(NOTICE, territory=None), happened(ENROLLED, municipality="034027"), happened(REQUESTED, municipality="034027")]
    row = given(*history).then(CASELOAD).row(PERSON_ID)
    assert row is not None
    assert (row.organisation, row.territory) == ("ciac", "PR")
    row = given(*history, happened(ACCEPTED, territory="FE")).then(CASELOAD).row(PERSON_ID)
    assert row is not None
    assert (row.organisation, row.territory, row.municipality, row.status) == ("cidas", "FE", None, CareStatus.IN_CARE)


def test_a_household_has_no_row() -> None:
    """The list is of persons."""
    formed = HouseholdFormed(household_id=HOUSEHOLD_ID, organisation="ciac", territory="PR")
    assert given(formed).then(CASELOAD).rows == {}


def test_only_the_agreed_fields_travel_clear() -> None:
    """I6: every field of intake's events is an id, an agreed code or day, or it is sealed."""
    agreed = {
        "beneficiary_id", "household_id", "document_id", "episode", "organisation", "territory", "municipality", "sex", "age_band",
        "international_protection", "programme", "policy_version", "reference_date", "outcome", "reason", "destination",
        "notice_version", "how", "mediator", "exited_on", "referral_id", "by", "sender", "key_backups_expire_on",
        "reference", "band", "matcher", "other_id", "survivor_id", "counted_twice", "counts_again", "also_admitted",
        "authorisation_id", "recipient", "purpose", "classes", "legal_basis", "expires_on", "days_ahead",
        "transfer_id", "receiver", "lapses_on", "admissions", "asked_by", "shown_until", "alias_id", "reason_code",
    }  # fmt: skip
    for event in (*get_args(PersonEvent), *get_args(ReferralEvent), HouseholdFormed):
        clear = set(event.model_fields) - set(event.personal_fields)
        assert clear <= agreed, f"{event.type_name}: {clear - agreed}"
