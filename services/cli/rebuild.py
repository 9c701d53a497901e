"""`ancora rebuild MODEL`: folds a read model anew beside the old rows, shows how far it is, and swaps."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from services._runtime.hosting.parts import parts_of
from services._runtime.projecting.port import Moved
from services._runtime.projecting.rebuild import RebuildStopped, Rebuilt, rebuild
from services.cli.console import MISUSED, err, fail, out
from services.cli.deployment import running, told
from services.cli.services import services, settings_of

if TYPE_CHECKING:
    from services._runtime.hosting.service import Service
    from services.cli.deployment import Deployment


def run(model: str) -> None:
    """Rebuild the model, whichever service has it."""
    having = {one.name: service for service in services().values() for one in service.models}
    if model not in having:
        fail(f"there is no read model {model!r}: give one of {', '.join(sorted(having))}", MISUSED)
    try:
        with told():
            rebuilt = asyncio.run(_rebuild(running(), having[model], model))
    except RebuildStopped as error:
        fail(f"the new build stopped, the old one is still read: {error}")
    except Moved:
        fail("another process is rebuilding this model: see `./ancora status`")
    resumed = f", resumed at {rebuilt.resumed_at}" if rebuilt.resumed_at else ""
    out.print(f"{model}: build {rebuilt.build} is read now, at position {rebuilt.position}{resumed}")


async def _rebuild(deployment: Deployment, service: Service, name: str) -> Rebuilt:
    model = next(one for one in service.models if one.name == name)
    async with parts_of(service.name, settings_of(deployment, service.name), service.timetable) as parts:
        return await rebuild(
            model,
            service.source(parts),
            parts.rows,
            on_progress=lambda position, head: err.print(f"  {name}: {position} of {head}", end="\r"),
        )
