"""The journal in memory, reader and writer in one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services._runtime.messaging.journal import (
    Feed,
    FeedHead,
    Ingestion,
    JournalEntry,
    Partition,
    Place,
    PositionMoved,
    TopicPosition,
)
from services._runtime.store.waking import MemoryWakes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection

    from contracts.envelope import FeedEvent
    from services._runtime.messaging.records import Record


class MemoryJournal:
    """Entries, positions and foreign records in memory."""

    def __init__(self) -> None:
        """Start empty."""
        self.entries: list[JournalEntry] = []
        self.foreign: list[tuple[Record, str]] = []
        self.ends: dict[Feed, int] = {}
        self._positions: dict[Partition, TopicPosition] = {}
        self._wakes = MemoryWakes()

    async def read(self, after: int, limit: int) -> list[JournalEntry]:
        """See `Journal.read`."""
        return self.entries[after : after + limit]

    async def head(self) -> int:
        """See `Journal.head`."""
        return len(self.entries)

    async def feed(self, source: str, *, generation: int, after: int, limit: int) -> list[FeedEvent]:
        """See `Journal.feed`."""
        events = (entry.event for entry in self.entries)
        return [event for event in events if (event.source, event.generation) == (source, generation)][after : after + limit]

    async def feed_ends(self, source: str) -> dict[int, int]:
        """See `Journal.feed_ends`."""
        heads = await self.heads()
        return {generation: head.feed_position for (of, generation), head in sorted(heads.items()) if of == source}

    def wakes(self) -> AsyncIterator[None]:
        """See `Journal.wakes`."""
        return self._wakes.listen()

    async def positions(self) -> dict[Partition, TopicPosition]:
        """See `JournalWriter.positions`."""
        return dict(self._positions)

    async def heads(self) -> dict[Feed, FeedHead]:
        """See `JournalWriter.heads`: a feed is contiguous, so its last entry is its head."""
        events = [entry.event for entry in self.entries]
        return {(event.source, event.generation): FeedHead(event.feed_position, event.chain) for event in events}

    async def ended(self) -> dict[Feed, int]:
        """See `JournalWriter.ended`."""
        return dict(self.ends)

    async def digests(self, places: Collection[Place]) -> dict[Place, bytes]:
        """See `JournalWriter.digests`."""
        events = [entry.event for entry in self.entries]
        known = {(event.source, event.generation, event.feed_position): event.recorded.digest for event in events}
        return {place: known[place] for place in places if place in known}

    async def write(self, ingestion: Ingestion) -> None:
        """See `JournalWriter.write`."""
        for partition, (before, _) in ingestion.moves.items():
            if self._positions.get(partition) != before:
                raise PositionMoved(f"{partition} is no longer where the batch started from")
        self._positions |= {partition: after for partition, (_, after) in ingestion.moves.items()}
        self.foreign += [foreign for foreign in ingestion.foreign if foreign not in self.foreign]
        for _, event in ingestion.entries:
            self.entries.append(JournalEntry(len(self.entries) + 1, event))
        self._wakes.ring()
