"""The shared methodology as data: areas with anchored scales, situations, milestones, instruments; each version is kept for ever.

Parsing and looking up only: reading files is the adapters' work.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.pathway_values import Code, Connection, Dimension, Respondent
from services.pathways.domain.refusals import NotInMethodology

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

LEVELS = 5
IndicatorDomain = Literal[
    "work",
    "housing",
    "education",
    "health-and-social-care",
    "leisure",
    "bonds",
    "bridges",
    "links",
    "language-and-communication",
    "culture",
    "digital-skills",
    "safety",
    "stability",
    "rights-and-responsibilities",
]
"""The 14 domains of Indicators of Integration 2019 (Home Office, Open Government Licence)."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Wording(_Part):
    """The same words in Italian and in English."""

    it: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Named(_Part):
    """A code of a catalogue and what people read for it."""

    code: Code
    label: Wording


class Area(Named):
    """An area of life, its dimension and Indicators of Integration domain, and the observable anchor of each level, 1 to 5."""

    dimension: Dimension
    domain: IndicatorDomain
    sensitive: bool = False
    anchors: Annotated[tuple[Wording, ...], Field(min_length=LEVELS, max_length=LEVELS)]


N = TypeVar("N", bound=Named)


class SituationArea(Named):
    """A respect in which situations are recorded, and its values from least to most settled."""

    values: Annotated[tuple[Named, ...], Field(min_length=2)]


class OfArea(Named):
    """A catalogue entry that belongs to an area: a milestone or a kind of service."""

    area: Code


class NetworkKind(Named):
    """A kind of connection that a network map counts."""

    connection: Connection


class Item(Named):
    """A question of an instrument and its scale."""

    lowest: int = 1
    highest: int = LEVELS


class Instrument(Named):
    """Something that is answered: the scales of all areas, or a questionnaire's own items."""

    version: str
    respondents: tuple[Respondent, ...]
    scores_areas: bool = False
    items: tuple[Item, ...] = ()


class Objective(Named):
    """An objective of the strategy that this version serves, the areas it acts on, and how that is seen."""

    areas: tuple[Code, ...]
    indicators: tuple[Wording, ...]


class Methodology(_Part):
    """One version. A pathway keeps the version under which it was opened."""

    version: str
    review_interval_days: int = Field(ge=1)
    needs_instrument: Code
    objectives: tuple[Objective, ...]
    dimensions: tuple[Named, ...]
    areas: tuple[Area, ...]
    situations: tuple[SituationArea, ...]
    milestones: tuple[OfArea, ...]
    instruments: tuple[Instrument, ...]
    network_kinds: tuple[NetworkKind, ...]
    service_kinds: tuple[OfArea, ...]
    support_kinds: tuple[Named, ...]
    plan_sections: tuple[Named, ...]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        for name in ("areas", "situations", "milestones", "instruments", "network_kinds", "service_kinds", "support_kinds"):
            _unique(name, [entry.code for entry in getattr(self, name)])
        known = {area.code for area in self.areas}
        named = {entry.area for entry in (*self.milestones, *self.service_kinds)} | {a for o in self.objectives for a in o.areas}
        if unknown := named - known:
            msg = f"unknown areas: {', '.join(sorted(unknown))}"
            raise ValueError(msg)
        for codes in (known, {entry.area for entry in self.milestones}, {entry.area for entry in self.service_kinds}):
            self._check_hidden(codes)
        return self

    def _check_hidden(self, codes: Collection[str]) -> None:
        """A sealed fact still shows its dimension: two sensitive areas there, at least, keep it from telling which one."""
        sensitive = Counter(area.dimension for area in self.areas if area.sensitive and area.code in codes)
        for dimension, count in sensitive.items():
            if count == 1:
                msg = f"dimension {dimension} has entries of one sensitive area only: its absence on the wire would tell it"
                raise ValueError(msg)

    def area(self, code: str) -> Area:
        """Return the area; raises `NotInMethodology`, as all lookups do."""
        return self._look_up(self.areas, "area", code)

    def milestone(self, code: str) -> OfArea:
        """Return the milestone of the catalogue."""
        return self._look_up(self.milestones, "milestone", code)

    def service_kind(self, code: str) -> OfArea:
        """Return the kind of service."""
        return self._look_up(self.service_kinds, "service", code)

    def support_kind(self, code: str) -> Named:
        """Return the kind of material support."""
        return self._look_up(self.support_kinds, "support", code)

    def network_kind(self, code: str) -> NetworkKind:
        """Return the kind of connection."""
        return self._look_up(self.network_kinds, "connection", code)

    def needs(self) -> Instrument:
        """Return the instrument whose baseline a plan needs."""
        return self._look_up(self.instruments, "instrument", self.needs_instrument)

    def instrument(self, code: str, version: str) -> Instrument:
        """Return the instrument in this version."""
        found = self._look_up(self.instruments, "instrument", code)
        if found.version != version:
            raise NotInMethodology(f"version of {code}", self.version)
        return found

    def check_situation(self, area: str, value: str) -> None:
        """Check that `value` is in the catalogue of the situation area."""
        self._look_up(self._look_up(self.situations, "situation", area).values, f"value of {area}", value)

    def scale(self, instrument: Instrument, item: str) -> tuple[int, int]:
        """Return the lowest and highest score of an instrument's item or area."""
        if instrument.scores_areas:
            self.area(item)
            return 1, LEVELS
        found = self._look_up(instrument.items, f"item of {instrument.code}", item)
        return found.lowest, found.highest

    def _look_up(self, entries: Iterable[N], what: str, code: str) -> N:
        for entry in entries:
            if entry.code == code:
                return entry
        raise NotInMethodology(what, self.version)


def check_comparable(versions: Iterable[Methodology]) -> None:
    """Check that an instrument's version asks the same, on the same scales, in every methodology that has it; raises `ValueError`.

    Scores are compared by instrument and version: what two of them mean differently must not bear one name.
    """
    asked: dict[tuple[str, str], object] = {}
    for methodology in versions:
        for instrument in methodology.instruments:
            scales = tuple((area.code, area.anchors) for area in methodology.areas) if instrument.scores_areas else ()
            if asked.setdefault((instrument.code, instrument.version), (instrument, scales)) != (instrument, scales):
                msg = f"{instrument.code} {instrument.version} asks otherwise in version {methodology.version}: give it another version"
                raise ValueError(msg)


def _unique(name: str, codes: Iterable[str]) -> None:
    if twice := [code for code, count in Counter(codes).items() if count > 1]:
        msg = f"{name} hold twice: {', '.join(sorted(twice))}"
        raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Methodologies:
    """Every version that was ever in use, and the one under which new pathways open."""

    current: str
    versions: Mapping[str, Methodology]

    def __getitem__(self, version: str) -> Methodology:
        """Return a version; raises KeyError for one that was never in use."""
        return self.versions[version]
