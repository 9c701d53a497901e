"""Kafka → journal: the ingester against raw `getmany` and COPY of the same rows."""

from __future__ import annotations

import asyncio
import time
from itertools import islice
from typing import TYPE_CHECKING

import asyncpg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from contracts.topics import PARTITIONS
from services._runtime.messaging.ingester import BATCH, Ingester
from services._runtime.messaging.journal_postgres import JOURNAL_COLUMNS, PostgresJournalWriter, journal_row
from services._runtime.messaging.kafka import SETTINGS
from services._runtime.store.leadership import Leadership
from services._runtime.store.waking import MemoryWakes
from services.cli.benchmarks.history import SOURCE, feed, record_of
from services.cli.benchmarks.measuring import Bar, Result, Run, compared, in_turn
from services.cli.benchmarks.relaying import produced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services._runtime.messaging.journal import Ingestion
    from services._runtime.messaging.relay_cursors import Transaction
    from services._runtime.store.waking import Wakes
    from services.cli.benchmarks.counts import Counts
    from services.cli.benchmarks.ground import Ground

BAR = Bar(at_least=0.5)


async def measure(ground: Ground, counts: Counts) -> list[Result]:
    """Measure it, each run into an empty journal, from before a consumer exists to the last row's commit."""
    topic = await ground.topic()
    sent = [(event, record_of(event)) for event in islice(feed(), counts.records)]
    async with AIOKafkaProducer(bootstrap_servers=ground.kafka, **SETTINGS) as producer:
        await produced(producer, topic, [record for _, record in sent])
    rows = [journal_row(event.feed_position, record, event) for event, record in sent]
    pairs = await in_turn(lambda: _ingested(ground, topic, len(rows)), lambda: _copied(ground, topic, rows), repeats=counts.repeats)
    return [compared("ingesting", "events/s", BAR, pairs)]


class _Writer(PostgresJournalWriter):
    """The writer, which tells when it has written as much as is there."""

    def __init__(self, transaction: Transaction, wakes: Wakes, events: int) -> None:
        super().__init__(transaction, wakes, consumer="bench")
        self.missing = events
        self.done = asyncio.Event()

    async def write(self, ingestion: Ingestion) -> None:
        """See `JournalWriter.write`."""
        await super().write(ingestion)
        self.missing -= len(ingestion.entries)
        if self.missing <= 0:
            self.done.set()


async def _ingested(ground: Ground, topic: str, events: int) -> Run:
    async with ground.database("reporting") as database, Leadership(database.dsn, "ingest", holder="bench").led() as lease:
        writer = _Writer(lease.transaction, MemoryWakes(), events)
        began = time.perf_counter()
        ingesting = asyncio.create_task(Ingester(ground.kafka, {topic: SOURCE}, writer).run())
        waiting = asyncio.create_task(writer.done.wait())
        await asyncio.wait({ingesting, waiting}, return_when=asyncio.FIRST_COMPLETED)
        seconds = time.perf_counter() - began
        waiting.cancel()
        ingesting.cancel()
        await asyncio.wait([ingesting])
        return Run.timed(await _rows(database.dsn), seconds)


async def _copied(ground: Ground, topic: str, rows: Sequence[tuple[object, ...]]) -> Run:
    async with ground.database("reporting") as database:
        connection = await asyncpg.connect(database.dsn)
        began = time.perf_counter()
        consumer = AIOKafkaConsumer(bootstrap_servers=ground.kafka, enable_auto_commit=False, auto_offset_reset="none")
        await consumer.start()
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        at = 0
        while at < len(rows):
            fetched = await consumer.getmany(timeout_ms=250, max_records=BATCH)
            count = sum(map(len, fetched.values()))
            batch = rows[at : at + count]
            await connection.copy_records_to_table("journal", schema_name="messaging", columns=JOURNAL_COLUMNS, records=batch)
            at += count
        seconds = time.perf_counter() - began
        await consumer.stop()
        await connection.close()
        return Run.timed(await _rows(database.dsn), seconds)


async def _rows(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval("select count(*) from messaging.journal"))
    finally:
        await connection.close()
