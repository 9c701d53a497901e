"""What a process says of itself at /status and to readiness probes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from services._runtime.hosting.figures import feed_figures
from services._runtime.store.connecting import UNAVAILABLE

if TYPE_CHECKING:
    from services._runtime.hosting.parts import Parts
    from services._runtime.messaging.parking import Parking
    from services._runtime.messaging.progress import PartitionProgress
    from services._runtime.projecting.runner import Runner

ProgressOf = Callable[[], "tuple[PartitionProgress, ...]"]

_STUCK_S = 120.0


class Report:
    """One process's own account; figures of the database are right in whichever process is asked."""

    def __init__(self, parts: Parts, kinds: tuple[str, ...], runner: Runner, parking: Parking, progress: ProgressOf) -> None:
        """Tell of these parts and kinds of work; `progress` gives that of the partitions which this process reads."""
        self._parts = parts
        self._kinds = kinds
        self._runner = runner
        self._parking = parking
        self._progress = progress

    async def status(self) -> dict[str, object]:
        """Return the members that /status adds: kinds, events, feed and relay, records of reads, partitions, parked records, models.

        No key is named: it is a person's id, and nobody needs a token for this.
        """
        figures, reads = await feed_figures(self._parts.pool), await feed_figures(self._parts.access.pool)
        standing = await self._parking.standing()
        return {
            "service": self._parts.service,
            "kinds": list(self._kinds),
            "events": figures.fed + figures.outbox,
            "generation": figures.generation,
            "feed_position": figures.feed_position,
            "relay_lag": figures.relay_lag,
            "reads": {"events": reads.fed + reads.outbox, "feed_position": reads.feed_position, "relay_lag": reads.relay_lag},
            "partitions": [
                {"topic": one.topic, "partition": one.partition, "progress_age_s": round(one.progress_age_s, 1)} for one in self._progress()
            ],
            "parked": sum(one.parked for one in standing),
            "parking": [
                {"consumer": one.consumer, "parked": one.parked, "keys": one.keys, "oldest_age_s": round(one.oldest_age_s, 1)}
                for one in standing
            ],
            "models": [
                {
                    "name": one.name,
                    "version": one.version,
                    "position": one.position,
                    "lag": one.lag,
                    "stopped": one.stopped,
                    "building": one.building,
                }
                for one in await self._runner.status()
            ],
        }

    async def database_answers(self) -> bool:
        """Tell whether the database answers."""
        try:
            await self._parts.pool.fetchval("select 1")
        except UNAVAILABLE:
            return False
        return True

    async def consumer_progresses(self) -> bool:
        """Tell whether every partition made progress lately, where this process consumes or ingests."""
        return all(one.progress_age_s < _STUCK_S for one in self._progress())
