"""Parked records in memory, for tests and for trying a process manager out."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from services._runtime.clock import Clock, SystemClock
from services._runtime.messaging.parking import WAITS, BeingTended, Kept, Line, Parked, ParkedEvent, Standing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from services._runtime.messaging.records import Record


@dataclass(slots=True)
class _Row:
    parked_id: int
    parked: Parked
    reason: str
    parked_at: datetime


class MemoryParking:
    """Parked records in the order in which they were parked. Nothing awaits between a look and a change."""

    def __init__(self, clock: Clock | None = None) -> None:
        """Start empty; `clock` tells when something was parked."""
        self._clock = clock or SystemClock()
        self._rows: list[_Row] = []
        self._last = 0
        self._tended: set[object] = set()

    async def park(self, parked: Parked) -> None:
        """See `Parking.park`."""
        if not any(_same(parked, row.parked) for row in self._rows):
            self._last += 1
            self._rows.append(_Row(self._last, parked, parked.reason, self._clock.now()))

    async def waits(self, line: Line) -> bool:
        """See `Parking.waits`."""
        return any(row.parked.line == line for row in self._rows)

    async def park_behind(self, parked: Parked) -> bool:
        """See `Parking.park_behind`."""
        behind = any(row.parked.line == parked.line for row in self._rows)
        if behind:
            await self.park(parked)
        return behind

    async def count(self, consumer: str) -> int:
        """See `Parking.count`."""
        return sum(row.parked.consumer == consumer for row in self._rows)

    async def standing(self) -> list[Standing]:
        """See `Parking.standing`."""
        now = self._clock.now()
        by_consumer = groupby(sorted(self._rows, key=_consumer), key=_consumer)
        return [_standing(consumer, list(rows), now) for consumer, rows in by_consumer]

    async def page(self, *, after: int, limit: int) -> list[Kept]:
        """See `Parking.page`."""
        return [self._kept(row) for row in self._rows if row.parked_id > after][:limit]

    async def find(self, parked_id: int) -> Kept | None:
        """See `Parking.find`."""
        row = self._row(parked_id)
        return None if row is None else self._kept(row)

    async def record(self, parked_id: int) -> Record | None:
        """See `Parking.record`."""
        row = self._row(parked_id)
        return None if row is None else row.parked.record

    async def front(self, line: Line) -> Kept | None:
        """See `Parking.front`."""
        return next((self._kept(row) for row in self._rows if row.parked.line == line), None)

    async def released(self) -> list[Kept]:
        """See `Parking.released`."""
        kept = [self._kept(row) for row in self._rows]
        return [one for one in kept if one.reason == WAITS and one.front == one.parked_id]

    async def keep(self, parked_id: int, reason: str) -> None:
        """See `Parking.keep`."""
        row = self._row(parked_id)
        if row is not None:
            row.reason = reason

    async def release(self, kept: Kept) -> None:
        """See `Parking.release`."""
        self._rows = [row for row in self._rows if row.parked_id != kept.parked_id]

    @asynccontextmanager
    async def tended(self, kept: Kept) -> AsyncIterator[None]:
        """See `Parking.tended`."""
        what = kept.line or kept.parked_id
        if what in self._tended:
            raise BeingTended("somebody is at work on this record's line: try again in a moment")
        self._tended.add(what)
        try:
            yield
        finally:
            self._tended.discard(what)

    def _row(self, parked_id: int) -> _Row | None:
        return next((row for row in self._rows if row.parked_id == parked_id), None)

    def _kept(self, row: _Row) -> Kept:
        parked, record, event = row.parked, row.parked.record, row.parked.event
        line = [other.parked_id for other in self._rows if parked.line is not None and other.parked.line == parked.line]
        return Kept(
            parked_id=row.parked_id,
            consumer=parked.consumer,
            reason=row.reason,
            parked_at=row.parked_at,
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            content=parked.content(),
            event=None
            if event is None
            else ParkedEvent(
                event.recorded.envelope.event_id,
                event.recorded.envelope.type,
                event.source,
                event.generation,
                event.feed_position,
                event.recorded.envelope.partition_key,
            ),
            front=min(line, default=row.parked_id),
            behind=sum(other > row.parked_id for other in line),
        )


def _consumer(row: _Row) -> str:
    return row.parked.consumer


def _standing(consumer: str, rows: list[_Row], now: datetime) -> Standing:
    keys = {row.parked.line for row in rows if row.parked.line is not None}
    return Standing(consumer, len(rows), len(keys), (now - min(row.parked_at for row in rows)).total_seconds())


def _same(one: Parked, other: Parked) -> bool:
    if one.consumer != other.consumer:
        return False
    if one.event is not None and other.event is not None:
        return one.event.recorded.envelope.event_id == other.event.recorded.envelope.event_id
    return one.record == other.record
