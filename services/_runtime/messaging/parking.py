"""Parking as a port: records that could not be handled wait for a person, and hold back the later events of their key."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from services._runtime.messaging.records import Record, pack_headers

if TYPE_CHECKING:
    from contracts.envelope import FeedEvent

WAITS = "waits-for-its-key"
"""The reason of an event that was parked only because an earlier one of its key is."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A record to park. `event` is None for a record that is not ours, which is parked alone; `reason` holds no personal value."""

    consumer: str
    record: Record
    reason: str
    event: FeedEvent | None = None

    @property
    def waiting_key(self) -> str | None:
        """The key whose later events wait for this one; None where none do."""
        return None if self.event is None else self.event.recorded.envelope.partition_key

    def row(self) -> tuple[object, ...]:
        """Return the values of `COLUMNS`."""
        record, event = self.record, self.event
        packed = pack_headers(record.headers)
        content = sha256(pack_headers((("key", record.key), ("value", record.value), *record.headers))).digest()
        envelope = None if event is None else event.recorded.envelope
        return (
            self.consumer,
            self.waiting_key,
            self.reason,
            None if envelope is None else envelope.event_id,
            None if envelope is None else envelope.type,
            None if event is None else event.source,
            None if event is None else event.generation,
            None if event is None else event.feed_position,
            record.topic,
            record.partition,
            record.offset,
            record.key,
            packed,
            record.value,
            content,
        )


COLUMNS = (
    "consumer",
    "waiting_key",
    "reason",
    "event_id",
    "type",
    "source",
    "generation",
    "feed_position",
    "topic",
    "partition",
    "kafka_offset",
    "key",
    "headers",
    "value",
    "content",
)


class Parking(Protocol):
    """What is parked, per consumer. Consulted per key before an event is handled."""

    async def park(self, parked: Parked) -> None:
        """Park a record, before its offset is committed. Parking the same again changes nothing."""
        ...

    async def waits(self, consumer: str, key: str) -> bool:
        """Tell whether an event of this key is parked, so that its later ones must wait behind it."""
        ...

    async def count(self, consumer: str) -> int:
        """Return how many records this consumer has parked."""
        ...


class MemoryParking:
    """Parked records in memory, in the order in which they were parked."""

    def __init__(self) -> None:
        """Start empty."""
        self.parked: list[Parked] = []

    async def park(self, parked: Parked) -> None:
        """See `Parking.park`."""
        if not any(_same(parked, known) for known in self.parked):
            self.parked.append(parked)

    async def waits(self, consumer: str, key: str) -> bool:
        """See `Parking.waits`."""
        return any(known.consumer == consumer and known.waiting_key == key for known in self.parked)

    async def count(self, consumer: str) -> int:
        """See `Parking.count`."""
        return sum(known.consumer == consumer for known in self.parked)


def _same(one: Parked, other: Parked) -> bool:
    if one.consumer != other.consumer:
        return False
    if one.event is not None and other.event is not None:
        return one.event.recorded.envelope.event_id == other.event.recorded.envelope.event_id
    return one.record == other.record
