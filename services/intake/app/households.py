"""What becomes of a household when its members are taken over one by one: those who come to the same organisation meet again in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services._runtime.handling import Step
from services._runtime.ids import derived_id
from services.intake.app.deciders import HOUSEHOLD
from services.intake.domain.commands import FormHousehold, JoinHousehold, LinkHousehold
from services.intake.domain.household import Unformed
from services.intake.domain.person import InCare
from services.intake.domain.transfer_state import TransferStatus

if TYPE_CHECKING:
    from services.intake.domain.commands import HouseholdCommand
    from services.intake.domain.household import Household
    from services.intake.domain.person import Person


def household_followed(state: Person, organisation: str) -> tuple[tuple[LinkHousehold, ...], tuple[Step, ...]]:
    """Return what links a person whom an organisation takes over to a household of its own, and what forms that where none did yet.

    Its id follows from that of the household they leave, which stays with whoever formed it. Nothing where they are in none, where
    what they are in it cannot be read any more, and where no transfer waits.
    """
    if not isinstance(state, InCare) or (left := state.record.household) is None or left.relation is None:
        return (), ()
    waits = [each for each in state.record.transfers if each.status is TransferStatus.REQUESTED]
    if not waits:
        return (), ()
    household_id, territory = derived_id("household", left.household_id, organisation), waits[-1].territory

    def formed(now: Household) -> HouseholdCommand:
        if isinstance(now, Unformed):
            return FormHousehold(household_id=household_id, organisation=organisation, territory=territory)
        return JoinHousehold(household_id=household_id)

    link = LinkHousehold(beneficiary_id=state.record.beneficiary_id, household_id=household_id, relation=left.relation)
    return (link,), (Step(HOUSEHOLD, household_id, formed),)
