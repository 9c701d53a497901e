"""The records of a topic from its beginning to a known end: all of them, also those that the client cannot decode."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaTimeoutError

from contracts.topics import FEEDS, PARTITIONS, topic_of
from services._runtime.messaging.closing import closed
from services._runtime.messaging.records import Record
from services._runtime.messaging.unreadable import unreadable_from
from services._runtime.reaching import reached

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from aiokafka import ConsumerRecord

Ends = dict[TopicPartition, int]
"""The offset behind the last record of each partition."""

_FETCH_WAIT_MS = 20
_BATCH = 5000
_SILENCE_S = 20.0
_CLOSING_S = 2.0


@asynccontextmanager
async def reading(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    """Give a consumer of no group."""
    # A fetch that finds nothing to wait for keeps the broker's patience from the next topic's records.
    consumer = AIOKafkaConsumer(
        **reached(bootstrap), enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=_FETCH_WAIT_MS
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        # The client's own stop can wait for ever for a fetch that was cancelled while the assignment changed.
        await closed(consumer.stop, within_s=_CLOSING_S)


async def present_ends(bootstrap: str) -> Ends:
    """Return where each partition of each topic ends now."""
    async with reading(bootstrap) as consumer:
        partitions = [TopicPartition(topic_of(feed), number) for feed in FEEDS for number in range(PARTITIONS)]
        ends: Ends = await consumer.end_offsets(partitions)
        return ends


async def records_up_to(consumer: AIOKafkaConsumer, bootstrap: str, ends: Ends, *, last: int | None = None) -> AsyncIterator[Record]:
    """Read partitions to their ends, from their beginnings or only the `last` records of each.

    What the client cannot decode comes as a record without content.
    Raises `KafkaTimeoutError` where Kafka answers no more: the client itself would try for ever.
    """
    read_to = await _begins(consumer, ends, last)
    if not read_to:
        return
    consumer.assign(list(read_to))
    _seek(consumer, read_to)
    batch = _BATCH
    while left := {partition: offset for partition, offset in read_to.items() if offset < ends[partition]}:
        fetched = await _fetched(consumer, left, batch)
        if fetched is None and batch > 1:
            # The records before the one that cannot be decoded went with the error: they are read again one at a time, up to it.
            batch = 1
        elif fetched is None:
            for partition, offset in left.items():
                for record in await unreadable_from(bootstrap, partition, offset):
                    yield record
                    read_to[partition] = record.offset + 1
            batch = _BATCH
        else:
            for partition, raws in fetched.items():
                for raw in raws:
                    if raw.offset < ends[partition]:
                        yield Record(raw.topic, raw.partition, raw.offset, raw.key, tuple(raw.headers), raw.value)
                read_to[partition] = raws[-1].offset + 1
            continue
        _seek(consumer, {partition: read_to[partition] for partition in left})


async def _begins(consumer: AIOKafkaConsumer, ends: Ends, last: int | None) -> dict[TopicPartition, int]:
    """Return where to begin in each partition that holds anything."""
    begins: dict[TopicPartition, int] = await consumer.beginning_offsets(list(ends))
    if last is not None:
        begins = {partition: max(begin, ends[partition] - last) for partition, begin in begins.items()}
    return {partition: begin for partition, begin in begins.items() if begin < ends[partition]}


def _seek(consumer: AIOKafkaConsumer, offsets: Mapping[TopicPartition, int]) -> None:
    for partition, offset in offsets.items():
        consumer.seek(partition, offset)


async def _fetched(
    consumer: AIOKafkaConsumer, left: Mapping[TopicPartition, int], batch: int
) -> dict[TopicPartition, list[ConsumerRecord]] | None:
    """Return the next records of these partitions; None where one of them cannot be decoded."""
    deadline = time.monotonic() + _SILENCE_S
    while time.monotonic() < deadline:
        try:
            fetched: dict[TopicPartition, list[ConsumerRecord]] = await consumer.getmany(*left, timeout_ms=1000, max_records=batch)
        except ValueError:
            return None
        if fetched:
            return fetched
    raise KafkaTimeoutError("Kafka gives no more records")
