"""Distance travelled: how far a person's scores moved since the baseline, and by how much their network grew. Pure.

Scores are compared within one instrument, one version of it and one respondent, never across: other words ask another question, and the
worker's eye is not the person's. What was corrected counts as corrected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from contracts.pathways import NeedsAssessed, NetworkMapped

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from contracts.event import Event
    from contracts.pathway_values import Respondent

_Measured: TypeAlias = NeedsAssessed | NetworkMapped


class Dated(NamedTuple):
    """An event, and the day on which it happened."""

    event: Event
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """A score at the baseline and as measured last, in levels of its scale."""

    instrument: str
    instrument_version: str
    respondent: Respondent
    item: str
    baseline: int
    baseline_on: date
    latest: int
    latest_on: date

    @property
    def travelled(self) -> int:
        """Return how many levels it went; below zero where it went back."""
        return self.latest - self.baseline


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """The network at the baseline and as mapped last."""

    baseline: NetworkMapped
    baseline_on: date
    latest: NetworkMapped
    latest_on: date


def distances(told: Sequence[Dated]) -> list[Distance]:
    """Return how far each score went that has a baseline and a later measurement. A score that stays shut is left out."""
    first: dict[tuple[str, str, Respondent, str], tuple[int, date]] = {}
    found: dict[tuple[str, str, Respondent, str], Distance] = {}
    for event, on in _standing(told):
        if not isinstance(event, NeedsAssessed):
            continue
        for item, score in {**event.scores, **(event.sensitive_scores or {})}.items():
            key = (event.instrument, event.instrument_version, event.respondent, item)
            if event.moment == "baseline":
                first[key] = score, on
            elif key in first:
                baseline, baseline_on = first[key]
                found[key] = Distance(
                    instrument=event.instrument,
                    instrument_version=event.instrument_version,
                    respondent=event.respondent,
                    item=item,
                    baseline=baseline,
                    baseline_on=baseline_on,
                    latest=score,
                    latest_on=on,
                )
    return list(found.values())


def growth(told: Sequence[Dated]) -> Growth | None:
    """Return how the network grew; None without a baseline and a later map."""
    maps = [(event, on) for event, on in _standing(told) if isinstance(event, NetworkMapped)]
    baselines = [one for one in maps if one[0].moment == "baseline"]
    later = [one for one in maps if one[0].moment != "baseline"]
    if not baselines or not later:
        return None
    (baseline, baseline_on), (latest, latest_on) = baselines[-1], later[-1]
    return Growth(baseline=baseline, baseline_on=baseline_on, latest=latest, latest_on=latest_on)


def _standing(told: Sequence[Dated]) -> list[tuple[_Measured, date]]:
    """Return the measurements by day, baselines first, each as corrected: a correction stands where what it corrects stood."""
    place: dict[UUID, UUID] = {}
    standing: dict[UUID, tuple[_Measured, date]] = {}
    for event, on in told:
        if not isinstance(event, NeedsAssessed | NetworkMapped):
            continue
        own = event.assessment_id if isinstance(event, NeedsAssessed) else event.map_id
        place[own] = own if event.corrects is None else place[event.corrects]
        standing[place[own]] = event, on
    return sorted(standing.values(), key=lambda one: (one[0].moment != "baseline", one[1]))
