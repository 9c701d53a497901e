"""A broker in memory: topics of partitions of records, by the same hash as Kafka's, for tests without a broker."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from contracts.cloudevents import to_headers
from contracts.topics import PARTITIONS
from services._runtime.messaging.partitioning import partition_of
from services._runtime.messaging.records import Headers, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contracts.envelope import FeedEvent


class MemoryBroker:
    """Publisher and broker in one: what is published lies in `topics`, per partition, in the order in which it came."""

    def __init__(self, *, partitions: int = PARTITIONS) -> None:
        """Give every topic this many partitions."""
        self._partitions = partitions
        self.topics: dict[str, list[list[Record]]] = defaultdict(lambda: [[] for _ in range(partitions)])
        self._wiped = 0

    async def publish(self, topic: str, batch: Sequence[FeedEvent]) -> None:
        """See `Publisher.publish`: always acknowledged."""
        for event in batch:
            recorded = event.recorded
            self.put(topic, recorded.envelope.partition_key.encode(), tuple(to_headers(event)), recorded.data)

    async def identity(self, topic: str) -> str:
        """See `Publisher.identity`."""
        return f"{topic} after {self._wiped} losses"

    async def close(self) -> None:
        """See `Publisher.close`: there is nothing to let go of."""

    def wipe(self) -> None:
        """Lose everything: what is published from now on goes to other topics of the same names."""
        self.topics.clear()
        self._wiped += 1

    def put(self, topic: str, key: bytes | None, headers: Headers, value: bytes | None) -> Record:
        """Append a record as it is, ours or not, and return it. Without a key it goes to partition 0."""
        partition = 0 if key is None else partition_of(key, self._partitions)
        log = self.topics[topic][partition]
        record = Record(topic, partition, len(log), key, headers, value)
        log.append(record)
        return record

    def records(self, topic: str) -> list[Record]:
        """Return all records of a topic, partition by partition."""
        return [record for partition in self.topics[topic] for record in partition]
