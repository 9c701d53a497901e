"""Every read model against its replay, by row hash; one that does not follow its source is a finding too."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from services._runtime.projecting.hashing import compare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services._runtime.projecting.model import ReadModel
    from services._runtime.projecting.port import Build, Reader
    from services._runtime.projecting.source import Source
    from services.cli.verification.findings import Findings

_FOLLOWING_S = 30.0
"""How long a model may take to reach what its source holds now."""


async def check_models(service: str, models: Sequence[ReadModel[Any]], source: Source, reader: Reader, findings: Findings) -> None:
    """Fold each model's source anew in memory and compare the rows' hash with that of the stored rows."""
    head = await source.head()
    for build in await _level(reader, head):
        if build.position < head:
            reached = f"position {build.position}" + (f": {build.stopped}" if build.stopped else "")
            findings.add("model.behind", f"{service} {build.model}", f"position {head}", reached)
    for model in models:
        where = f"{service} {model.name}"
        try:
            compared = await compare(model, source, reader)
        except (ValueError, LookupError) as error:
            # A source that does not reach the rows' position, or an event that cannot be folded.
            findings.add("model.replay", where, "a replay up to the rows' position", error)
            continue
        findings.equal("model.rows", f"{where} at {compared.position}", compared.expected, compared.found)
    findings.checked[f"{service}.models"] = len(models)


async def _level(reader: Reader, head: int) -> list[Build]:
    """Return the builds that are read, once each is at `head` or has stopped, or when that takes too long."""
    deadline = time.monotonic() + _FOLLOWING_S
    while True:
        builds = [build for build in await reader.builds() if build.active]
        if all(build.position >= head or build.stopped for build in builds) or time.monotonic() > deadline:
            return builds
        await asyncio.sleep(0.2)
