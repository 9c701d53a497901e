"""I10 from inside: whatever is changed, removed or slipped in behind the services' backs, `ancora verify` names it and exits 1.

What can be undone is undone. What cannot, a record in Kafka, stays: this module comes last, and those tests last in it.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, LiteralString

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from contracts.topics import PARTITIONS
from tests.journeys.callers import Callers, PersonsWay
from tests.support.kafka import kafka_at
from tests.support.whole import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiokafka import ConsumerRecord
    from psycopg import Connection

    from tests.support.whole import Ancora

TOPIC = "ancora.intake"


@pytest.fixture(scope="module")
def lived(ancora: Ancora) -> Ancora:
    """Have an Ancora in which something happened, and in which `verify` found nothing wrong."""
    with Callers(ancora) as callers:
        way = PersonsWay(callers).enrolled().admitted()
        way.with_baseline()
    code, findings = ancora.verify()
    assert (code, findings) == (0, [])
    return ancora


@contextmanager
def behind_the_back(ancora: Ancora, service: str, table: LiteralString) -> Iterator[Connection]:
    """Be a superuser who first takes the table's guard away, and puts it back when done."""
    with ancora.superuser(service) as connection:
        connection.execute(f"alter table {table} disable trigger unalterable")
        yield connection
        connection.execute(f"alter table {table} enable always trigger unalterable")


def found_by(ancora: Ancora) -> dict[str, list[dict[str, str]]]:
    """Return what `verify` finds, by check; each finding says where, what was expected and what was found."""
    code, findings = ancora.verify()
    assert (code, bool(findings)) == (1, True)
    for finding in findings:
        assert set(finding) == {"check", "where", "expected", "found"}
        assert finding["where"]
        assert finding["expected"] != finding["found"]
    return {check: [one for one in findings if one["check"] == check] for check in {one["check"] for one in findings}}


def test_a_changed_byte_of_an_event_is_named(lived: Ancora) -> None:
    """The event's digest is not that of its bytes any more; nothing else is suspected."""
    change = (
        "update store.events set data = set_byte(data, 3, get_byte(data, 3) # 1) where position = 2 returning stream_id, stream_version"
    )
    with behind_the_back(lived, "intake", "store.events") as connection:
        row = connection.execute(change).fetchone()
        assert row is not None
        try:
            found = found_by(lived)
        finally:
            connection.execute(change)
    assert [one["where"] for one in found["store.digest"]] == [f"intake {row[0]} version {row[1]}"]


def test_a_changed_link_of_the_feed_is_named(lived: Ancora) -> None:
    """The chain breaks there, and what Kafka and the journal carry is not the feed's any more."""
    change = "update store.feed set chain = set_byte(chain, 0, get_byte(chain, 0) # 1) where feed_position = 2"
    with behind_the_back(lived, "intake", "store.feed") as connection:
        connection.execute(change)
        try:
            found = found_by(lived)
        finally:
            connection.execute(change)
    assert "intake generation 1 feed position 2" in {one["where"] for one in found["feed.chain"]}
    for check in ("journal.chain", "kafka.chain"):
        assert {one["where"].partition(" = ")[2] for one in found[check]} == {"intake generation 1 feed position 2"}


def test_an_event_left_out_of_the_feed_is_named(lived: Ancora) -> None:
    """Omission is found in the place that omits."""
    with behind_the_back(lived, "pathways", "store.feed") as connection:
        connection.execute("create temp table kept as select * from store.feed where feed_position = 1")
        connection.execute("delete from store.feed where feed_position = 1")
        try:
            found = found_by(lived)
        finally:
            connection.execute("insert into store.feed select * from kept")
    assert found["feed.omitted"][0]["where"].startswith("pathways position ")
    assert found["feed.dense"][0]["where"] == "pathways generation 1 feed position 2"


def test_a_removed_journal_row_is_named(lived: Ancora) -> None:
    """The journal is dense, and so is each feed in it."""
    with behind_the_back(lived, "reporting", "messaging.journal") as connection:
        connection.execute("create temp table kept as select * from messaging.journal where position = 2")
        connection.execute("delete from messaging.journal where position = 2")
        try:
            found = found_by(lived)
        finally:
            connection.execute("insert into messaging.journal select * from kept")
    assert [(one["expected"], one["found"]) for one in found["journal.dense"]] == [("2", "3")]
    assert "journal.contiguous" in found


