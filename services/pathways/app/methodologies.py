"""Versions of the methodology as the machinery takes them, and which of them is in use on a day."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services._runtime.decider import Decider, Placement
from services._runtime.ids import derived_id
from services.pathways.domain import methodology_version
from services.pathways.domain.methodology_version import MethodologyCommand, MethodologyEvent, MethodologyState, NotProposed, Proposed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from services._runtime.handling import Commands
    from services.pathways.domain.methodology import Methodologies
    from services.pathways.domain.methodology_version import Quorum


def methodology_id_of(version: str) -> UUID:
    """Return the id of a version's stream: derived, so that whoever names the version finds it. It is no secret and names nobody."""
    return derived_id("methodology", version)


def _place(state: MethodologyState) -> Placement:
    return Placement(responsible_organisation=state.organisation) if isinstance(state, Proposed) else Placement()


def _nobody(_state: MethodologyState) -> None:
    """Key a version's stream by itself."""


METHODOLOGY: Decider[MethodologyCommand, MethodologyState, MethodologyEvent] = Decider(
    category="methodology",
    initial=NotProposed(),
    decide=methodology_version.decide,
    evolve=methodology_version.evolve,
    place=_place,
    partition=_nobody,
)


@dataclass(frozen=True, slots=True)
class Governance:
    """The version that was in use from the first day, the hash of every version's files, and the quorums by their first day."""

    founding: str
    founded: date
    hashes: Mapping[str, str]
    quorums: Mapping[date, Quorum]

    def quorum(self, on: date) -> Quorum:
        """Return the rule that holds on a day: the last whose day has come, else the first."""
        return self.quorums[max((since for since in self.quorums if since <= on), default=min(self.quorums))]


VersionOn = Callable[["Commands", "date"], Awaitable[str]]
"""Tells under which version pathways open on a day."""


def versions_in_use(methodologies: Methodologies, governance: Governance) -> VersionOn:
    """Return what tells the version by these files and this rule."""

    async def version_on(commands: Commands, on: date) -> str:
        return await in_use(commands, methodologies, governance, on)

    return version_on


async def in_use(commands: Commands, methodologies: Methodologies, governance: Governance, on: date) -> str:
    """Return the version under which pathways open on a day: the last published one, with the files that were endorsed."""
    effective = {governance.founding: governance.founded}
    for version in methodologies.versions:
        state = (await commands.read(METHODOLOGY, methodology_id_of(version))).state if version != governance.founding else NotProposed()
        if isinstance(state, Proposed) and state.effective_from is not None and state.content_sha256 == governance.hashes[version]:
            effective[version] = state.effective_from
    begun = {version: day for version, day in effective.items() if day <= on}
    return max(begun, key=lambda version: begun[version], default=governance.founding)
