"""Feed → Kafka: the relay against a raw idempotent producer, the same records in the same batches, each awaited."""

from __future__ import annotations

import asyncio
import time
from itertools import islice
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from contracts.topics import PARTITIONS
from services._runtime.messaging.kafka import SETTINGS, KafkaPublisher
from services._runtime.messaging.relay import BATCH, Relay
from services._runtime.messaging.relay_cursors import PostgresRelayCursor
from services._runtime.store.connecting import open_pool
from services._runtime.store.leadership import Leadership
from services._runtime.store.postgres import PostgresEventStore
from services._runtime.store.postgres_waking import PostgresWakes
from services.cli.benchmarks.history import SOURCE, feed, record_of
from services.cli.benchmarks.measuring import Bar, Result, Run, compared, in_turn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from services._runtime.messaging.records import Record
    from services.cli.benchmarks.counts import Counts
    from services.cli.benchmarks.ground import Ground

BAR = Bar(at_least=0.8)

_SET_BACK = "update store.relay set generation = 1, cursor = 0"


async def measure(ground: Ground, counts: Counts) -> list[Result]:
    """Measure it. Ours reads the feed and moves the cursor; the floor's records lie ready in memory."""
    database = await ground.history(counts.records)
    topic = await ground.topic()
    records = [record_of(event) for event in islice(feed(), counts.records)]
    publisher, producer = KafkaPublisher(ground.kafka), AIOKafkaProducer(bootstrap_servers=ground.kafka, **SETTINGS)
    await producer.start()
    try:
        async with (
            await open_pool(database.dsn, size=2) as pool,
            PostgresWakes(database.dsn) as wakes,
            Leadership(database.dsn, "relay", holder="bench").led() as lease,
            AIOKafkaConsumer(bootstrap_servers=ground.kafka, enable_auto_commit=False) as consumer,
        ):
            store = PostgresEventStore(pool, SOURCE, wakes)
            relay = Relay(store, PostgresRelayCursor(pool, lease.transaction), publisher, topic)

            async def ours() -> float:
                await database.administer(_SET_BACK)
                began = time.perf_counter()
                await relay.catch_up()
                return time.perf_counter() - began

            async def counted(send: Callable[[], Awaitable[float]]) -> Run:
                before = await _held(consumer, topic)
                seconds = await send()
                return Run.timed(await _held(consumer, topic) - before, seconds)

            pairs = await in_turn(
                lambda: counted(ours), lambda: counted(lambda: produced(producer, topic, records)), repeats=counts.repeats
            )
    finally:
        await publisher.close()
        await producer.stop()
    return [compared("relaying", "events/s", BAR, pairs)]


async def _held(consumer: AIOKafkaConsumer, topic: str) -> int:
    """Return how many records the topic holds."""
    return sum((await consumer.end_offsets([TopicPartition(topic, number) for number in range(PARTITIONS)])).values())


async def produced(producer: AIOKafkaProducer, topic: str, records: Sequence[Record]) -> float:
    """Produce the records in the relay's batches, each awaited; return the seconds."""
    ready = [(one.value, one.key, list(one.headers), one.partition) for one in records]
    began = time.perf_counter()
    for first in range(0, len(records), BATCH):
        batch = ready[first : first + BATCH]
        sent = [await producer.send(topic, value, key=key, headers=headers, partition=at) for value, key, headers, at in batch]
        await asyncio.gather(*sent)
    return time.perf_counter() - began
