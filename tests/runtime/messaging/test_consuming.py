"""Consumers on a real Kafka: at least once, in order, one partition beside the other."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiokafka.partitioner import murmur2

from services._runtime.ids import new_id
from services._runtime.messaging.lanes import FULL
from services._runtime.messaging.parking import WAITS
from tests.runtime.messaging.groups import Group, consuming, id_of, publish
from tests.runtime.messaging.reacting import Bug
from tests.runtime.messaging.worlds import Feed, ParkingWorld, eventually

if TYPE_CHECKING:
    from uuid import UUID

    from services._runtime.messaging.consuming import Consumer
    from services._runtime.reactions import Delivered
    from tests.support.kafka import Kafka


async def test_what_was_published_before_the_consumer_came_is_handled_in_the_order_of_its_key(
    kafka: Kafka, parking_world: ParkingWorld
) -> None:
    """It begins with the earliest record, not with the latest; some hundred records do not make it hurry past."""
    topic, group, feed = await kafka.topic(), Group(parking_world.store, parking_world.parking), Feed()
    events = feed.fill(FULL, people=3)
    await publish(kafka, topic, events)
    async with consuming(kafka, topic, group) as consumer:
        await eventually(lambda: group.handled(events), len(events), patience_s=40)
        await publish(kafka, topic, feed.fill(20, people=3))
        await eventually(lambda: group.handled(feed.events), len(feed.events))
        status = await consumer.status()
    assert status.parked == 0
    assert {partition.partition for partition in status.partitions} == set(range(12))
    by_key: dict[str, list[UUID]] = {}
    for event in feed.events:
        by_key.setdefault(event.recorded.envelope.partition_key, []).append(id_of(event))
    for ids in by_key.values():
        assert [tried for tried in group.tried if tried in set(ids)] == ids


async def test_more_than_a_lane_holds_pauses_its_partition_and_is_handled_all_the_same(kafka: Kafka, parking_world: ParkingWorld) -> None:
    """Memory is bounded; nothing is skipped where a partition was paused and went on."""
    topic, group, feed, person = await kafka.topic(partitions=1), Group(parking_world.store, parking_world.parking), Feed(), new_id()
    events = [feed.add(person) for _ in range(3 * FULL)]
    held = asyncio.Event()

    async def hold(_arrived: Delivered) -> None:
        await held.wait()

    group.trouble = hold
    await publish(kafka, topic, events)
    async with consuming(kafka, topic, group):
        await asyncio.sleep(2)
        held.set()
        await eventually(lambda: group.handled(events), len(events), patience_s=60)
    assert group.tried == [id_of(event) for event in events]


async def test_a_consumer_killed_midway_handles_again_and_has_no_second_effect(kafka: Kafka, parking_world: ParkingWorld) -> None:
    """Invariant I4: the offset of a record in hand is not committed, and a repeat is known by the inbox."""
    topic, group, feed = await kafka.topic(), Group(parking_world.store, parking_world.parking), Feed()
    events = feed.fill(40, people=8)
    in_hand = asyncio.Event()

    async def hang(_arrived: Delivered) -> None:
        if len(group.tried) > 10:
            in_hand.set()
            await asyncio.Event().wait()

    group.trouble = hang
    await publish(kafka, topic, events)
    async with consuming(kafka, topic, group):
        await in_hand.wait()
        # Longer than from one commit to the next: what is in hand must not be among what is committed.
        await asyncio.sleep(1.5)
    assert await group.handled(events) < len(events)
    group.trouble = None
    async with consuming(kafka, topic, group):
        await eventually(lambda: group.handled(events), len(events))
    assert [await group.effects(id_of(event)) for event in events] == [1] * len(events)


async def test_a_slow_partition_and_poison_do_not_block_their_neighbours(kafka: Kafka, parking_world: ParkingWorld) -> None:
    """And the later events of the poisoned key wait behind it."""
    topic, group, feed = await kafka.topic(), Group(parking_world.store, parking_world.parking), Feed()
    slow, poisoned, *others = _people_apart(12)
    events = {person: [feed.add(person), feed.add(person)] for person in (slow, poisoned, *others)}

    async def trouble(arrived: Delivered) -> None:
        if arrived.envelope.event_id == id_of(events[slow][0]):
            await asyncio.Event().wait()
        if arrived.envelope.event_id == id_of(events[poisoned][0]):
            raise Bug

    group.trouble = trouble
    await publish(kafka, topic, feed.events)
    neighbours = [event for person in others for event in events[person]]
    async with consuming(kafka, topic, group) as consumer:
        await eventually(lambda: group.handled(neighbours), len(neighbours))
        await eventually(lambda: parking_world.parking.count(group.manager.name), 2)
        assert (await consumer.status()).parked == 2
    assert await parking_world.reasons() == [f"{Bug.__module__}.Bug", WAITS]
    assert await group.handled(feed.events) == len(neighbours)


async def test_rubbish_is_parked_alone_and_its_neighbours_are_handled(kafka: Kafka, parking_world: ParkingWorld) -> None:
    """No headers, headers that are no text, and a record that the client itself cannot read."""
    topic, group, feed = await kafka.topic(partitions=1), Group(parking_world.store, parking_world.parking), Feed()
    await publish(kafka, topic, feed.fill(3))
    await kafka.put(topic, [(None, (), b"rubbish"), (b"k", (("ce_specversion", b"\xff"),), b"{}"), (b"k", (("content-type", None),), None)])
    await kafka.put_unreadable(topic, partition=0)
    await publish(kafka, topic, feed.fill(3))
    async with consuming(kafka, topic, group) as consumer:
        await eventually(lambda: group.handled(feed.events), 6, patience_s=40)
        assert (await consumer.status()).parked == 4
    reasons = await parking_world.reasons()
    assert all(reason.startswith("not ours: ") for reason in reasons)
    assert reasons[-1] == "not ours: the client cannot read it"


async def test_two_consumers_share_the_partitions_and_what_one_leaves_the_other_takes(kafka: Kafka, parking_world: ParkingWorld) -> None:
    """Invariant I4, over a rebalance in the middle of work."""
    topic, group, feed = await kafka.topic(), Group(parking_world.store, parking_world.parking), Feed()
    await publish(kafka, topic, feed.fill(200, people=40))
    async with consuming(kafka, topic, group) as first:
        await eventually(lambda: _partitions(first), 12)
        async with consuming(kafka, topic, group) as second:
            await eventually(lambda: _partitions(second), 6)
            await publish(kafka, topic, feed.fill(100, people=40))
            await eventually(lambda: group.handled(feed.events), 300, patience_s=40)
        await publish(kafka, topic, feed.fill(50, people=40))
        await eventually(lambda: group.handled(feed.events), 350, patience_s=40)
    assert [await group.effects(id_of(event)) for event in feed.events] == [1] * 350


async def test_a_caught_up_consumer_makes_progress_and_a_stuck_one_does_not(kafka: Kafka, parking_world: ParkingWorld) -> None:
    """Readiness is the age of the last progress, per partition."""
    topic, group, feed = await kafka.topic(partitions=2), Group(parking_world.store, parking_world.parking), Feed()

    async def hang(_arrived: Delivered) -> None:
        await asyncio.Event().wait()

    group.trouble = hang
    async with consuming(kafka, topic, group) as consumer:
        await eventually(lambda: _partitions(consumer), 2)
        await asyncio.sleep(2.5)
        assert all(partition.progress_age_s < 2 for partition in (await consumer.status()).partitions)
        await publish(kafka, topic, [feed.add()])
        await asyncio.sleep(3.5)
        ages = sorted(partition.progress_age_s for partition in (await consumer.status()).partitions)
    assert ages[0] < 2 < ages[1]


def _people_apart(count: int) -> list[UUID]:
    """Return people whose keys lie in as many different partitions."""
    found: dict[int, UUID] = {}
    while len(found) < count:
        person = new_id()
        found.setdefault((murmur2(str(person).encode()) & 0x7FFFFFFF) % 12, person)
    return list(found.values())


async def _partitions(consumer: Consumer) -> int:
    return len((await consumer.status()).partitions)
