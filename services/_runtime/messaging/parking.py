"""Parking as a port: records that could not be handled wait for a person, and hold back the later events of their key."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from contracts.errors import Refusal
from services._runtime.ids import derived_id
from services._runtime.messaging.records import Record, pack_headers

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime
    from uuid import UUID

    from contracts.envelope import FeedEvent

WAITS = "waits-for-its-key"
"""The reason of an event that was parked only because an earlier one of its line is."""


@dataclass(frozen=True, slots=True)
class Line:
    """The events of one source under one key, as one consumer takes them: in the order of the feed, one after another.

    Events of another source under the same key have no order with these, and one may be the cause that another waits for.
    """

    consumer: str
    source: str
    key: str


@dataclass(frozen=True, slots=True)
class Parked:
    """A record to park. `event` is None for a record that is not ours, which is parked alone; `reason` holds no personal value."""

    consumer: str
    record: Record
    reason: str
    event: FeedEvent | None = None

    @property
    def line(self) -> Line | None:
        """The line whose later events wait for this one; None where none do."""
        return None if self.event is None else line_of(self.consumer, self.event)

    def content(self) -> bytes:
        """Return the SHA-256 of key, headers and value: two records at one place of a topic created again differ in it."""
        record = self.record
        return sha256(pack_headers((("key", record.key), ("value", record.value), *record.headers))).digest()


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """Which event of ours a parked record carries."""

    event_id: UUID
    type: str
    source: str
    generation: int
    feed_position: int
    key: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A parked record as it is found again, without its bytes. `event` is None where it was nobody's event when it came.

    `front` is the first of its line, which holds back the others; `behind` counts those of its line that came after it.
    """

    parked_id: int
    consumer: str
    reason: str
    parked_at: datetime
    topic: str
    partition: int
    offset: int
    content: bytes
    event: ParkedEvent | None
    front: int
    behind: int

    @property
    def line(self) -> Line | None:
        """The line it stands in; None for a record that was parked alone."""
        return None if self.event is None else Line(self.consumer, self.event.source, self.event.key)

    @property
    def record_id(self) -> UUID:
        """The id under which what people decide about it is recorded: no other parked record has or will have it."""
        return derived_id("parked", self.consumer, self.parked_id, self.content.hex())


@dataclass(frozen=True, slots=True)
class Standing:
    """How much one consumer has parked, how many keys that holds back, and for how many seconds the oldest has waited."""

    consumer: str
    parked: int
    keys: int
    oldest_age_s: float


class BeingTended(Refusal):
    """Somebody retries or discards in this line at this moment."""

    code = "parked-being-tended"


class Parking(Protocol):
    """What is parked, per consumer. Consulted per line before an event is handled.

    As long as anything of a line is parked, all of its later events are parked behind it; they leave in order, from the front.
    """

    async def park(self, parked: Parked) -> None:
        """Park a record, before its offset is committed. Parking the same again changes nothing."""
        ...

    async def waits(self, line: Line) -> bool:
        """Tell whether an event of this line is parked, so that its later ones must wait behind it."""
        ...

    async def park_behind(self, parked: Parked) -> bool:
        """Park an event if, and only if, one of its line still is; return whether one is. Never at the same moment as `release`."""
        ...

    async def count(self, consumer: str) -> int:
        """Return how many records this consumer has parked."""
        ...

    async def standing(self) -> list[Standing]:
        """Return how each consumer that has anything parked stands, by name."""
        ...

    async def page(self, *, after: int, limit: int) -> list[Kept]:
        """Return at most `limit` parked records whose ids are above `after`, in the order in which they were parked."""
        ...

    async def find(self, parked_id: int) -> Kept | None:
        """Return a parked record, or None."""
        ...

    async def record(self, parked_id: int) -> Record | None:
        """Return a parked record's bytes as they came, or None where it is not parked any more."""
        ...

    async def front(self, line: Line) -> Kept | None:
        """Return the first that is parked of a line, or None."""
        ...

    async def released(self) -> list[Kept]:
        """Return what stands at the front of its line although nothing is wrong with it: what held it back has gone."""
        ...

    async def keep(self, parked_id: int, reason: str) -> None:
        """Leave a record where it is, for another reason than before."""
        ...

    async def release(self, kept: Kept) -> None:
        """Take a record away, after its outcome was recorded. Repeats are ignored."""
        ...

    def tended(self, kept: Kept) -> AbstractAsyncContextManager[None]:
        """Hold a record, and the line it stands in, for whoever retries or discards; raises `BeingTended` where another does."""
        ...


def line_of(consumer: str, event: FeedEvent) -> Line:
    """Return the line in which a consumer takes an event."""
    return Line(consumer, event.source, event.recorded.envelope.partition_key)
