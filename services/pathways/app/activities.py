"""Group activities as the machinery takes them: under the methodology in use, keyed by themselves, for they belong to no person."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from contracts.activities import ActivityHeld
from services._runtime.decider import Decider, Placement
from services.pathways.domain import activity
from services.pathways.domain.activity import ActivityCommand, ActivityState, Held, NotHeld

if TYPE_CHECKING:
    from services.pathways.domain.methodology import Methodologies

ActivityDecider: TypeAlias = Decider[ActivityCommand, ActivityState, ActivityHeld]


def activity_decider(methodologies: Methodologies) -> ActivityDecider:
    """Return the decider of activities; they are of the kinds of the current methodology."""

    def decide(command: ActivityCommand, state: ActivityState) -> list[ActivityHeld]:
        return activity.decide(command, state, methodologies[methodologies.current])

    return Decider(category="activity", initial=NotHeld(), decide=decide, evolve=activity.evolve, place=_place, partition=_nobody)


def _place(state: ActivityState) -> Placement:
    return Placement(responsible_organisation=state.organisation, territory=state.territory) if isinstance(state, Held) else Placement()


def _nobody(_state: ActivityState) -> None:
    """Key an activity's stream by itself."""
