"""Process managers on Kafka: a FastStream subscriber in a consumer group of its own, which heals itself and says how it is."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import IllegalStateError, KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage

from services._runtime.messaging.closing import closed
from services._runtime.messaging.lanes import Lanes
from services._runtime.messaging.progress import PartitionProgress, Progress, caught_up_age_s
from services._runtime.messaging.records import Record
from services._runtime.messaging.security import security_of
from services._runtime.messaging.unreadable import UNREADABLE, unreadable_from
from services._runtime.observing.places import places_of
from services._runtime.reaching import cluster_at

if TYPE_CHECKING:
    from faststream.kafka.subscriber.usecase import DefaultSubscriber

    from services._runtime.messaging.delivering import Delivery
    from services._runtime.messaging.parking import Parking

log = structlog.get_logger(__name__)

_SUSPICIOUS_S = 3.0
"""A partition with something to read that delivers nothing for so long may hold a record that cannot be read."""

_WATCH_S = 1.0
_REQUEST_MS = 10_000
_STOPPING_S = 15.0
_LONGEST_PAUSE_S = 5.0


@dataclass(frozen=True, slots=True)
class Endurance:
    """How long a client may do nothing before it is replaced.

    `stall_s`: a partition has something to read, and nothing of it is in hand. `unassigned_s`: no partition is held; after its
    poll interval the client would never ask for one again.
    """

    stall_s: float = 60.0
    unassigned_s: float = 120.0


@dataclass(frozen=True, slots=True)
class ConsumerStatus:
    """A consumer as readiness and `ancora status` see it."""

    name: str
    partitions: tuple[PartitionProgress, ...]
    parked: int


class Consumer:
    """Delivers the records of some topics to one process manager: at least once, in the order of each partition."""

    def __init__(
        self,
        bootstrap: str,
        topics: tuple[str, ...],
        delivery: Delivery,
        parking: Parking,
        endurance: Endurance = Endurance(),
    ) -> None:
        """Read `topics` of the cluster behind `bootstrap` as the group named for the process manager."""
        self.name = delivery.manager.name
        self._bootstrap = bootstrap
        self._topics = topics
        self._delivery = delivery
        self._parking = parking
        self._endurance = endurance
        self._progress = Progress()

    async def run(self) -> None:
        """Consume until cancelled. A lost broker, a stall or a failure of the client starts it anew, after a pause that grows."""
        pause_s = 0.5
        while True:
            began = time.monotonic()
            try:
                await _Life(self._bootstrap, self._topics, self.name, self._delivery, self._progress, self._endurance).run()
            except Exception as error:  # noqa: BLE001 - whatever a client throws, the consumer must come back
                log.warning(
                    "consumer.restarting", consumer=self.name, reason=type(error).__name__, places=places_of(error), pause_s=pause_s
                )
            if time.monotonic() - began > self._endurance.stall_s:
                pause_s = 0.5
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def progress(self) -> tuple[PartitionProgress, ...]:
        """Return the progress per partition held."""
        return self._progress.snapshot()

    async def status(self) -> ConsumerStatus:
        """Return the progress per partition held, and how many records are parked."""
        return ConsumerStatus(self.name, self._progress.snapshot(), await self._parking.count(self.name))


class Stalled(Exception):
    """The client reads no more, although there is something to read."""


class _Life:
    """One life of a subscriber, from joining the group to leaving it."""

    def __init__(
        self, bootstrap: str, topics: tuple[str, ...], group: str, delivery: Delivery, progress: Progress, endurance: Endurance
    ) -> None:
        self._bootstrap = bootstrap
        self._group = group
        self._delivery = delivery
        self._progress = progress
        self._endurance = endurance
        self._unassigned_since = time.monotonic()
        self._lanes = Lanes(self._settle, self._resume)
        # No logger: FastStream's own would write what was raised, which may quote a record.
        cluster = cluster_at(bootstrap)
        self._broker = KafkaBroker(
            list(cluster.servers),
            security=security_of(cluster),
            logger=None,
            consumer_only=True,
            apply_types=False,
            graceful_timeout=1.0,
            request_timeout_ms=_REQUEST_MS,
            metadata_max_age_ms=30_000,
        )
        self._subscriber: DefaultSubscriber = self._broker.subscriber(
            *topics,
            group_id=group,
            ack_policy=AckPolicy.MANUAL,
            auto_offset_reset="earliest",
            parser=_as_it_came,
            decoder=_record_of,
            listener=_Listener(self),
            no_reply=True,
        )
        self._subscriber(self._deliver)

    async def run(self) -> None:
        """Join, deliver, leave."""
        try:
            async with asyncio.timeout(_STOPPING_S + _REQUEST_MS / 1000):
                await self._broker.start()
            while True:
                await asyncio.sleep(_WATCH_S)
                await self.commit()
                await self._watch()
        finally:
            await self._leave()

    async def assigned(self, partitions: set[TopicPartition]) -> None:
        """Begin with partitions that the group gave us."""
        self._progress.keep(partitions)
        self._unassigned_since = time.monotonic()

    async def revoked(self, partitions: set[TopicPartition]) -> None:
        """End with partitions that the group takes from us, and commit what is settled of them."""
        await self._lanes.end(partitions)
        await self.commit()
        self._lanes.forget(partitions)

    async def commit(self) -> None:
        """Commit what is settled and nothing else: a bare commit would include records that are still in hand."""
        consumer, offsets = self._subscriber.consumer, self._lanes.settled()
        if consumer is None or not offsets:
            return
        try:
            await consumer.commit(offsets)
        except (KafkaError, IllegalStateError) as error:
            # What is not committed is delivered again and found in the inbox.
            log.warning("consumer.not-committed", consumer=self._group, reason=type(error).__name__)
        else:
            self._lanes.committed(offsets)

    async def _deliver(self, record: Record) -> None:
        """Take a record from FastStream. It never waits here, so that no partition waits for another."""
        if self._lanes.put(record) and self._subscriber.consumer is not None:
            partition = TopicPartition(record.topic, record.partition)
            if partition in self._subscriber.consumer.assignment():
                self._subscriber.consumer.pause(partition)

    def _resume(self, partition: TopicPartition) -> None:
        consumer = self._subscriber.consumer
        if consumer is not None and partition in consumer.assignment():
            consumer.resume(partition)

    async def _settle(self, record: Record) -> None:
        await self._delivery.settle(record)
        self._progress.made(TopicPartition(record.topic, record.partition))

    async def _watch(self) -> None:
        consumer = self._subscriber.consumer
        partitions = set() if consumer is None else consumer.assignment()
        if not partitions and time.monotonic() - self._unassigned_since > self._endurance.unassigned_s:
            raise Stalled("no partition is assigned")
        for partition in partitions:
            await self._look_at(consumer, partition)

    async def _look_at(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
        lane = self._lanes.lane(partition)
        if lane is not None and lane.task is not None and lane.task.done():
            lane.task.result()
        if lane is not None and not lane.idle:
            return
        next_offset = lane.next_offset if lane is not None else None
        if next_offset is None:
            next_offset = await _position(consumer, partition)
        if next_offset is None:
            return
        age_s = caught_up_age_s(consumer, partition, next_offset)
        if age_s is not None:
            self._progress.made(partition, age_s=age_s)
        elif self._progress.age_s(partition) > _SUSPICIOUS_S:
            await self._pass_unreadable(consumer, partition, next_offset)
        if self._progress.age_s(partition) > self._endurance.stall_s:
            raise Stalled(f"{partition.topic} {partition.partition} stands still")

    async def _pass_unreadable(self, consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int) -> None:
        """Park what keeps the client from reading on, if that is what it is."""
        records = await unreadable_from(self._bootstrap, partition, offset)
        for record in records:
            await self._delivery.pass_over(record, f"not ours: {UNREADABLE}")
        if records:
            self._lanes.passed(partition, records[-1].offset + 1)
            self._progress.made(partition)
            consumer.seek(partition, records[-1].offset + 1)

    async def _leave(self) -> None:
        await self._lanes.end(self._lanes.partitions())
        await closed(self.commit, within_s=_STOPPING_S)
        if not await closed(self._broker.stop, within_s=_STOPPING_S):
            log.warning("consumer.abandoned", consumer=self._group)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka is untyped
    """Passes on what the group decides."""

    def __init__(self, life: _Life) -> None:
        self._life = life

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        await self._life.assigned(assigned)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        await self._life.revoked(revoked)


async def _as_it_came(raw: ConsumerRecord) -> KafkaMessage:
    """Parse nothing: FastStream's own parser raises on headers that are no text, and the record would be dropped."""
    return KafkaMessage(
        body=raw.value or b"", raw_message=raw, message_id=f"{raw.topic}-{raw.partition}-{raw.offset}", consumer=FAKE_CONSUMER
    )


async def _record_of(message: KafkaMessage) -> Record:
    raw: ConsumerRecord = message.raw_message
    return Record(raw.topic, raw.partition, raw.offset, raw.key, tuple(raw.headers), raw.value)


async def _position(consumer: AIOKafkaConsumer, partition: TopicPartition) -> int | None:
    try:
        async with asyncio.timeout(_WATCH_S):
            position: int = await consumer.position(partition)
    except (TimeoutError, KafkaError, IllegalStateError):
        return None
    return position
