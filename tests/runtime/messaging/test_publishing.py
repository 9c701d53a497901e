"""Publishing, in memory and on Kafka."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING, Protocol

import pytest

from contracts.cloudevents import from_record
from contracts.envelope import FeedEvent
from contracts.intake import BeneficiaryEnrolled
from contracts.intake_codes import Sex
from services._runtime.decider import Context, Placement
from services._runtime.ids import new_id
from services._runtime.messaging.kafka import KafkaPublisher
from services._runtime.messaging.memory import MemoryBroker
from services._runtime.messaging.publishing import Publisher, Undelivered
from services._runtime.messaging.records import event_of
from services._runtime.messaging.topic_identity import TopicIdentities
from services._runtime.messaging.topics import TopicMismatch, ensure_topics
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.recording import Head, Recorder
from tests.runtime.messaging.worlds import SOURCE, Feed
from tests.support.recorded import SIMULATED

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services._runtime.messaging.records import Record
    from tests.support.kafka import Kafka

UNREACHABLE = "127.0.0.1:9"


class Broker(Protocol):
    """A broker of either kind, with what lies in it."""

    @property
    def publisher(self) -> Publisher:
        """What publishes into it."""
        ...

    @property
    def topic(self) -> str:
        """Where to publish."""
        ...

    async def records(self) -> list[Record]:
        """Return everything published, partition by partition."""
        ...


class _InMemory:
    def __init__(self) -> None:
        self.publisher = self._broker = MemoryBroker()
        self.topic = "t"

    async def records(self) -> list[Record]:
        return self._broker.records(self.topic)


class _OnKafka:
    def __init__(self, kafka: Kafka, topic: str) -> None:
        self.publisher = KafkaPublisher(kafka.bootstrap)
        self.topic = topic
        self._kafka = kafka

    async def records(self) -> list[Record]:
        return await self._kafka.records(self.topic)


@pytest.fixture(params=["memory", "kafka"])
def cluster_of_brokers(request: pytest.FixtureRequest) -> Kafka | None:
    """Give each implementation's cluster in turn; memory has none."""
    if request.param == "memory":
        return None
    found: Kafka = request.getfixturevalue("kafka")
    return found


@pytest.fixture
async def broker(cluster_of_brokers: Kafka | None) -> AsyncIterator[Broker]:
    """Give a broker of each kind in turn."""
    kafka = cluster_of_brokers
    if kafka is None:
        yield _InMemory()
        return
    real = _OnKafka(kafka, await kafka.topic())
    yield real
    await real.publisher.close()


async def test_all_records_arrive_and_those_of_a_key_in_feed_order_in_one_partition(broker: Broker) -> None:
    """Invariants I2 and I3."""
    events = Feed().fill(1500, people=40)
    for start in range(0, len(events), 500):
        await broker.publisher.publish(broker.topic, events[start : start + 500])
    by_key: dict[bytes | None, list[tuple[int, int]]] = defaultdict(list)
    for record in await broker.records():
        by_key[record.key].append((record.partition, event_of(record, SOURCE).feed_position))
    assert sorted(position for places in by_key.values() for _, position in places) == list(range(1, 1501))
    for places in by_key.values():
        assert len({partition for partition, _ in places}) == 1
        assert [position for _, position in places] == sorted(position for _, position in places)


async def test_a_record_carries_the_event_whole(broker: Broker) -> None:
    """Headers and body give back the very event, its digest included."""
    event = Feed().add()
    await broker.publisher.publish(broker.topic, [event])
    (record,) = await broker.records()
    assert record.value == event.recorded.data
    assert record.key == event.recorded.envelope.partition_key.encode()
    assert event_of(record, SOURCE) == event


async def test_nothing_personal_is_on_the_wire(broker: Broker) -> None:
    """Invariant I6: neither headers, key nor body hold a sealed value."""
    secrets = ("Amina Sconosciuta", "XXXXXX00X00X000X", "+39 000 111", "via Segreta 1")
    await broker.publisher.publish(broker.topic, [await _with_sealed_parts(secrets)])
    (record,) = await broker.records()
    wire = b"\x00".join([record.key or b"", record.value or b"", *(name.encode() + (value or b"") for name, value in record.headers)])
    assert not [secret for secret in secrets if secret.encode() in wire]
    assert b'"sex"' in wire
    assert from_record([(name, value or b"") for name, value in record.headers], record.value).recorded.commitment


