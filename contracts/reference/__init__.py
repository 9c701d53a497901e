"""Committed reference data, typed: the consortium's partners, territories and targets.

`consortium.yaml` is the source, with its comments; `consortium.json` is its rendering, read here because contracts need
nothing but pydantic. A test holds them equal.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Reference(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Funder(_Reference):
    """Who pays, under which programme and objective."""

    code: str
    name: str
    programme: str
    objective: str


class Project(_Reference):
    """The programme that persons are admitted to; `end` is its last day."""

    code: str
    name: str
    start: date
    end: date
    funder: Funder
    lead: str


class ProvinceScope(_Reference):
    """A target's part of the country."""

    province: str


class Target(_Reference):
    """At least so many persons granted international protection; `part_of` names the target whose count includes this one's."""

    code: str
    scope: Literal["national"] | ProvinceScope
    at_least: int
    part_of: str | None = None

    @property
    def province(self) -> str | None:
        """Return the province it is about, or None for the whole country."""
        return None if self.scope == "national" else self.scope.province


class Programme(Project):
    """A programme with its targets. One that is `provisional` is named and dimensioned here, and granted by nobody yet."""

    targets: tuple[Target, ...]
    provisional: bool = False


class Shape(_Reference):
    """How large the consortium is; the provinces are one more than are published."""

    third_sector_organisations: int
    research_organisations: int
    municipalities: int
    regions: int
    provinces: int


class Organisation(_Reference):
    """A partner. `inferred` says that the seat is public knowledge, not in the project's description."""

    code: str
    name: str
    kind: Literal["third_sector", "research"]
    role: Literal["lead"] | None = None
    province: str | None = None
    inferred: bool = False


class Municipality(_Reference):
    """A partner municipality; codes are texts, since leading zeros matter."""

    code: str
    name: str
    istat: str
    cadastral: str
    province: str
    province_istat: str
    region: str
    nuts3: str


class Region(_Reference):
    """A region and those of its provinces in which partners have their seats."""

    name: str
    provinces: tuple[str, ...]


class Province(_Reference):
    """ISTAT's code of a province, and that of the metropolitan unit where it differs."""

    istat: str
    uts: str | None = None


class Consortium(_Reference):
    """Everything that is known of the consortium."""

    project: Project
    targets: tuple[Target, ...]
    successors: tuple[Programme, ...] = ()
    dimensions: tuple[str, ...]
    shape: Shape
    organisations: tuple[Organisation, ...]
    municipalities: tuple[Municipality, ...]
    territories: dict[str, Region]
    provinces: dict[str, Province]

    @property
    def programmes(self) -> tuple[Programme, ...]:
        """Return all programmes to which persons are admitted: the project, and those into which they are carried on."""
        return (Programme(**dict(self.project), targets=self.targets), *self.successors)

    def programme(self, code: str) -> Programme | None:
        """Return a programme; None for a code that is none."""
        return next((one for one in self.programmes if one.code == code), None)

    @property
    def partners(self) -> tuple[Organisation | Municipality, ...]:
        """Return all partners, organisations first."""
        return (*self.organisations, *self.municipalities)

    def seats(self, province: str) -> tuple[str, ...]:
        """Return the names of the partners that have their seat in a province."""
        return tuple(partner.name for partner in self.partners if partner.province == province)


@lru_cache
def consortium() -> Consortium:
    """Return the committed reference data."""
    return Consortium.model_validate_json(files(__name__).joinpath("consortium.json").read_bytes())
