"""The languages in which a plan is printed, as data: each says every word that the page needs, or the service does not start.

Italian and English take the catalogues' words from the methodology itself; every other language says them again.
Parsing and looking up only: reading files is the adapters' work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from contracts.pathway_values import Code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from services.pathways.domain.methodology import Methodology, Named

Said = Annotated[str, StringConstraints(min_length=1, pattern=r"^\S(.*\S)?$")]
SECTIONS = frozenset({"starting-point", "my-goals", "steps", "people", "agreement"})
"""The sections of a plan that the page knows how to fill."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Labels(_Part):
    """What the page says beside what is recorded."""

    title: Said
    person: Said
    pathway: Said
    organisation: Said
    methodology: Said
    version: Said
    standing: Said
    proposed: Said
    accepted: Said
    agreed: Said
    unconfirmed: Said
    proposed_on: Said
    accepted_on: Said
    agreed_on: Said
    runs_from: Said
    review_due: Said
    since: Said
    summary: Said
    area: Said
    goal: Said
    step: Said
    who: Said
    by_when: Said
    no_day: Said
    done: Said
    nothing: Said
    as_written: Said
    not_shown: Said
    incomplete: Said
    wants_tutor: Said
    wants_no_tutor: Said
    language: Said
    reads_language: Said
    mediated: Said
    mediator: Said
    signatures: Said
    on_paper: Said
    worker: Said
    second_member: Said
    name: Said
    day: Said
    signature: Said
    digest: Said
    digest_means: Said


class Responsibles(_Part):
    """Who takes a step."""

    beneficiary: Said
    team: Said
    tutor: Said
    service: Said


class Catalogue(_Part):
    """What people read for the methodology's codes."""

    sections: dict[Code, Said]
    dimensions: dict[Code, Said]
    areas: dict[Code, Said]
    situations: dict[Code, Said]
    values: dict[Code, dict[Code, Said]]

    def lacks(self, other: Catalogue) -> list[str]:
        """Return what the other one says and this one does not."""
        return sorted(other._keys() - self._keys())

    def _keys(self) -> set[str]:
        flat = {name: getattr(self, name) for name in ("sections", "dimensions", "areas", "situations")}
        within = {f"values.{area}": values for area, values in self.values.items()}
        return {f"{name}.{code}" for name, entries in (flat | within).items() for code in entries}


class Language(_Part):
    """One language. `name` is its own for itself; `confirmed` tells whether a mother-tongue mediator has confirmed the words."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
    name: Said
    italian_name: Said
    direction: Literal["ltr", "rtl"]
    confirmed: bool
    labels: Labels
    responsibles: Responsibles
    catalogue: Catalogue | None = None
    """None where the methodology's own words are in this language."""

    def catalogue_of(self, methodology: Methodology) -> Catalogue:
        """Return the words for a version's codes; raises `ValueError` for a version that they do not cover."""
        own = _own_words(methodology, self.code)
        if self.catalogue is None:
            return own
        if missing := self.catalogue.lacks(own):
            msg = f"language {self.code} does not say, of version {methodology.version}: {', '.join(missing)}"
            raise ValueError(msg)
        return self.catalogue


@dataclass(frozen=True, slots=True)
class Languages:
    """All languages of the page. Italian is the one that offices sign."""

    each: Mapping[str, Language]

    @property
    def italian(self) -> Language:
        """The office's language."""
        return self.each["it"]

    def spoken(self, tag: str | None) -> Language | None:
        """Return the language of a BCP 47 tag, whatever its region; None where there is none or the page does not speak it."""
        return None if tag is None else self.each.get(tag.split("-")[0].lower())

    def check(self, methodologies: Iterable[Methodology]) -> None:
        """Check that each language covers every version; raises `ValueError` naming what is missing."""
        for methodology in methodologies:
            if unknown := {section.code for section in methodology.plan_sections} - SECTIONS:
                msg = f"version {methodology.version} has sections that the page does not fill: {', '.join(sorted(unknown))}"
                raise ValueError(msg)
            for language in self.each.values():
                language.catalogue_of(methodology)


def _own_words(methodology: Methodology, code: str) -> Catalogue:
    """Return the methodology's own words: English ones for English, else Italian ones."""

    def words(entries: Iterable[Named]) -> dict[str, str]:
        return {entry.code: entry.label.en if code == "en" else entry.label.it for entry in entries}

    return Catalogue(
        sections=words(methodology.plan_sections),
        dimensions=words(methodology.dimensions),
        areas=words(methodology.areas),
        situations=words(methodology.situations),
        values={situation.code: words(situation.values) for situation in methodology.situations},
    )
