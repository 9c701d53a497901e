"""Builds a read model anew beside the one that is read, and swaps when it has caught up. A rebuild that was cut off resumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from services._runtime.errors import RuntimeFault
from services._runtime.projecting.reading_ahead import ReadAhead
from services._runtime.projecting.runner import Projected, advance

if TYPE_CHECKING:
    from collections.abc import Callable

    from services._runtime.projecting.model import ReadModel
    from services._runtime.projecting.port import RowStore
    from services._runtime.projecting.source import Source


BATCH = 5000
"""Events that are read at a time."""


class RebuildStopped(RuntimeFault):
    """The new build met an event it cannot fold; the old one is still read. The text says which."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The build that is active now, the position it was swapped at, and the one it went on from (above 0 if resumed)."""

    model: str
    build: int
    position: int
    resumed_at: int


async def rebuild(
    model: ReadModel[Any],
    source: Source,
    store: RowStore,
    *,
    on_progress: Callable[[int, int], None] = lambda _position, _head: None,
    batch: int = BATCH,
) -> Rebuilt:
    """Fold the whole source into a new build and make it the active one; tells `on_progress(position, head)` after each batch.

    Raises `RebuildStopped`, and `Moved` where another process rebuilds the same model.
    """
    await store.open(model)
    begun = await store.begin(model)
    one = Projected(model, begun)
    head = await source.head()
    with ReadAhead(source) as ahead:
        while True:
            entries = await ahead.read(one.build.position, batch)
            if entries:
                (one,) = await advance([one], entries, store)
                if one.build.stopped is not None:
                    raise RebuildStopped(one.build.stopped)
                head = max(head, one.build.position)
                on_progress(one.build.position, head)
            elif await store.swap(model, one.build.build):
                return Rebuilt(model.name, one.build.build, one.build.position, begun.position)
