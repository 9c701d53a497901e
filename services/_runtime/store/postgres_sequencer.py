"""The sequencer on PostgreSQL: gives committed events their feed positions, for as long as it leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from services._runtime.store.leadership import Lease
    from services._runtime.store.waking import Wakes


class PostgresSequencer:
    """Moves the outbox into the feed under a lease of the kind "sequence"."""

    def __init__(self, lease: Lease, wakes: Wakes) -> None:
        """Work under `lease`; ring `wakes` when the feed has grown."""
        self._lease = lease
        self._wakes = wakes

    async def sequence(self, *, limit: int = 1000) -> int:
        """Move up to `limit` outbox rows into the feed, in position order, chained; return how many. Raises `NotLeader`."""
        moved = cast("int", await self._lease.call("select store.sequence($1, $2)", self._lease.epoch, limit))
        if moved:
            self._wakes.ring()
        return moved
