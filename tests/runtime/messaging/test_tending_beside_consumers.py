"""Retrying and discarding while a consumer goes on: with deliveries out of a seed, on every parking, and on a real Kafka."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from contracts.errors import Refusal
from services._runtime.ids import new_id
from services._runtime.messaging.consuming import Consumer
from services._runtime.messaging.kafka import KafkaPublisher
from services._runtime.messaging.parking import WAITS
from services._runtime.reactions import ProcessManager
from tests.runtime.messaging.reacting import NAME, Bug, Reacting
from tests.runtime.messaging.tended import SOURCES, Tender
from tests.runtime.messaging.worlds import SOURCE, Feed, ParkingWorld, eventually, record_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from contracts.envelope import FeedEvent
    from services._runtime.reactions import Delivered
    from tests.support.kafka import Kafka

BUG = f"{Bug.__module__}.Bug"
FOREIGN = "not ours: a header is missing or malformed (KeyError)"
PERSONS, EVENTS = 2, 12


def _id(event: FeedEvent) -> UUID:
    return event.recorded.envelope.event_id


@dataclass
class Chance:
    """What happens in one run, out of its seed: how often each event fails, and which are discarded."""

    seed: int
    feed: Feed = field(default_factory=Feed)
    failures: dict[UUID, int] = field(default_factory=dict)
    hopeless: set[UUID] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.feed.fill(PERSONS * EVENTS, people=PERSONS)
        for event in self.feed.events:
            self.failures[_id(event)] = self.dice.choice((0, 0, 0, 1, 2))
            if self.dice.random() < 0.05:
                self.hopeless.add(_id(event))

    async def moment(self) -> None:
        """Let others go first, for a while."""
        await asyncio.sleep(self.dice.choice((0, 0, 0.001, 0.003)))

    async def trouble(self, arrived: Delivered) -> None:
        """Fail as often as the event is to fail; for ever where it is hopeless."""
        await self.moment()
        event_id = arrived.envelope.event_id
        self.failures[event_id] -= 1
        if event_id in self.hopeless or self.failures[event_id] >= 0:
            raise Bug

    async def tend(self, tender: Tender, done: asyncio.Event) -> None:
        """Retry what failed, in any order, and discard what is hopeless; until the consumer is done and nothing is left.

        What only waits is never retried: were it left behind when its line goes on, nothing would ever take it away.
        """
        while not done.is_set() or await tender.ids():
            await self.moment()
            parked = await tender.parking.page(after=0, limit=100)
            hopeless = [kept.parked_id for kept in parked if kept.event is not None and kept.event.event_id in self.hopeless]
            failed = [kept.parked_id for kept in parked if kept.reason == BUG]
            with suppress(Refusal):
                if hopeless and self.dice.random() < 0.2:
                    await tender.discard(self.dice.choice(hopeless))
                elif failed:
                    await tender.retry(self.dice.choice(failed))


@pytest.mark.parametrize("seed", range(6))
async def test_whoever_retries_beside_a_consumer_loses_doubles_and_reorders_nothing(parking_world: ParkingWorld, seed: int) -> None:
    """I3, I4: two people retry and discard while the consumer parks more of the same keys behind, and delivers some of them again."""
    chance, reacting = Chance(seed), Reacting(parking_world.store, parking_world.parking)
    reacting.trouble = chance.trouble
    done = asyncio.Event()

    async def consume() -> None:
        delivery = reacting.delivery(SOURCES)
        for number, event in enumerate(chance.feed.events):
            await chance.moment()
            await delivery.settle(record_of(event, offset=event.feed_position))
            if chance.dice.random() < 0.2:
                # Its offset was not committed: some of what was delivered comes again, in order.
                for again in chance.feed.events[max(0, number - 5) : number + 1]:
                    await delivery.settle(record_of(again, offset=again.feed_position))
        done.set()

    tenders = [Tender(reacting, parking_world.elsewhere()) for _ in range(2)]
    async with asyncio.timeout(60):
        await asyncio.gather(consume(), *(chance.tend(tender, done) for tender in tenders))
    assert await parking_world.reasons() == []
    for event in chance.feed.events:
        assert await reacting.effects(_id(event)) == (_id(event) not in chance.hopeless), f"seed {seed}"
        assert await reacting.store.handled(NAME, _id(event))
    for person in {event.recorded.envelope.partition_key for event in chance.feed.events}:
        ids = [_id(event) for event in chance.feed.events if event.recorded.envelope.partition_key == person]
        assert await reacting.order(*ids) == [one for one in ids if one not in chance.hopeless], f"seed {seed}"


async def test_on_a_real_kafka_what_waits_is_applied_in_order_while_more_of_its_key_comes(
    kafka: Kafka, parking_world: ParkingWorld
) -> None:
    """I3, I4: a failing reaction, later events behind it, a foreign record beside it; then a retry in the middle of new events."""
    topic, feed, person = await kafka.topic(partitions=1), Feed(), new_id()
    reacting = Reacting(parking_world.store, parking_world.parking)
    reacting.manager = ProcessManager(f"{NAME}-{new_id()}", (SOURCE,), reacting.manager.reactions)
    events = [feed.add(person) for _ in range(5)]
    neighbour = feed.add()
    mended = asyncio.Event()

    async def trouble(arrived: Delivered) -> None:
        if arrived.envelope.event_id == _id(events[0]) and not mended.is_set():
            raise Bug
        await asyncio.sleep(0.002)

    reacting.trouble = trouble
    publisher = KafkaPublisher(kafka.bootstrap)
    await publisher.publish(topic, feed.events[:3])
    await kafka.put(topic, [(str(person).encode(), (), b"rubbish")])
    await publisher.publish(topic, feed.events[3:])
    tender = Tender(reacting, parking_world.elsewhere(), topic=topic)
    async with _consuming(kafka, topic, reacting):
        await eventually(lambda: parking_world.parking.count(reacting.manager.name), 6)
        assert await parking_world.reasons() == [BUG, WAITS, WAITS, FOREIGN, WAITS, WAITS]
        await eventually(lambda: reacting.effects(_id(neighbour)), 1)
        mended.set()
        front = next(kept for kept in await tender.parking.page(after=0, limit=9) if kept.reason == BUG)
        later = [feed.add(person) for _ in range(40)]
        await asyncio.gather(tender.retry(front.parked_id), publisher.publish(topic, later))
        ids = [_id(event) for event in (*events, *later)]

        async def applied() -> int:
            return len(await reacting.order(*ids))

        await eventually(applied, len(ids))
    await publisher.close()
    assert await reacting.order(*ids) == ids
    assert [await reacting.effects(one) for one in ids] == [1] * len(ids)
    assert await parking_world.reasons() == [FOREIGN]
    await tender.discard((await tender.ids())[0])
    assert await tender.ids() == []


@asynccontextmanager
async def _consuming(kafka: Kafka, topic: str, reacting: Reacting) -> AsyncIterator[None]:
    consumer = Consumer(kafka.bootstrap, (topic,), reacting.delivery({topic: SOURCE}), reacting.parking)
    running = asyncio.create_task(consumer.run())
    try:
        yield
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.wait([running])
