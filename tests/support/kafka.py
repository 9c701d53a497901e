"""Topics of a test's own on a real Kafka, and raw hands to put records into them and read them back."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from services._runtime.messaging.records import Headers, Record
from services._runtime.messaging.topics import ensure_topics
from services._runtime.reaching import reached

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence


class Kafka:
    """A cluster as tests use it. Topics made here are deleted when it is left."""

    def __init__(self, bootstrap: str, admin: AIOKafkaAdminClient) -> None:
        """Use the cluster behind `bootstrap` with a started admin client."""
        self.bootstrap = bootstrap
        self._admin = admin
        self._made: set[str] = set()

    async def topic(self, *, partitions: int = 12) -> str:
        """Return a new topic that nobody else knows."""
        name = f"test.{secrets.token_hex(6)}"
        await ensure_topics(self.bootstrap, [name], partitions=partitions)
        self._made.add(name)
        await self._led([name])
        return name

    async def create_again(self, topic: str, *, partitions: int = 12) -> None:
        """Delete a topic with all it holds, and create another of its name."""
        await self._admin.delete_topics([topic])
        while topic in await self._admin.list_topics():  # noqa: ASYNC110 - the cluster sets no event here
            await asyncio.sleep(0.02)
        await ensure_topics(self.bootstrap, [topic], partitions=partitions)
        await self._led([topic])

    async def _led(self, topics: Sequence[str]) -> None:
        """Wait until every partition has a leader that everybody knows."""
        while True:
            described = await self._admin.describe_topics(list(topics))
            if all(topic["partitions"] and all(one["leader"] >= 0 for one in topic["partitions"]) for topic in described):
                return
            await asyncio.sleep(0.02)

    async def delete(self) -> None:
        """Delete what was made."""
        if self._made:
            await self._admin.delete_topics(sorted(self._made))

    async def records(self, topic: str) -> list[Record]:
        """Return everything that a topic holds, partition by partition, in the order of their offsets."""
        consumer = AIOKafkaConsumer(**reached(self.bootstrap), enable_auto_commit=False, auto_offset_reset="earliest")
        await consumer.start()
        try:
            (described,) = await self._admin.describe_topics([topic])
            partitions = [TopicPartition(topic, number) for number in range(len(described["partitions"]))]
            ends = await consumer.end_offsets(partitions)
            consumer.assign(partitions)
            await consumer.seek_to_beginning(*partitions)
            found: list[Record] = []
            while len(found) < sum(ends.values()):
                for fetched in (await consumer.getmany(timeout_ms=200)).values():
                    found += [Record(r.topic, r.partition, r.offset, r.key, tuple(r.headers), r.value) for r in fetched]
            return sorted(found, key=lambda record: (record.partition, record.offset))
        finally:
            await consumer.stop()

    async def committed(self, group: str) -> dict[int, int]:
        """Return the offset that a group of one topic goes on from, per partition where it committed one."""
        try:
            offsets = await self._admin.list_consumer_group_offsets(group)
        except GroupCoordinatorNotAvailableError:
            # A new cluster makes its topic of groups when it is first asked for one: nobody has committed anything yet.
            return {}
        return {partition.partition: told.offset for partition, told in offsets.items()}

    async def members(self, group: str) -> set[str]:
        """Return the ids of a group's members; whoever joins anew has another."""
        try:
            (answer,) = await self._admin.describe_consumer_groups([group])
        except GroupCoordinatorNotAvailableError:
            return set()
        return {member[0] for member in answer.groups[0][5]}

    async def put(self, topic: str, records: Sequence[tuple[bytes | None, Headers, bytes | None]], *, partition: int | None = None) -> None:
        """Put records (key, headers, value) as anybody could, one after another."""
        async with self._producer() as producer:
            for key, headers, value in records:
                await producer.send_and_wait(topic, value, key=key, headers=list(headers), partition=partition)

    async def put_unreadable(self, topic: str, *, partition: int, after: Sequence[tuple[bytes, Headers, bytes]] = ()) -> None:
        """Put a record whose header's name is no UTF-8: the client's own decoding fails at it. `after` lie before it in its batch."""
        async with self._producer() as producer:
            batch = producer.create_batch()
            # The client's public builder would not make it; Kafka takes it all the same.
            batch._builder = _DefaultRecordBatchBuilderPy(2, 0, 0, -1, -1, -1, 16384)
            for key, headers, value in after:
                batch.append(key=key, value=value, timestamp=None, headers=list(headers))
            batch.append(key=b"k", value=b"v", timestamp=None, headers=[(_NotText("x"), b"1")])
            batch.close()
            await (await producer.send_batch(batch, topic, partition=partition))

    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(**reached(self.bootstrap), acks="all")
        await producer.start()
        try:
            yield producer
        finally:
            await producer.stop()


class _NotText(str):
    """A name whose bytes are no UTF-8."""

    __slots__ = ()

    def encode(self, _encoding: str = "utf-8", _errors: str = "strict") -> bytes:
        return b"\xff\xfe"


@asynccontextmanager
async def kafka_at(bootstrap: str) -> AsyncIterator[Kafka]:
    """Give a cluster to one test."""
    admin = AIOKafkaAdminClient(**reached(bootstrap))
    await admin.start()
    kafka = Kafka(bootstrap, admin)
    try:
        yield kafka
    finally:
        await kafka.delete()
        await admin.close()