def test_a_changed_row_of_a_read_model_is_named(lived: Ancora) -> None:
    """Of all models, this one is not its replay."""
    with lived.superuser("reporting") as connection:
        connection.execute("update read_model.territory_progress set admitted = admitted + 1")
        try:
            found = found_by(lived)
        finally:
            connection.execute("update read_model.territory_progress set admitted = admitted - 1")
    assert set(found) == {"model.rows"}
    assert [one["where"].split(" at ")[0] for one in found["model.rows"]] == ["reporting territory_progress"]


def test_a_type_of_event_that_nobody_recorded_is_named_where_it_is_asked(lived: Ancora) -> None:
    """A few persons' first days are no caseload: what they brought forth is not named, a contact regained that nobody lost is."""
    code, findings = lived.verify("--coverage")
    missing = {one["where"] for one in findings}
    assert (code, {one["check"] for one in findings}) == (1, {"coverage.type"})
    assert "pathways.contact_regained" in missing
    assert not missing & {"intake.beneficiary_enrolled", "pathways.pathway_opened"}


def test_undone_changes_leave_no_trace(lived: Ancora) -> None:
    """Each finding above came from its change alone."""
    assert lived.verify() == (0, [])


async def an_event_in_kafka(ancora: Ancora) -> ConsumerRecord:
    """Return a record of the topic that carries an event."""
    consumer = AIOKafkaConsumer(bootstrap_servers=ancora.kafka, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(TOPIC, number) for number in range(PARTITIONS)])
    await consumer.start()
    try:
        return await consumer.getone()
    finally:
        await consumer.stop()


async def produced(ancora: Ancora, key: bytes, headers: list[tuple[str, bytes]], value: bytes) -> str:
    """Put a record into the topic as anybody could who reaches Kafka; return where it lies, as `verify` says it."""
    producer = AIOKafkaProducer(bootstrap_servers=ancora.kafka)
    await producer.start()
    try:
        sent = await producer.send_and_wait(TOPIC, value, key=key, headers=headers)
    finally:
        await producer.stop()
    return f"{TOPIC} partition {sent.partition} offset {sent.offset}"


async def test_an_altered_copy_in_kafka_is_named_and_has_no_effect(lived: Ancora) -> None:
    """Same headers, another body: the digest tells, here and in every consumer."""
    events = await asyncio.to_thread(lived.events)
    record = await an_event_in_kafka(lived)
    altered = record.value.replace(b"true", b"null").replace(b"}", b" }")
    place = await produced(lived, record.key, list(record.headers), altered)
    found = await asyncio.to_thread(found_by, lived)
    assert [one["where"] for one in found["kafka.digest"]] == [place]
    assert set(found) == {"kafka.digest"}
    assert await asyncio.to_thread(lived.events) == events


async def test_a_foreign_record_in_kafka_is_named_and_stops_nobody(lived: Ancora) -> None:
    """Whatever lies in a topic, even what the client cannot decode, ingester and consumers go on behind it."""
    record = await an_event_in_kafka(lived)
    place = await produced(lived, record.key, [("ce_id", b"\xff\xfe")], b"not an event")
    async with kafka_at(lived.kafka) as kafka:
        await kafka.put_unreadable(TOPIC, partition=record.partition)
    found = await asyncio.to_thread(found_by, lived)
    assert [one["where"] for one in found["kafka.record"]] == [place, f"{place.rpartition(' ')[0]} {int(place.rpartition(' ')[2]) + 1}"]

    def lives_on() -> None:
        with Callers(lived) as callers:
            way = PersonsWay(callers).enrolled()
            way.pathway()
            eventually(lambda: "pathways.pathway_opened" in {one["type"] for one in way.timeline()})

    await asyncio.to_thread(lives_on)
    parked = {one["name"]: one["parked"] for one in (await asyncio.to_thread(lived.status))["services"]}
    assert parked["pathways"] >= 3
