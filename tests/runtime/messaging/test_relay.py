"""The relay, on every kind of store."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from services._runtime.ids import new_id
from services._runtime.messaging.kafka import KafkaPublisher
from services._runtime.messaging.memory import MemoryBroker
from services._runtime.messaging.publishing import Undelivered
from services._runtime.messaging.records import event_of
from services._runtime.messaging.relay import CursorMoved, Relay, RelayCursor, RelayPosition
from services._runtime.messaging.relay_cursors import MemoryRelayCursor, PostgresRelayCursor
from services._runtime.store.leadership import Leadership
from services._runtime.store.port import NotLeader
from tests.runtime.messaging.worlds import SOURCE, eventually, transactions_of
from tests.support.recorded import opening
from tests.support.store_worlds import MemoryWorld, PostgresWorld

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contracts.envelope import FeedEvent
    from services._runtime.messaging.records import Record
    from services._runtime.store.port import EventStore
    from tests.support.database import Cluster
    from tests.support.kafka import Kafka

StoreWorld = MemoryWorld | PostgresWorld
TOPIC = "t"


@pytest.fixture
def cursor(store_world: StoreWorld) -> RelayCursor:
    """Give the cursor that belongs to the store."""
    if isinstance(store_world, MemoryWorld):
        return MemoryRelayCursor()
    return PostgresRelayCursor(store_world.pool, transactions_of(store_world.pool))


class _CrashingCursor:
    """A process that dies between the acknowledgements and the cursor's advance."""

    def __init__(self, cursor: RelayCursor, crashes: int) -> None:
        self._cursor = cursor
        self._crashes = crashes

    async def read(self) -> RelayPosition:
        return await self._cursor.read()

    async def advance(self, before: RelayPosition, after: RelayPosition) -> None:
        if self._crashes:
            self._crashes -= 1
            raise ConnectionResetError
        await self._cursor.advance(before, after)

    async def follow(self, topic_id: str) -> bool:
        return await self._cursor.follow(topic_id)


class _FailingPublisher:
    """A broker that refuses one event, for as long as `refused` says so."""

    def __init__(self, broker: MemoryBroker, refused: int) -> None:
        self.refused: int | None = refused
        self._broker = broker

    async def publish(self, topic: str, batch: Sequence[FeedEvent]) -> None:
        for event in batch:
            if event.feed_position == self.refused:
                raise Undelivered("refused")
            await self._broker.publish(topic, [event])

    async def identity(self, topic: str) -> str:
        return await self._broker.identity(topic)

    async def close(self) -> None:
        await self._broker.close()


async def test_every_event_of_the_feed_is_sent_and_the_cursor_stands_at_its_end(store_world: StoreWorld, cursor: RelayCursor) -> None:
    """Invariants I2 and I3."""
    await _fed(store_world, streams=7, each=3)
    broker = MemoryBroker()
    relay = Relay(store_world.store, cursor, broker, TOPIC, batch=4)
    assert (await relay.status()).lag == 21
    assert await relay.catch_up() == 21
    assert await cursor.read() == RelayPosition(1, 21)
    assert (await relay.status()).lag == 0
    assert _positions(broker.records(TOPIC)) == list(range(1, 22))
    _assert_first_occurrences_in_order(broker.records(TOPIC))


async def test_a_crash_before_the_cursor_advances_sends_again_and_nothing_is_missing(store_world: StoreWorld, cursor: RelayCursor) -> None:
    """Invariant I3: repeats there may be; first occurrences are in feed order and gapless."""
    await _fed(store_world, streams=6, each=4)
    broker = MemoryBroker()
    relay = Relay(store_world.store, _CrashingCursor(cursor, crashes=2), broker, TOPIC, batch=10)
    for _ in range(2):
        with pytest.raises(ConnectionResetError):
            await relay.catch_up()
    await relay.catch_up()
    assert len(broker.records(TOPIC)) == 10 + 10 + 24
    _assert_first_occurrences_in_order(broker.records(TOPIC))


