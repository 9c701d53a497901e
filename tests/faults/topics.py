"""What Kafka holds of each feed, read with a plain client and on from where it was read to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from contracts.topics import PARTITIONS, topic_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_POLL_MS = 500


@dataclass
class Arrived:
    """The first occurrences of one topic's events, by id and by key; `strange` is what should not be there."""

    places: dict[UUID, tuple[int, bytes]] = field(default_factory=dict)
    by_key: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    partition_of: dict[str, int] = field(default_factory=dict)
    read_to: dict[int, int] = field(default_factory=dict)
    repeats: int = 0
    strange: list[str] = field(default_factory=list)

    def take(self, record: ConsumerRecord) -> None:
        """Take the next record of a partition."""
        headers = {name: value.decode() for name, value in record.headers}
        key, event_id, position = record.key.decode(), UUID(headers["ce_id"]), int(headers["ce_position"])
        place = (position, bytes.fromhex(headers["ce_digest"]))
        self.read_to[record.partition] = record.offset + 1
        if self.partition_of.setdefault(key, record.partition) != record.partition:
            self.strange.append(f"key {key} lies in partitions {self.partition_of[key]} and {record.partition}")
        if event_id in self.places:
            self.repeats += 1
            if self.places[event_id] != place:
                self.strange.append(f"event {event_id} came again as another")
            return
        self.places[event_id] = place
        self.by_key[key].append(position)


async def read_on(bootstrap: str, arrived: Mapping[str, Arrived]) -> None:
    """Read every topic from where it was read to, up to its present end."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=20)
    await consumer.start()
    try:
        sources = {TopicPartition(topic_of(name), number): name for name in arrived for number in range(PARTITIONS)}
        ends = await consumer.end_offsets(list(sources))
        consumer.assign(list(sources))
        for partition, name in sources.items():
            consumer.seek(partition, arrived[name].read_to.get(partition.partition, 0))
        while any(arrived[name].read_to.get(one.partition, 0) < ends[one] for one, name in sources.items()):
            for partition, records in (await consumer.getmany(timeout_ms=_POLL_MS)).items():
                for record in records:
                    arrived[sources[partition]].take(record)
    finally:
        await consumer.stop()