async def test_memory_and_publisher_put_a_key_where_kafkas_own_clients_do(kafka: Kafka) -> None:
    """The twin stands for the real part only if it divides keys the same way; others may write to our topics by their own rule."""
    ours, theirs, twin, publisher = await kafka.topic(), await kafka.topic(), MemoryBroker(), KafkaPublisher(kafka.bootstrap)
    events = Feed().fill(60, people=60)
    await publisher.publish(ours, events)
    await publisher.close()
    await twin.publish(ours, events)
    await kafka.put(theirs, [(event.recorded.envelope.partition_key.encode(), (), b"") for event in events])
    places = {record.key: record.partition for record in await kafka.records(theirs)}
    assert len(places) == 60
    assert {record.key: record.partition for record in await kafka.records(ours)} == places
    assert {record.key: record.partition for record in twin.records(ours)} == places


async def test_a_broker_that_is_away_is_an_error_within_the_bound() -> None:
    """An idempotent producer would wait for ever."""
    publisher = KafkaPublisher(UNREACHABLE, timeout_s=0.5)
    async with asyncio.timeout(8):
        with pytest.raises(Undelivered):
            await publisher.publish("t", Feed().fill(3))


async def test_a_topic_that_does_not_exist_is_an_error_within_the_bound(kafka: Kafka) -> None:
    """And the publisher works again, with a new producer, once there is one."""
    publisher = KafkaPublisher(kafka.bootstrap, timeout_s=4.0)
    events = Feed().fill(3)
    with pytest.raises(Undelivered):
        await publisher.publish("test.never-created", events)
    topic = await kafka.topic()
    await publisher.publish(topic, events)
    await publisher.close()
    assert len(await kafka.records(topic)) == 3


async def test_after_a_cancelled_send_first_occurrences_are_still_in_order(kafka: Kafka) -> None:
    """Invariant I3: what the cancelled producer had in hand may arrive twice, never after what follows it."""
    topic, publisher = await kafka.topic(), KafkaPublisher(kafka.bootstrap)
    events = Feed().fill(800, people=10)
    await publisher.publish(topic, events[:100])
    for patience_s in (0.0, 0.005, 0.02):
        sending = asyncio.create_task(publisher.publish(topic, events[100:]))
        await asyncio.sleep(patience_s)
        sending.cancel()
        await asyncio.wait([sending])
    await publisher.publish(topic, events[100:])
    await publisher.close()
    firsts: dict[bytes | None, list[int]] = defaultdict(list)
    for record in await kafka.records(topic):
        position = event_of(record, SOURCE).feed_position
        if position not in firsts[record.key]:
            firsts[record.key].append(position)
    assert sorted(position for positions in firsts.values() for position in positions) == list(range(1, 801))
    assert all(positions == sorted(positions) for positions in firsts.values())


async def test_topics_are_created_once_and_a_wrong_number_of_partitions_is_told(kafka: Kafka) -> None:
    """Another number would move keys to other partitions, and their order would be lost."""
    topic = await kafka.topic(partitions=3)
    identities = TopicIdentities(kafka.bootstrap)
    before = await identities.of([topic])
    await ensure_topics(kafka.bootstrap, [topic], partitions=3)
    with pytest.raises(TopicMismatch, match="has 3 partitions, expected 12"):
        await ensure_topics(kafka.bootstrap, [topic])
    assert await identities.of([topic]) == before
    await kafka.create_again(topic, partitions=3)
    after = await identities.of([topic])
    assert after[topic].partitions == 3
    assert after[topic].topic_id != before[topic].topic_id
    await identities.close()


async def _with_sealed_parts(secrets: tuple[str, str, str, str]) -> FeedEvent:
    person = new_id()
    name, code, phone, address = secrets
    enrolled = BeneficiaryEnrolled(
        beneficiary_id=person,
        episode=1,
        organisation="ciac",
        territory="PR",
        sex=Sex.FEMALE,
        given_names=name,
        tax_code=code,
        phone=phone,
        address=address,
        birth_date=date(1999, 9, 9),
    )
    context = Context(
        actor="worker-7",
        organisation="ciac",
        role="case-worker",
        purpose="integration",
        correlation=new_id(),
        now=SIMULATED,
        occurred_on=SIMULATED.date(),
    )
    head = Head(f"person-{person}")
    recorder = Recorder(MemoryKeyring())
    (new,) = await recorder.record([enrolled], head, context=context, placement=Placement(), partition_key=str(person))
    assert new.sealed
    return Feed().add_recorded(new.recorded)
