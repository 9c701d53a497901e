"""What Kafka holds of every feed: nothing altered, nothing foreign, nothing missing, first occurrences in feed order per key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition

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

_FETCH_WAIT_MS = 20
_BATCH = 5000


async def check_kafka(bootstrap: str, fed: Mapping[str, Fed], relayed: Mapping[str, tuple[int, int]], findings: Findings) -> None:
    """Read every topic from its beginning to its present end; `relayed` is each service's (generation, relay cursor) before that."""
    # A fetch that finds nothing to wait for keeps the broker's patience from the next topic's records.
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=_FETCH_WAIT_MS
    )
    await consumer.start()
    try:
        for service in SERVICES:
            topic = topic_of(service)
            seen = _Seen()
            async for record in _to_its_end(consumer, bootstrap, topic):
                _check(record, service, seen, fed, findings)
            findings.checked[f"kafka.{topic}"] = seen.records
            generation, cursor = relayed[service]
            for feed_position in range(1, cursor + 1):
                if (generation, feed_position) not in seen.places:
                    findings.add("kafka.missing", f"{topic} generation {generation} feed position {feed_position}", "a record", None)
    finally:
        await consumer.stop()


class _Seen:
    """What was read of one topic so far."""

    def __init__(self) -> None:
        self.records = 0
        self.places: set[tuple[int, int]] = set()
        self.last_of_key: dict[str, tuple[int, int]] = {}


async def _to_its_end(consumer: AIOKafkaConsumer, bootstrap: str, topic: str) -> AsyncIterator[Record]:
    """Read what the topic holds now; what the client cannot read comes as a record without content."""
    partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    ends = await consumer.end_offsets(partitions)
    read_to = {partition: begin for partition, begin in (await consumer.beginning_offsets(partitions)).items() if begin < ends[partition]}
    consumer.assign(list(read_to))
    for partition, begin in read_to.items():
        consumer.seek(partition, begin)
    batch = _BATCH
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
        for partition, records in fetched.items():
            for raw in records:
                if raw.offset < ends[partition]:
                    yield Record(topic, raw.partition, raw.offset, raw.key, tuple(raw.headers), raw.value)
            read_to[partition] = records[-1].offset + 1


def _check(record: Record, service: str, seen: _Seen, fed: Mapping[str, Fed], findings: Findings) -> None:
    seen.records += 1
    where = f"{record.topic} partition {record.partition} offset {record.offset}"
    try:
        event: FeedEvent = from_record([(name, value or b"") for name, value in record.headers], record.value)
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