async def test_a_failed_record_stops_the_relay_and_nothing_overtakes(store_world: StoreWorld, cursor: RelayCursor) -> None:
    """Invariant I3: what follows waits, however long."""
    await _fed(store_world, streams=3, each=4)
    broker = MemoryBroker()
    publisher = _FailingPublisher(broker, refused=6)
    relay = Relay(store_world.store, cursor, publisher, TOPIC, batch=5)
    running = asyncio.create_task(relay.run())
    await eventually(lambda: _failures(relay), 1)
    await asyncio.sleep(0.2)
    assert max(_positions(broker.records(TOPIC))) == 5
    assert (await cursor.read()).feed_position == 5
    publisher.refused = None
    await eventually(lambda: _stands(cursor), 12)
    running.cancel()
    _assert_first_occurrences_in_order(broker.records(TOPIC))


async def test_a_running_relay_sends_what_comes_later(store_world: StoreWorld, cursor: RelayCursor) -> None:
    """It is woken, and polls all the same."""
    broker = MemoryBroker()
    running = asyncio.create_task(Relay(store_world.store, cursor, broker, TOPIC).run())
    await _fed(store_world, streams=1, each=2)
    await eventually(lambda: _stands(cursor), 2)
    assert len(broker.records(TOPIC)) == 2
    running.cancel()


async def test_a_cursor_that_was_set_back_sends_the_feed_again(store_world: StoreWorld, cursor: RelayCursor) -> None:
    """How a wiped broker is refilled."""
    await _fed(store_world, streams=2, each=2)
    broker = MemoryBroker()
    relay = Relay(store_world.store, cursor, broker, TOPIC)
    await relay.catch_up()
    await cursor.advance(RelayPosition(1, 4), RelayPosition(1, 0))
    assert await relay.catch_up() == 4
    assert len(broker.records(TOPIC)) == 8


async def test_the_feeds_of_all_generations_are_sent_one_after_the_other(store_world: StoreWorld, cursor: RelayCursor) -> None:
    """Invariants I2 and I12: a restored store goes on in a new generation, and what was before it is sent to the end."""
    for count in (5, 1, 4):
        await _fed(store_world, streams=1, each=count)
        await store_world.open_generation()
    broker = MemoryBroker()
    relay = Relay(store_world.store, cursor, broker, TOPIC, batch=2)
    assert (await relay.status()).lag == 10
    assert await relay.catch_up() == 10
    assert await cursor.read() == RelayPosition(3, 4)
    assert (await relay.status()).lag == 0
    assert _places(broker.records(TOPIC)) == [*((1, n) for n in range(1, 6)), (2, 1), *((3, n) for n in range(1, 5))]
    await _fed(store_world, streams=1, each=2)
    assert await relay.catch_up() == 2
    assert _places(broker.records(TOPIC))[-2:] == [(4, 1), (4, 2)]


async def test_a_wiped_broker_is_sent_every_generation_again(store_world: StoreWorld, cursor: RelayCursor) -> None:
    """Invariant I12: the topic has another id, so that the relay begins anew by itself, in order."""
    await _fed(store_world, streams=3, each=2)
    await store_world.open_generation()
    await _fed(store_world, streams=2, each=2)
    broker = MemoryBroker()
    await Relay(store_world.store, cursor, broker, TOPIC, batch=4).catch_up()
    before = broker.records(TOPIC)
    broker.wipe()
    assert await Relay(store_world.store, cursor, broker, TOPIC, batch=4).catch_up() == 10
    assert broker.records(TOPIC) == before
    assert _places(before) == [*((1, n) for n in range(1, 7)), *((2, n) for n in range(1, 5))]


async def test_a_cursor_of_before_topics_had_ids_keeps_its_place(store_world: StoreWorld, cursor: RelayCursor) -> None:
    """The first topic that it learns of is the one that it was sent to."""
    await cursor.advance(RelayPosition(1, 0), RelayPosition(1, 5))
    assert not await cursor.follow("one")
    assert not await cursor.follow("one")
    assert await cursor.read() == RelayPosition(1, 5)
    assert await cursor.follow("another")
    assert await cursor.read() == RelayPosition(1, 0)


async def test_on_kafka_a_topic_that_is_deleted_and_created_again_is_refilled(
    kafka: Kafka, store_world: StoreWorld, cursor: RelayCursor
) -> None:
    """Invariant I12, with the real broker: the running relay notices, nothing is set back by hand."""
    await _fed(store_world, streams=3, each=2)
    await store_world.open_generation()
    await _fed(store_world, streams=2, each=2)
    topic = await kafka.topic()
    running = asyncio.create_task(Relay(store_world.store, cursor, KafkaPublisher(kafka.bootstrap, timeout_s=2), topic, batch=4).run())
    await eventually(lambda: _count(kafka, topic), 10)
    await kafka.create_again(topic)
    await eventually(lambda: _count(kafka, topic), 10)
    running.cancel()
    await asyncio.wait([running])
    assert _places(await kafka.records(topic)) == [*((1, n) for n in range(1, 7)), *((2, n) for n in range(1, 5))]


