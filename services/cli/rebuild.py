"""`ancora rebuild MODEL …`: folds read models anew beside the rows that are read, shows how far each is, and swaps it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from services._runtime.hosting.garbage import look_seldom
from services._runtime.hosting.parts import parts_of
from services._runtime.projecting.port import Moved
from services._runtime.projecting.rebuild import RebuildStopped, rebuild
from services.cli.console import MISUSED, err, fail, out
from services.cli.deployment import running, told
from services.cli.services import EVERY, services, settings_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from services._runtime.hosting.parts import Parts
    from services._runtime.hosting.service import Service
    from services._runtime.projecting.model import ReadModel
    from services.cli.deployment import Deployment

_AT_ONCE = 4
"""Models that are rebuilt beside each other; the others wait."""


class _Progress:
    """One line that says how far each of the models is that are being rebuilt now."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._reached: dict[str, str] = {}

    @asynccontextmanager
    async def turn(self, model: str) -> AsyncIterator[Callable[[int, int], None]]:
        """Wait for a turn; give what tells the model's position and the head that it is to reach."""

        def tell(position: int, head: int) -> None:
            self._reached[model] = f"{model}: {position} of {head}"
            err.print("  " + " · ".join(self._reached.values()), end="\r", markup=False)

        async with self._turns:
            try:
                yield tell
            finally:
                self._reached.pop(model, None)


def run(models: Sequence[str]) -> None:
    """Rebuild the models, whichever services have them; leave with 1 where one of them could not be."""
    having = {one.name: service for service in services().values() for one in service.models}
    wanted = sorted(having) if EVERY in models else list(dict.fromkeys(models))
    if unknown := [name for name in wanted if name not in having]:
        fail(f"there is no read model {unknown[0]!r}: give one of {', '.join(sorted(having))}, or {EVERY}", MISUSED)
    chosen: defaultdict[str, list[str]] = defaultdict(list)
    for name in wanted:
        chosen[having[name].name].append(name)
    look_seldom()
    with told():
        failed = asyncio.run(_rebuild_all(running(), chosen))
    if failed:
        fail("\n".join(failed))


async def _rebuild_all(deployment: Deployment, chosen: dict[str, list[str]]) -> list[str]:
    """Rebuild some models of some services beside each other; return what failed, in words."""
    known, progress = services(), _Progress()
    told = await asyncio.gather(*(_rebuild_of(deployment, known[service], names, progress) for service, names in chosen.items()))
    return [failure for failures in told for failure in failures if failure is not None]


async def _rebuild_of(deployment: Deployment, service: Service, names: Sequence[str], progress: _Progress) -> list[str | None]:
    async with parts_of(service.name, settings_of(deployment, service.name), service.timetable) as parts:
        return await asyncio.gather(*(_rebuild(service, parts, model, progress) for model in service.models if model.name in names))


async def _rebuild(service: Service, parts: Parts, model: ReadModel[Any], progress: _Progress) -> str | None:
    """Rebuild one model and say so; return why it could not be."""
    try:
        async with progress.turn(model.name) as tell:
            rebuilt = await rebuild(model, service.source(parts), parts.rows, on_progress=tell)
    except RebuildStopped as error:
        return f"{model.name}: the new build stopped, the old one is still read: {error}"
    except Moved:
        return f"{model.name}: another process is rebuilding it too, and goes on alone"
    resumed = f", resumed at {rebuilt.resumed_at}" if rebuilt.resumed_at else ""
    out.print(f"{model.name}: build {rebuilt.build} is read now, at position {rebuilt.position}{resumed}", markup=False)
    return None
