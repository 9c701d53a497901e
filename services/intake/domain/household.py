"""A household: people who live as a family. Its members are linked from their own side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from contracts.errors import Refusal, Unknown
from contracts.intake import HouseholdFormed
from services.intake.domain.commands import FormHousehold, HouseholdCommand, JoinHousehold
from services.intake.domain.places import territory


@dataclass(frozen=True, slots=True)
class Unformed:
    """Nothing is recorded under this id."""


@dataclass(frozen=True, slots=True)
class Formed:
    """The household exists."""

    formed: HouseholdFormed


Household = Unformed | Formed


class AlreadyFormed(Refusal):
    """The household exists."""

    code = "household-exists"


class UnknownHousehold(Unknown):
    """Nothing is recorded under this household's id."""

    code = "unknown-household"


def decide(command: HouseholdCommand, state: Household) -> list[HouseholdFormed]:
    """Return the events that the command leads to; raises a `Refusal`."""
    match command:
        case FormHousehold():
            if isinstance(state, Formed):
                raise AlreadyFormed("the household exists: link persons to it")
            where = territory(command.territory)
            return [HouseholdFormed(household_id=command.household_id, organisation=command.organisation, territory=where)]
        case JoinHousehold():
            if isinstance(state, Unformed):
                raise UnknownHousehold("no household has this id: form it first, or check the id")
            return []
        case _:
            assert_never(command)


def evolve(_state: Household, event: HouseholdFormed) -> Household:
    """Return the household after the event."""
    return Formed(event)
