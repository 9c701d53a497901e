"""The journal as a port: every record of every source once, in one order. Read by bigint cursor, written by the ingester alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from services._runtime.errors import RuntimeFault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping, Sequence

    from contracts.envelope import FeedEvent
    from services._runtime.messaging.records import Record

Place = tuple[str, int, int]
"""Where an event stands in all history: (source, generation, feed position)."""

Feed = tuple[str, int]
"""One life of one source's feed: (source, generation)."""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An event and its position in the journal, dense from 1."""

    position: int
    event: FeedEvent


class Journal(Protocol):
    """The journal as its readers see it. Only what is committed is seen."""

    async def read(self, after: int, limit: int) -> list[JournalEntry]:
        """Return the entries above position `after`, in order, at most `limit`."""
        ...

    async def head(self) -> int:
        """Return the last position, 0 where nothing is written yet."""
        ...

    async def feed(self, source: str, *, generation: int, after: int, limit: int) -> list[FeedEvent]:
        """Return what the journal has of one generation of a source's feed above position `after`, in order, at most `limit`."""
        ...

    async def feed_ends(self, source: str) -> dict[int, int]:
        """Return how far the journal has each generation of a source's feed, oldest first; those it has nothing of are absent."""
        ...

    def wakes(self) -> AsyncIterator[None]:
        """Yield at once, after new entries (coalesced), and at least once a second all the same."""
        ...


@dataclass(frozen=True, slots=True)
class FeedHead:
    """How far the journal has a feed: its last feed position and the chain there."""

    feed_position: int
    chain: bytes


@dataclass(frozen=True, slots=True)
class TopicPosition:
    """Up to where a partition was read: the offset of the next record, in the topic that had this id."""

    topic_id: str
    next_offset: int


Partition = tuple[str, int]
"""A partition of a topic: (topic, number)."""


@dataclass(frozen=True, slots=True)
class Ingestion:
    """What one transaction of the ingester writes: all or nothing.

    `entries` become the journal's next positions in this order; `foreign` are records that are not ours, with the reason,
    parked alone; `moves` are per partition the position it started from (None = never read) and the one it reaches.
    """

    entries: Sequence[tuple[Record, FeedEvent]] = ()
    foreign: Sequence[tuple[Record, str]] = ()
    moves: Mapping[Partition, tuple[TopicPosition | None, TopicPosition]] = field(default_factory=dict)


class PositionMoved(RuntimeFault):
    """A partition is not where the batch started from: another ingester was here. Nothing was written; start from what is stored."""


class JournalWriter(Protocol):
    """The journal as its one writer sees it."""

    async def positions(self) -> dict[Partition, TopicPosition]:
        """Return up to where each partition was read."""
        ...

    async def heads(self) -> dict[Feed, FeedHead]:
        """Return how far the journal has each feed."""
        ...

    async def ended(self) -> dict[Feed, int]:
        """Return the generations that their services have ended, and the last feed position that counts in each."""
        ...

    async def digests(self, places: Collection[Place]) -> dict[Place, bytes]:
        """Return the digests that the journal holds at these places; places it does not have are absent."""
        ...

    async def write(self, ingestion: Ingestion) -> None:
        """Write all of it or nothing; raises `PositionMoved` where a partition is not exactly where the batch started from."""
        ...
