"""What Kafka holds of every feed: nothing altered, nothing foreign, nothing missing, first occurrences in feed order per key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.cloudevents import NotOurs, from_record
from contracts.topics import FEEDS, topic_of
from services.cli.verification.records import check_record
from services.cli.verification.topics import reading, records_up_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.envelope import FeedEvent
    from services._runtime.messaging.records import Record
    from services.cli.verification.findings import Findings
    from services.cli.verification.stores import Fed
    from services.cli.verification.topics import Ends


async def check_kafka(
    bootstrap: str, ends: Ends, fed: Mapping[str, Fed], relayed: Mapping[str, tuple[int, int]], findings: Findings
) -> None:
    """Read every topic from its beginning to `ends`, which are older than `fed` and younger than `relayed`.

    `relayed` is up to where each feed must be there: (generation, cursor).
    """
    async with reading(bootstrap) as consumer:
        for feed in FEEDS:
            topic = topic_of(feed)
            seen = _Seen()
            async for record in records_up_to(
                consumer, bootstrap, {partition: end for partition, end in ends.items() if partition.topic == topic}
            ):
                _check(record, feed, seen, fed, findings)
            findings.checked[f"kafka.{topic}"] = seen.records
            generation, cursor = relayed[feed]
            for place in fed[feed].up_to(generation, cursor):
                if place not in seen.places:
                    findings.add("kafka.missing", f"{topic} generation {place[0]} feed position {place[1]}", "a record", None)


class _Seen:
    """What was read of one topic so far."""

    def __init__(self) -> None:
        self.records = 0
        self.places: set[tuple[int, int]] = set()
        self.last_of_key: dict[str, tuple[int, int]] = {}


def _check(record: Record, feed: str, seen: _Seen, fed: Mapping[str, Fed], findings: Findings) -> None:
    seen.records += 1
    where = f"{record.topic} partition {record.partition} offset {record.offset}"
    try:
        event: FeedEvent = from_record(record.headers, record.value)
    except NotOurs as error:
        findings.add("kafka.record", where, "an event of Ancora", str(error))
        return
    key = event.recorded.envelope.partition_key
    findings.equal("kafka.source", where, feed, event.source)
    findings.equal("kafka.key", where, key.encode(), record.key)
    check_record("kafka", event, fed, where, findings)
    place = (event.generation, event.feed_position)
    if place not in seen.places:
        if place < seen.last_of_key.get(key, (0, 0)):
            findings.add("kafka.order", where, f"after {seen.last_of_key[key]} of its key", place)
        seen.last_of_key[key] = place
        seen.places.add(place)
