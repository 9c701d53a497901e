"""Teams as the machinery takes them, and what it asks of them: is a caller in the team to which a record is assigned?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast
from uuid import UUID

from contracts.handing_over import PathwayHandedOver
from contracts.teams import TeamAssigned
from contracts.upcasters import decode
from services._runtime.decider import Decider, Placement
from services.pathways.domain import team
from services.pathways.domain.team import Formed, TeamCommand, TeamEvent, TeamState, Unformed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from services._runtime.access.deciding import Principal
    from services._runtime.store.port import EventStore, StreamEvent


def _place(state: TeamState) -> Placement:
    return Placement(responsible_organisation=state.organisation, territory=state.territory) if isinstance(state, Formed) else Placement()


def _nobody(_state: TeamState) -> None:
    """Key a team's stream by itself: it belongs to no person in care."""


TEAM: Decider[TeamCommand, TeamState, TeamEvent] = Decider(
    category="team", initial=Unformed(), decide=team.decide, evolve=team.evolve, place=_place, partition=_nobody
)


_WHO_HAS_IT = frozenset({TeamAssigned.type_name, PathwayHandedOver.type_name})
"""What gives a pathway to a team, and what takes it from one."""


async def joined(store: EventStore, stored: Sequence[StreamEvent], caller: Principal, day: date, _action: str) -> bool:
    """Tell whether the caller is, on that day, in the team to which these events assign their pathway.

    Asks of the team's own stream, so that a membership that has ended counts no longer whatever a list still says; and asks once
    whether or not there is anything to ask about.
    """
    had = [one.recorded for one in stored if one.recorded.envelope.type in _WHO_HAS_IT]
    has_team = bool(had) and had[-1].envelope.type == TeamAssigned.type_name
    team_id = UUID(json.loads(had[-1].data)["team_id"]) if has_team else UUID(int=0)
    state = TEAM.initial
    for one in await store.load(TEAM.stream(team_id)):
        envelope = one.recorded.envelope
        state = TEAM.evolve(state, cast("TeamEvent", decode(envelope.type, envelope.schema_version, one.recorded.data)))
    return isinstance(state, Formed) and state.includes(caller.sub, caller.organisation, day)