async def test_the_cursor_moves_only_from_where_it_stands(cursor: RelayCursor) -> None:
    """Two relays at once cannot move it over events that neither sent."""
    await cursor.advance(RelayPosition(1, 0), RelayPosition(1, 5))
    for elsewhere in (RelayPosition(1, 0), RelayPosition(1, 6), RelayPosition(2, 5)):
        with pytest.raises(CursorMoved):
            await cursor.advance(elsewhere, RelayPosition(1, 9))
    assert await cursor.read() == RelayPosition(1, 5)


async def test_a_stale_leader_cannot_move_the_cursor(cluster: Cluster) -> None:
    """The epoch is checked in the transaction that moves it."""
    async with cluster.fresh("intake") as database:
        stale = await Leadership(database.dsn, "relay", holder="first").take()
        assert stale is not None
        successor = await Leadership(database.dsn, "relay", holder="second", silence=timedelta(0)).take()
        assert successor is not None
        with pytest.raises(NotLeader):
            async with stale.transaction():
                pass
        async with successor.transaction() as connection:
            assert await connection.fetchval("select cursor from store.relay") == 0
        for lease in (stale, successor):
            await lease.release()


async def test_on_kafka_a_feed_written_by_several_arrives_whole_and_in_order(
    kafka: Kafka, store_world: StoreWorld, cursor: RelayCursor
) -> None:
    """Invariants I2 and I3, with the real broker behind each kind of store."""
    topic = await kafka.topic()
    running = asyncio.create_task(Relay(store_world.store, cursor, KafkaPublisher(kafka.bootstrap), topic, batch=50).run())
    await asyncio.gather(*(_fill(store_world.store, streams=10, each=5) for _ in range(4)))
    sequencer = await store_world.sequencer()
    while await sequencer.sequence():
        pass
    await eventually(lambda: _stands(cursor), 200)
    running.cancel()
    await asyncio.wait([running])
    records = await kafka.records(topic)
    assert _positions(records) == list(range(1, 201))
    _assert_first_occurrences_in_order(records)


async def _fed(world: StoreWorld, *, streams: int, each: int) -> None:
    await _fill(world.store, streams=streams, each=each)
    await (await world.sequencer()).sequence()


async def _fill(store: EventStore, *, streams: int, each: int) -> None:
    for _ in range(streams):
        await store.append(opening(f"person-{new_id()}", each))


async def _stands(cursor: RelayCursor) -> int:
    return (await cursor.read()).feed_position


async def _count(kafka: Kafka, topic: str) -> int:
    return len(await kafka.records(topic))


async def _failures(relay: Relay) -> int:
    return int((await relay.status()).failing is not None)


def _positions(records: Iterable[Record]) -> list[int]:
    return sorted(event_of(record, SOURCE).feed_position for record in records)


def _places(records: Iterable[Record]) -> list[tuple[int, int]]:
    """Return (generation, feed position) of all records, which must lie in this order in each partition."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for record in records:
        event = event_of(record, SOURCE)
        found[record.partition].append((event.generation, event.feed_position))
    assert all(places == sorted(places) for places in found.values())
    return sorted(place for places in found.values() for place in places)


def _assert_first_occurrences_in_order(records: Iterable[Record]) -> None:
    """Per key, and gapless over all; per stream, versions 1, 2, 3."""
    firsts: dict[bytes | None, list[int]] = defaultdict(list)
    versions: dict[str, list[int]] = defaultdict(list)
    for record in records:
        event = event_of(record, SOURCE)
        if event.feed_position not in firsts[record.key]:
            firsts[record.key].append(event.feed_position)
            versions[event.recorded.envelope.stream_id].append(event.recorded.envelope.stream_version)
    assert all(positions == sorted(positions) for positions in firsts.values())
    everything = sorted(position for positions in firsts.values() for position in positions)
    assert everything == list(range(1, len(everything) + 1))
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())
