"""How far a person has come since the baseline, as their team reads it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

from contracts.pathway_values import Respondent

if TYPE_CHECKING:
    from contracts.pathways import NetworkMapped
    from services.pathways.domain.distance import Distance, Growth


class DistanceView(BaseModel):
    """How far a score went since the baseline, in levels of its scale."""

    instrument: str
    instrument_version: str
    respondent: Respondent
    item: Annotated[str, Field(description="the area, or the instrument's own question")]
    baseline: int
    baseline_on: date
    latest: int
    latest_on: date
    travelled: Annotated[int, Field(description="below zero where it went back")]


class TiesView(BaseModel):
    """Connections, counted: to people alike, to people unlike, to institutions."""

    bonds: int
    bridges: int
    links: int


class NetworkView(BaseModel):
    """How the person's network grew since the baseline."""

    baseline: TiesView
    baseline_on: date
    latest: TiesView
    latest_on: date
    growth: Annotated[TiesView, Field(description="below zero where connections were lost")]


def distance_view(distance: Distance) -> DistanceView:
    """Return a distance as it is read."""
    return DistanceView(**asdict(distance), travelled=distance.travelled)


def network_view(growth: Growth | None) -> NetworkView | None:
    """Return the growth of a network as it is read."""
    if growth is None:
        return None
    first, last = growth.baseline, growth.latest
    return NetworkView(
        baseline=_ties(first),
        baseline_on=growth.baseline_on,
        latest=_ties(last),
        latest_on=growth.latest_on,
        growth=TiesView(bonds=last.bonds - first.bonds, bridges=last.bridges - first.bridges, links=last.links - first.links),
    )


def _ties(mapped: NetworkMapped) -> TiesView:
    return TiesView(bonds=mapped.bonds, bridges=mapped.bridges, links=mapped.links)
