"""Brings metrics level that nobody counts as they happen, just before they are read: by cheap queries, and by asking the parts."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from services._runtime.hosting.figures import FeedFigures, feed_figures
from services._runtime.ids import made_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from services._runtime.hosting.parts import Parts
    from services._runtime.hosting.reporting import ProgressOf
    from services._runtime.messaging.ingester import Ingester
    from services._runtime.messaging.parking import Parking, Standing
    from services._runtime.projecting.runner import ModelStatus, Runner

log = structlog.get_logger(__name__)

_PATIENCE_S = 2.0
"""Seconds that a scrape waits for the database."""

_LEADERS = "select kind, epoch from store.leader"


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database knows."""

    feed: FeedFigures
    reads: FeedFigures
    oldest_age_s: float
    parked: Sequence[Standing]
    leaders: Sequence[tuple[str, int]]
    models: Sequence[ModelStatus]


class Scrape:
    """One process's metrics at the moment at which they are asked for."""

    def __init__(
        self, parts: Parts, runner: Runner, parking: Parking, progress: ProgressOf, ingester: Callable[[], Ingester | None]
    ) -> None:
        """Ask these parts; `ingester` gives the one that leads here, if it does."""
        self._parts = parts
        self._metrics = parts.observer.metrics
        self._runner = runner
        self._parking = parking
        self._progress = progress
        self._ingester = ingester

    async def bring_level(self) -> None:
        """Set the metrics. Where the database does not answer, those that only it knows are left out, or no number."""
        known: _Known | None = None
        try:
            async with asyncio.timeout(_PATIENCE_S):
                known = await self._ask()
        except Exception as error:  # noqa: BLE001 - whatever it is: what this process itself knows is still told
            log.warning("metrics.incomplete", reason=type(error).__name__)
        self._metrics.process.database_reachable.set(known is not None)
        self._set_feed(known)
        self._set_lists(known)
        self._set_journal()
        ages = self._metrics.consumers.progress_age
        ages.clear()
        for one in self._progress():
            ages.labels(one.topic, one.partition).set(one.progress_age_s)

    async def _ask(self) -> _Known:
        pool = self._parts.pool
        feed, reads = await feed_figures(pool), await feed_figures(self._parts.access.pool)
        now = self._parts.clock.now().timestamp()
        ages = [now - made_at(each.oldest) for each in (feed, reads) if each.oldest is not None]
        return _Known(
            feed=feed,
            reads=reads,
            oldest_age_s=max([0.0, *ages]),
            parked=await self._parking.standing(),
            leaders=[tuple(each) for each in await pool.fetch(_LEADERS)],
            models=await self._runner.status(),
        )

    def _set_feed(self, known: _Known | None) -> None:
        feed, relay = self._metrics.feed, self._metrics.relay
        gauges = (feed.generation, feed.position, feed.outbox, feed.oldest_age, relay.relayed, relay.lag)
        if known is None:
            values: tuple[float, ...] = (math.nan,) * len(gauges)
        else:
            told, reads = known.feed, known.reads
            # What waits is told of both feeds: it is the same fault, with the same alarm.
            waiting, lag = told.outbox + reads.outbox, told.relay_lag + reads.relay_lag
            values = (told.generation, told.feed_position, waiting, known.oldest_age_s, told.relayed, lag)
        for gauge, value in zip(gauges, values, strict=True):
            gauge.set(value)

    def _set_lists(self, known: _Known | None) -> None:
        consumers, models, epochs = self._metrics.consumers, self._metrics.models, self._metrics.leading.epoch
        for gauge in (consumers.parked, consumers.parked_age, epochs, models.position, models.lag, models.stopped):
            gauge.clear()
        if known is None:
            return
        for one in known.parked:
            consumers.parked.labels(one.consumer).set(one.parked)
            consumers.parked_age.labels(one.consumer).set(one.oldest_age_s)
        for kind, epoch in known.leaders:
            epochs.labels(kind).set(epoch)
        for model in known.models:
            models.position.labels(model.name).set(model.position)
            models.lag.labels(model.name).set(model.lag)
            models.stopped.labels(model.name).set(model.stopped is not None)

    def _set_journal(self) -> None:
        ingester, journal = self._ingester(), self._metrics.journal
        status = None if ingester is None else ingester.status()
        ages = [hole.age_s for hole in status.holes] if status else []
        journal.holes.set(len(ages))
        journal.hole_age.set(max(ages, default=0.0))
        journal.stopped.clear()
        for topic in status.stopped if status else ():
            journal.stopped.labels(topic).set(1)
