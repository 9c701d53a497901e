"""Things that happen, for tests of reporting."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from contracts.duplicates import CountedAdmission
from contracts.intake import BeneficiaryEnrolled, ProgrammeAdmitted, ProgrammeLeft
from contracts.intake_codes import AgeBand, EligibilityOutcome, LeaveReason, Sex
from contracts.transfers import TransferAccepted
from services._runtime.ids import derived_id
from tests.support.read_models import Happened, happened


def person(number: int) -> UUID:
    """Return a person's id."""
    return derived_id("person", number)


def enrolled(number: int, territory: str = "PR") -> Happened:
    """Say that a person was enrolled."""
    event = BeneficiaryEnrolled(
        beneficiary_id=person(number), episode=1, organisation="ciac", territory=territory, sex=Sex.FEMALE, family_name="Rossi"
    )
    return happened(event, territory=territory, stream_id=f"person-{person(number)}")


def admitted(number: int, territory: str = "PR", *, protected: bool = True, programme: str = "ancora-2.0") -> Happened:
    """Say that a person was admitted to a programme."""
    event = ProgrammeAdmitted(
        beneficiary_id=person(number),
        programme=programme,
        policy_version="1",
        reference_date=date(2021, 3, 1),
        outcome=EligibilityOutcome.ELIGIBLE,
        sex=Sex.FEMALE,
        age_band=AgeBand.FROM_18_TO_60,
        international_protection=protected,
    )
    return happened(event, territory=territory, stream_id=f"person-{person(number)}")


def left(number: int, territory: str = "PR") -> Happened:
    """Say that a person left the programme."""
    event = ProgrammeLeft(beneficiary_id=person(number), programme="ancora-2.0", reason=LeaveReason.EXIT)
    return happened(event, territory=territory, stream_id=f"person-{person(number)}")


def moved(number: int, territory: str = "FE", *, protected: bool = True, current: bool = True) -> Happened:
    """Say that another organisation accepted a person of CIAC's in Parma."""
    event = TransferAccepted(
        beneficiary_id=person(number),
        transfer_id=derived_id("transfer", number),
        episode=1,
        organisation="cidas",
        territory=territory,
        sender="ciac",
        admissions=(CountedAdmission(programme="ancora-2.0", territory="PR", international_protection=protected, current=current),),
    )
    return happened(event, territory=territory, responsible_organisation="cidas", stream_id=f"person-{person(number)}")
