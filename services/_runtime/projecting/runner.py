"""Keeps read models level with their source: reads by cursor, folds in memory, writes rows and positions together."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import SpanKind

from services._runtime.errors import Retryable
from services._runtime.observing.tracing import Traces
from services._runtime.projecting.folding import decoded, folded, touched
from services._runtime.projecting.port import Moved
from services._runtime.projecting.reading_ahead import ReadAhead
from services._runtime.store.waking import MemoryWakes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.envelope import FeedEvent
    from services._runtime.projecting.model import ReadModel
    from services._runtime.projecting.port import Advance, Build, RowStore
    from services._runtime.projecting.source import Source
    from services._runtime.store.waking import Wakes

BATCH = 1000
"""Events that are read at most at a time."""

LONGEST_WAIT = 10.0
"""Seconds between two attempts while the database is away, at most."""


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """How far a model is: `lag` counts the source's events it has not passed; `stopped` says why it does not go on.

    `building` is how far the build is that is made beside it, None where there is none.
    """

    name: str
    version: int
    position: int
    lag: int
    stopped: str | None
    building: int | None = None


@dataclass(frozen=True, slots=True)
class Projected:
    """A model and the build of it that is being advanced."""

    model: ReadModel[Any]
    build: Build


class Runner:
    """Advances models over one source. Several may run: one wins each step, the others see that it moved and go on there."""

    def __init__(
        self,
        models: Sequence[ReadModel[Any]],
        source: Source,
        store: RowStore,
        *,
        batch: int = BATCH,
        shown: Wakes | None = None,
        traces: Traces | None = None,
    ) -> None:
        """Keep `models` level with `source`; `batch` events are read at most at a time; `shown` is rung when readers can see more."""
        self._models = tuple(models)
        self._source = source
        self._ahead = ReadAhead(source)
        self._store = store
        self._batch = batch
        self._shown = shown or MemoryWakes()
        self._traces = traces or Traces()
        self._going: list[Projected] | None = None

    async def run(self) -> None:
        """Follow the source until cancelled; what can be tried again is, ever more slowly."""
        async for _ in self._source.wakes():
            await self.catch_up()

    async def catch_up(self) -> None:
        """Advance until there is nothing more to read for any."""
        wait = 0.1
        with self._ahead:
            while True:
                try:
                    if not await self.step():
                        return
                except Retryable:
                    await asyncio.sleep(wait)
                    wait = min(2 * wait, LONGEST_WAIT)
                else:
                    wait = 0.1

    async def step(self) -> bool:
        """Advance the models that are furthest behind by one batch; False when that was all there is, for all of them."""
        if self._going is None:
            self._going = [_tried_again(Projected(model, await self._store.open(model))) for model in self._models]
        try:
            return await self._advance([one for one in self._going if one.build.stopped is None])
        except Moved:
            self._going = None
            return True

    async def status(self) -> list[ModelStatus]:
        """Return how far each model is, as its readers see it."""
        head = await self._source.head()
        builds = await self._store.builds()
        active = {build.model: build for build in builds if build.active}
        beside = {build.model: build.position for build in builds if not build.active}
        return [
            ModelStatus(model.name, found.version, found.position, max(0, head - found.position), found.stopped, beside.get(model.name))
            for model in self._models
            if (found := active.get(model.name)) is not None
        ]

    async def _advance(self, going: Sequence[Projected]) -> bool:
        if not going:
            return False
        levels = sorted({one.build.position for one in going})
        group = [one for one in going if one.build.position == levels[0]]
        entries: Sequence[tuple[int, FeedEvent]] = await self._ahead.read(levels[0], self._batch)
        if len(levels) > 1:
            # Never run past a model that is ahead: level models share one read from then on.
            entries = [entry for entry in entries if entry[0] <= levels[1]]
        if entries:
            began_ns = time.time_ns()
            moved = await advance(group, entries, self._store)
            self._place(moved)
            self._trace(moved, entries, began_ns)
            self._shown.ring()
            return len(entries) == self._batch or len(levels) > 1 or not all(one.build.active for one in group)
        return await self._swap_ready(group)

    async def _swap_ready(self, group: Sequence[Projected]) -> bool:
        waiting = [one for one in group if not one.build.active]
        for one in waiting:
            await self._store.swap(one.model, one.build.build)
        if waiting:
            self._going = None
            self._shown.ring()
        return bool(waiting)

    def _trace(self, moved: Sequence[Projected], entries: Sequence[tuple[int, FeedEvent]], began_ns: int) -> None:
        """Note what readers see now; a build that is not read yet replays what is long over."""
        seen = [one for one in moved if one.build.active]
        if seen:
            folded_to, names = max(one.build.position for one in seen), tuple(one.model.name for one in seen)
            envelopes = (event.recorded.envelope for position, event in entries if position <= folded_to)
            self._traces.passed("fold into read models", envelopes, SpanKind.CONSUMER, began_ns=began_ns, **{"ancora.models": names})

    def _place(self, moved: Sequence[Projected]) -> None:
        by_name = {one.model.name: one for one in moved}
        self._going = [by_name.get(one.model.name, one) for one in self._going or ()]


def _tried_again(one: Projected) -> Projected:
    # A stop may be older than the code. A build of a newer version is not ours to go on with.
    return one if one.build.version != one.model.version else replace(one, build=replace(one.build, stopped=None))


async def advance(group: Sequence[Projected], entries: Sequence[tuple[int, FeedEvent]], store: RowStore) -> list[Projected]:
    """Fold one batch into builds that stand at the same position, in one transaction; return them where they stand then."""
    batch = decoded(entries, [one.model for one in group])
    steps: list[Advance[Any]] = []
    for one in group:
        touches = touched(one.model, batch)
        before = await store.load(one.model, one.build.build, touches.keys()) if touches.facts else {}
        steps.append(folded(one.model, one.build, touches, before))
    await store.advance(steps)
    return [
        Projected(one.model, replace(one.build, position=step.position, stopped=step.stopped))
        for one, step in zip(group, steps, strict=True)
    ]
