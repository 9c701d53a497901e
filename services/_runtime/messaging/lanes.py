"""One lane per partition: its records are settled one after another, beside those of other partitions."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from aiokafka import TopicPartition

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from services._runtime.messaging.records import Record

FULL = 500
"""Records that wait in a lane before its partition is paused; it goes on when a fifth is left."""


class Lane:
    """The records of one partition that were delivered and are not settled yet, and how far it is."""

    def __init__(self) -> None:
        """Start empty; nothing was settled yet."""
        self.waiting: deque[Record] = deque()
        self.arrived = asyncio.Event()
        self.next_offset: int | None = None
        self.task: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        """Whether everything delivered is settled."""
        return not self.waiting


class Lanes:
    """The lanes of the partitions that a consumer holds."""

    def __init__(self, settle: Callable[[Record], Awaitable[None]], drained: Callable[[TopicPartition], None]) -> None:
        """Settle records by `settle`; call `drained` when a full lane has room again."""
        self._settle = settle
        self._drained = drained
        self._lanes: dict[TopicPartition, Lane] = {}
        self._committed: dict[TopicPartition, int] = {}

    def put(self, record: Record) -> bool:
        """Queue a record; return whether its lane is full now, so that its partition is to be paused."""
        lane = self._opened(TopicPartition(record.topic, record.partition))
        lane.waiting.append(record)
        lane.arrived.set()
        return len(lane.waiting) >= FULL

    def passed(self, partition: TopicPartition, next_offset: int) -> None:
        """Note that everything before `next_offset` is settled, although it was never queued. The lane must be idle."""
        self._opened(partition).next_offset = next_offset

    def lane(self, partition: TopicPartition) -> Lane | None:
        """Return a partition's lane; None where it has delivered nothing yet."""
        return self._lanes.get(partition)

    def settled(self) -> dict[TopicPartition, int]:
        """Return, per partition where it changed since `committed` was told, the offset after the last settled record."""
        ahead = {partition: lane.next_offset for partition, lane in self._lanes.items() if lane.next_offset is not None}
        return {partition: offset for partition, offset in ahead.items() if self._committed.get(partition) != offset}

    def committed(self, offsets: dict[TopicPartition, int]) -> None:
        """Remember that Kafka has these offsets."""
        self._committed.update(offsets)

    async def end(self, partitions: Iterable[TopicPartition]) -> None:
        """Stop working on these partitions; what is not settled will be delivered again, to whoever holds them then."""
        tasks = []
        for partition in partitions:
            lane = self._lanes.get(partition)
            if lane is not None and lane.task is not None:
                lane.waiting.clear()
                lane.task.cancel()
                tasks.append(lane.task)
        if tasks:
            await asyncio.wait(tasks)

    def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """Forget partitions that were ended."""
        for partition in partitions:
            self._lanes.pop(partition, None)
            self._committed.pop(partition, None)

    def partitions(self) -> list[TopicPartition]:
        """Return the partitions that have a lane."""
        return list(self._lanes)

    def _opened(self, partition: TopicPartition) -> Lane:
        lane = self._lanes.get(partition)
        if lane is None:
            lane = self._lanes[partition] = Lane()
            lane.task = asyncio.create_task(self._work(partition, lane))
        return lane

    async def _work(self, partition: TopicPartition, lane: Lane) -> None:
        while True:
            while lane.waiting:
                # It stays in front while it is worked on: a lane with work in hand is not idle.
                record = lane.waiting[0]
                await self._settle(record)
                lane.waiting.popleft()
                lane.next_offset = record.offset + 1
                if len(lane.waiting) == FULL // 5:
                    self._drained(partition)
            lane.arrived.clear()
            await lane.arrived.wait()
