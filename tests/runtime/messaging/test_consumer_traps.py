"""What a Kafka client does by default and must not do here: each of these defaults loses records, or stands still, unseen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from services._runtime.ids import new_id
from services._runtime.messaging.consuming import Endurance
from services._runtime.messaging.parking_memory import MemoryParking
from tests.runtime.messaging.groups import Group, consuming, id_of, publish
from tests.runtime.messaging.reacting import Bug
from tests.runtime.messaging.worlds import Feed, eventually
from tests.support.store_worlds import MemoryWorld

if TYPE_CHECKING:
    from services._runtime.reactions import Delivered
    from tests.support.kafka import Kafka


@pytest.fixture
def group() -> Group:
    """Give a group over a store in memory: it is the client that is on trial."""
    return Group(MemoryWorld().store, MemoryParking())


async def test_what_lay_in_the_topic_before_the_group_existed_is_read(kafka: Kafka, group: Group) -> None:
    """A client begins with the latest record by default."""
    topic, feed = await kafka.topic(partitions=1), Feed()
    await publish(kafka, topic, feed.fill(3))
    async with consuming(kafka, topic, group):
        await eventually(lambda: group.handled(feed.events), 3, patience_s=8)


async def test_the_offset_of_what_is_in_hand_is_never_committed(kafka: Kafka, group: Group) -> None:
    """Invariant I4: FastStream acknowledges first by default, and a bare commit takes all that was fetched for done."""
    topic, feed = await kafka.topic(partitions=1), Feed()
    third = asyncio.Event()

    async def hang_at_the_third(_arrived: Delivered) -> None:
        if len(group.tried) == 3:
            third.set()
            await asyncio.Event().wait()

    group.trouble = hang_at_the_third
    await publish(kafka, topic, feed.fill(10))
    async with consuming(kafka, topic, group), asyncio.timeout(10):
        await third.wait()
        await eventually(lambda: _committed(kafka, group), 2, patience_s=3)
    assert await kafka.committed(group.manager.name) == {0: 2}, "not even by leaving"


async def test_headers_that_are_no_text_hide_no_record(kafka: Kafka, group: Group) -> None:
    """FastStream's own parser raises at them: the record is dropped, or what follows it never comes, and nobody learns it."""
    topic, feed = await kafka.topic(partitions=1), Feed()
    await publish(kafka, topic, feed.fill(1))
    await kafka.put(topic, [(b"k", (("ce_specversion", b"\xff"),), b"{}"), (b"k", (("content-type", None),), None)])
    await publish(kafka, topic, feed.fill(1))
    async with consuming(kafka, topic, group):
        await eventually(lambda: group.handled(feed.events), 2, patience_s=8)
        await eventually(lambda: group.parking.count(group.manager.name), 2, patience_s=8)


async def test_poison_is_not_delivered_again_and_again_before_its_neighbours(kafka: Kafka, group: Group) -> None:
    """To refuse the acknowledgement of what raises reads it again at once, for ever, and its partition stands."""
    topic, feed = await kafka.topic(partitions=1), Feed()
    poison, *neighbours = (feed.add(new_id()) for _ in range(4))

    async def fail(arrived: Delivered) -> None:
        if arrived.envelope.event_id == id_of(poison):
            raise Bug

    group.trouble = fail
    await publish(kafka, topic, feed.events)
    async with consuming(kafka, topic, group):
        await eventually(lambda: group.handled(neighbours), 3, patience_s=8)
        await eventually(lambda: group.parking.count(group.manager.name), 1, patience_s=8)
    assert not await group.handled([poison])


async def test_a_consumer_without_a_partition_joins_its_group_anew(kafka: Kafka, group: Group) -> None:
    """After its poll interval a client that has none would never ask again, and nobody took over from one that died."""
    topic = await kafka.topic(partitions=1)
    endurance = Endurance(unassigned_s=3)
    async with consuming(kafka, topic, group, endurance):
        await eventually(lambda: _members(kafka, group), 1)
        async with consuming(kafka, topic, group, endurance):
            await eventually(lambda: _members(kafka, group), 2)
            before = await kafka.members(group.manager.name)
            await eventually(lambda: _joined_since(kafka, group, before), 1, patience_s=10)


async def _committed(kafka: Kafka, group: Group) -> int:
    return (await kafka.committed(group.manager.name)).get(0, 0)


async def _members(kafka: Kafka, group: Group) -> int:
    return len(await kafka.members(group.manager.name))


async def _joined_since(kafka: Kafka, group: Group, before: set[str]) -> bool:
    return bool(await kafka.members(group.manager.name) - before)
