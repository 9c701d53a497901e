"""What Kafka holds of every feed: nothing altered, nothing foreign, nothing missing, first occurrences in feed order per key."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaTimeoutError

from contracts.cloudevents import NotOurs, from_record
from contracts.topics import PARTITIONS, SERVICES, topic_of
from services._runtime.messaging.records import Record
from services._runtime.messaging.unreadable import unreadable_from
from services.cli.verification.records import check_record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from contracts.envelope import FeedEvent
    from services.cli.verification.findings import Findings
    from services.cli.verification.stores import Fed

Ends = dict[TopicPartition, int]

_FETCH_WAIT_MS = 20
_SILENCE_S = 20.0
_BATCH = 5000


async def kafka_ends(bootstrap: str) -> Ends:
    """Return where each partition of each topic ends now."""
    async with _consumer(bootstrap) as consumer:
        partitions = [TopicPartition(topic_of(service), number) for service in SERVICES for number in range(PARTITIONS)]
        ends: Ends = await consumer.end_offsets(partitions)
        return ends


async def check_kafka(
    bootstrap: str, ends: Ends, fed: Mapping[str, Fed], relayed: Mapping[str, tuple[int, int]], findings: Findings
) -> None:
    """Read every topic from its beginning to `ends`, which are older than `fed` and younger than `relayed`.

    `relayed` is up to where each service's feed must be there: (generation, cursor).
    """
    async with _consumer(bootstrap) as consumer:
        for service in SERVICES:
            topic = topic_of(service)
            seen = _Seen()
            async for record in _up_to(
                consumer, bootstrap, {partition: end for partition, end in ends.items() if partition.topic == topic}
            ):
                _check(record, service, seen, fed, findings)
            findings.checked[f"kafka.{topic}"] = seen.records
            generation, cursor = relayed[service]
            for feed_position in range(1, cursor + 1):
                if (generation, feed_position) not in seen.places:
                    findings.add("kafka.missing", f"{topic} generation {generation} feed position {feed_position}", "a record", None)


@asynccontextmanager
async def _consumer(bootstrap: str) -> AsyncIterator[AIOKafkaConsumer]:
    # A fetch that finds nothing to wait for keeps the broker's patience from the next topic's records.
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=_FETCH_WAIT_MS
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


class _Seen:
    """What was read of one topic so far."""

    def __init__(self) -> None:
        self.records = 0
        self.places: set[tuple[int, int]] = set()
        self.last_of_key: dict[str, tuple[int, int]] = {}


async def _up_to(consumer: AIOKafkaConsumer, bootstrap: str, ends: Ends) -> AsyncIterator[Record]:
    """Read partitions up to their ends; what the client cannot read comes as a record without content.

    Raises `KafkaTimeoutError` where Kafka answers no more: the client itself would try for ever.
    """
    begins = await consumer.beginning_offsets(list(ends))
    read_to = {partition: begin for partition, begin in begins.items() if begin < ends[partition]}
    consumer.assign(list(read_to))
    for partition, begin in read_to.items():
        consumer.seek(partition, begin)
    batch, heard = _BATCH, time.monotonic()
    while left := [partition for partition, offset in read_to.items() if offset < ends[partition]]:
        try:
            fetched = await consumer.getmany(*left, timeout_ms=1000, max_records=batch)
        except ValueError:
            # The records before the unreadable one went with the error: they are read again, one at a time, up to it.
            for partition in left:
                if batch == 1:
                    for record in await unreadable_from(bootstrap, partition, read_to[partition]):
                        yield record
                        read_to[partition] = record.offset + 1
                consumer.seek(partition, read_to[partition])
            batch = _BATCH if batch == 1 else 1
            continue
        if fetched:
            heard = time.monotonic()
        elif time.monotonic() - heard > _SILENCE_S:
            raise KafkaTimeoutError("Kafka gives no more records")
        for partition, records in fetched.items():
            for raw in records:
                if raw.offset < ends[partition]:
                    yield Record(raw.topic, raw.partition, raw.offset, raw.key, tuple(raw.headers), raw.value)
            read_to[partition] = records[-1].offset + 1


def _check(record: Record, service: str, seen: _Seen, fed: Mapping[str, Fed], findings: Findings) -> None:
    seen.records += 1
    where = f"{record.topic} partition {record.partition} offset {record.offset}"
    try:
        event: FeedEvent = from_record(record.headers, record.value)
    except NotOurs as error:
        findings.add("kafka.record", where, "an event of Ancora", str(error))
        return
    key = event.recorded.envelope.partition_key
    findings.equal("kafka.source", where, service, event.source)
    findings.equal("kafka.key", where, key.encode(), record.key)
    check_record("kafka", event, fed, where, findings)
    place = (event.generation, event.feed_position)
    if place not in seen.places:
        if place < seen.last_of_key.get(key, (0, 0)):
            findings.add("kafka.order", where, f"after {seen.last_of_key[key]} of its key", place)
        seen.last_of_key[key] = place
        seen.places.add(place)
