"""What the figures are, of one moment: targets, provinces, latest activity, position. JSON, the stream and the page all read these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.errors import Unknown
from contracts.reference import Consortium
from services.reporting.projections import MODELS
from services.reporting.projections.latest_activity import LATEST_ACTIVITY, LatestEvent, latest
from services.reporting.projections.territory_progress import TERRITORY_PROGRESS, TargetProgress, TerritoryProgress, against, progress_of

if TYPE_CHECKING:
    from services._runtime.projecting.port import Build, Reader
    from services._runtime.projecting.source import Source


@dataclass(frozen=True, slots=True)
class Province:
    """A province, its region, the partners that have their seat in it, and its admissions."""

    code: str
    region: str
    seats: tuple[str, ...]
    progress: TerritoryProgress


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of a programme as of one position; `changed` is the last position at which any of its counts changed."""

    position: int
    changed: int
    targets: tuple[TargetProgress, ...]
    provinces: tuple[Province, ...]


@dataclass(frozen=True, slots=True)
class ModelPosition:
    """How far a read model is; `lag` counts the journal's entries it has not passed."""

    name: str
    version: int
    position: int
    lag: int
    stopped: str | None


@dataclass(frozen=True, slots=True)
class Positions:
    """The journal's head, and how far each read model is. `position` is the position that all of them have passed."""

    journal: int
    position: int
    models: tuple[ModelPosition, ...]

    @property
    def lag(self) -> int:
        """Return how many entries of the journal are not yet in all read models."""
        return max(0, self.journal - self.position)

    @property
    def stopped(self) -> bool:
        """Tell whether any read model cannot go on."""
        return any(model.stopped is not None for model in self.models)


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the page shows, read in one snapshot."""

    figures: Figures
    latest: tuple[LatestEvent, ...]
    positions: Positions


class Reports:
    """Answers for the programmes, from the read models and the journal that they follow."""

    def __init__(self, reader: Reader, journal: Source, consortium: Consortium) -> None:
        self.reader = reader
        self.consortium = consortium
        self._journal = journal

    async def figures(self, reader: Reader | None = None, code: str | None = None) -> Figures:
        """Return a programme's figures, the project's if none is named, against its targets; raises `Unknown` for no programme's code.

        Provinces that are known come also where nobody was admitted.
        """
        if reader is None:
            async with self.reader.snapshot() as moment:
                return await self.figures(moment, code)
        programme = self.consortium.programme(code or self.consortium.project.code)
        if programme is None:
            raise Unknown("no such programme: check its code, or leave it out for the project itself")
        found = await progress_of(reader, programme.code)
        changed = _active(await reader.builds()).get(TERRITORY_PROGRESS.name)
        targets = against(programme.targets, found.value)
        return Figures(found.position, changed.changed if changed else 0, targets, self._provinces(programme.code, found.value))

    async def positions(self, reader: Reader | None = None) -> Positions:
        """Return how far the journal and the read models are."""
        active = _active(await (reader or self.reader).builds())
        # Asked after the builds, the head is never behind them.
        head = await self._journal.head()
        models = tuple(
            ModelPosition(name, build.version, build.position, max(0, head - build.position), build.stopped)
            for name, build in active.items()
        )
        passed = min((build.position for build in active.values()), default=0) if len(active) == len(MODELS) else 0
        return Positions(max(head, passed), passed, models)

    async def overview(self, events: int) -> Overview:
        """Return what the page shows, with so many of the latest events."""
        async with self.reader.snapshot() as moment:
            return Overview(await self.figures(moment), (await latest(moment, events)).value, await self.positions(moment))

    async def changes(self) -> tuple[int, int, int]:
        """Return the position of all models, and the last ones at which figures and activity changed: what the stream watches."""
        active = _active(await self.reader.builds())
        if len(active) < len(MODELS):
            return 0, 0, 0
        shown = min(build.position for build in active.values())
        return shown, active[TERRITORY_PROGRESS.name].changed, active[LATEST_ACTIVITY.name].changed

    def _provinces(self, programme: str, rows: tuple[TerritoryProgress, ...]) -> tuple[Province, ...]:
        found = {row.territory: row for row in rows}
        known = [(code, region.name) for region in self.consortium.territories.values() for code in region.provinces]
        # A fact of a province that is not among the known ones is shown all the same: figures must add up.
        others = [(code, "") for code in sorted(found.keys() - {code for code, _ in known})]
        return tuple(
            Province(code, region, self.consortium.seats(code), found.get(code, TerritoryProgress(programme, code)))
            for code, region in (*known, *others)
        )


def _active(builds: list[Build]) -> dict[str, Build]:
    return {build.model: build for build in builds if build.active}
