"""Intake's aggregates as the machinery takes them: where their facts belong, and whose order they keep."""

from __future__ import annotations

from typing import assert_never
from uuid import UUID

from contracts.emergency import EmergencyEvent
from contracts.erasure_codes import SubjectKind
from contracts.intake import HouseholdFormed, PersonEvent
from services._runtime.decider import Decider, Placement, Unique, in_turn
from services._runtime.erasing.erasable import erasable
from services._runtime.erasing.process import EVENTS, Standing
from services.intake.domain import beneficiary, emergency, household, person
from services.intake.domain.commands import HouseholdCommand, PersonCommand
from services.intake.domain.emergency import EmergencyAccess, EmergencyCommand, NeverOpened, Opened
from services.intake.domain.household import Formed, Household, Unformed
from services.intake.domain.person import Exited, InCare, Informed, Person, Referred, Unrecorded
from services.intake.domain.tax_code import TaxCodeTaken, read_tax_code


def _place_person(state: Person) -> Placement:
    match state:
        case Unrecorded():
            return Placement()
        case Referred(referral):
            return Placement(responsible_organisation=referral.organisation, territory=referral.territory)
        case Informed(notices):
            return Placement(responsible_organisation=notices[0].organisation)
        case InCare(record) | Exited(record):
            return Placement(responsible_organisation=record.organisation, territory=record.territory, municipality=record.municipality)
        case _:
            assert_never(state)


def _whose(state: Person) -> UUID | None:
    match state:
        case Unrecorded():
            return None
        case Referred(referral):
            return referral.beneficiary_id
        case Informed(notices):
            return notices[0].beneficiary_id
        case InCare(record) | Exited(record):
            return record.beneficiary_id
        case _:
            assert_never(state)


def _unique(state: Person) -> tuple[Unique, ...]:
    """Return the codice fiscale that the person holds now: codes that differ by omocodia alone are the same."""
    match state:
        case InCare(record) | Exited(record) if record.tax_code is not None:
            return (Unique("tax-code", read_tax_code(record.tax_code).canonical, TaxCodeTaken),)
        case _:
            return ()


def _place_household(state: Household) -> Placement:
    match state:
        case Unformed():
            return Placement()
        case Formed(formed):
            return Placement(responsible_organisation=formed.organisation, territory=formed.territory)
        case _:
            assert_never(state)


def _nobody(_state: Household) -> None:
    """Key a household's stream by itself: it belongs to no single person."""


def _place_emergency(state: EmergencyAccess) -> Placement:
    """Place it with the organisation for which it was opened, which answers for having done so."""
    match state:
        case NeverOpened():
            return Placement()
        case Opened(opened):
            return Placement(responsible_organisation=opened.organisation)
        case _:
            assert_never(state)


def _in_need(state: EmergencyAccess) -> UUID | None:
    return None if isinstance(state, NeverOpened) else state.opened.beneficiary_id


def _standing(state: Person) -> Standing:
    match state:
        case Unrecorded():
            return Standing.UNKNOWN
        case InCare():
            return Standing.NEEDED
        case Referred() | Informed() | Exited():
            return Standing.FREE
        case _:
            assert_never(state)


CARE: Decider[PersonCommand, Person, PersonEvent] = Decider(
    category="person",
    initial=Unrecorded(),
    decide=beneficiary.decide,
    evolve=person.evolve,
    place=_place_person,
    partition=_whose,
    unique=_unique,
)
"""A person's care, by itself."""

PERSON = erasable(CARE, EVENTS[SubjectKind.BENEFICIARY], _standing)
"""A person: their care, and the erasure of their personal data."""

PERSON_IN_TURN = in_turn(PERSON)
"""A person, told several things at once: all of it holds, or none."""

HOUSEHOLD: Decider[HouseholdCommand, Household, HouseholdFormed] = Decider(
    category="household",
    initial=Unformed(),
    decide=household.decide,
    evolve=household.evolve,
    place=_place_household,
    partition=_nobody,
)

EMERGENCY: Decider[EmergencyCommand, EmergencyAccess, EmergencyEvent] = Decider(
    category="emergency",
    initial=NeverOpened(),
    decide=emergency.decide,
    evolve=emergency.evolve,
    place=_place_emergency,
    partition=_in_need,
)
