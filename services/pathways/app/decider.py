"""The pathway's decider, put together: its pure functions under a set of methodologies, and where its facts belong."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from services._runtime.decider import Decider, Placement
from services.pathways.domain.commands import PathwayCommand
from services.pathways.domain.pathway import NotOpened, PathwayEvent, PathwayState, decide, evolve

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from services.pathways.domain.methodology import Methodologies

PathwayDecider: TypeAlias = Decider[PathwayCommand, PathwayState, PathwayEvent]
CATEGORY = "pathway"


def pathway_decider(methodologies: Methodologies) -> PathwayDecider:
    """Return the decider of pathways; new ones open under the current methodology, others keep theirs."""

    def decide_by_methodology(command: PathwayCommand, state: PathwayState) -> Sequence[PathwayEvent]:
        return decide(command, state, methodologies)

    return Decider(category=CATEGORY, initial=NotOpened(), decide=decide_by_methodology, evolve=evolve, place=place, partition=person)


def place(state: PathwayState) -> Placement:
    """Return where the pathway's facts belong: its organisation's, in the person's territory."""
    if isinstance(state, NotOpened):
        return Placement()
    course = state.course
    return Placement(responsible_organisation=course.organisation, territory=course.territory, municipality=course.municipality)


def person(state: PathwayState) -> UUID | None:
    """Return whose pathway it is: the key that orders its events with the person's others."""
    return None if isinstance(state, NotOpened) else state.course.beneficiary_id
