"""What Kafka holds of every feed: nothing altered, nothing foreign, nothing missing, first occurrences in feed order per key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition

from contracts.cloudevents import NotOurs, from_record
from contracts.topics import PARTITIONS, SERVICES, topic_of
from services.cli.verification.records import check_record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from aiokafka import ConsumerRecord

    from contracts.envelope import FeedEvent
    from services.cli.verification.findings import Findings
    from services.cli.verification.stores import Fed


async def check_kafka(bootstrap: str, fed: Mapping[str, Fed], relayed: Mapping[str, tuple[int, int]], findings: Findings) -> None:
    """Read every topic from its beginning to its present end; `relayed` is each service's (generation, relay cursor) before that."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest")
    await consumer.start()
    try:
        for service in SERVICES:
            topic = topic_of(service)
            seen = _Seen()
            async for record in _to_its_end(consumer, topic):
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


async def _to_its_end(consumer: AIOKafkaConsumer, topic: str) -> AsyncIterator[ConsumerRecord]:
    partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
    ends = await consumer.end_offsets(partitions)
    left = {partition for partition in partitions if ends[partition] > 0}
    consumer.assign(partitions)
    await consumer.seek_to_beginning(*partitions)
    while left:
        for partition, records in (await consumer.getmany(timeout_ms=1000, max_records=5000)).items():
            for record in records:
                if record.offset < ends[partition]:
                    yield record
        left = {partition for partition in left if await consumer.position(partition) < ends[partition]}


def _check(record: ConsumerRecord, service: str, seen: _Seen, fed: Mapping[str, Fed], findings: Findings) -> None:
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
