"""How long ago each partition made progress: the one sign of life that a stuck consumer cannot give."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiokafka import AIOKafkaConsumer, TopicPartition


@dataclass(frozen=True, slots=True)
class PartitionProgress:
    """Seconds since a partition's last record was settled, or since Kafka last said that there are no more."""

    topic: str
    partition: int
    progress_age_s: float


class Progress:
    """The moments of last progress, over all lives of a consumer."""

    def __init__(self) -> None:
        """Know no partition yet."""
        self._moments: dict[TopicPartition, float] = {}

    def made(self, partition: TopicPartition, *, age_s: float = 0.0) -> None:
        """Note that a partition made progress `age_s` seconds ago."""
        moment = time.monotonic() - age_s
        self._moments[partition] = max(moment, self._moments.get(partition, moment))

    def keep(self, partitions: set[TopicPartition]) -> None:
        """Know these partitions and no others; new ones begin now."""
        now = time.monotonic()
        self._moments = {partition: self._moments.get(partition, now) for partition in partitions}

    def age_s(self, partition: TopicPartition) -> float:
        """Return the seconds since a partition made progress, 0 for one that is not known."""
        return time.monotonic() - self._moments.get(partition, time.monotonic())

    def snapshot(self) -> tuple[PartitionProgress, ...]:
        """Return the progress of every partition held, in order."""
        return tuple(PartitionProgress(tp.topic, tp.partition, round(self.age_s(tp), 1)) for tp in sorted(self._moments))


def caught_up_age_s(consumer: AIOKafkaConsumer, partition: TopicPartition, next_offset: int) -> float | None:
    """Return how many seconds ago Kafka said that `next_offset` is the end of the partition, or None where it is not."""
    end: int | None = consumer.highwater(partition)
    told_ms: int | None = consumer.last_poll_timestamp(partition)
    if end is None or told_ms is None or next_offset < end:
        return None
    return max(0.0, time.time() - told_ms / 1000)
