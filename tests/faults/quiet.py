"""Knowing that nothing is on its way any more: feeds, topics, consumers, journal and read models are all level."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from contracts.topics import FEEDS, PARTITIONS, SERVICES, topic_of

if TYPE_CHECKING:
    import asyncpg

    from tests.faults.world import World

GROUPS = {
    "intake.process-managers": SERVICES,
    "pathways.process-managers": ("intake", "tutors"),
    "tutors.process-managers": SERVICES,
    "reporting.process-managers": ("intake", "tutors"),
}
_AGAIN_S = 0.2

_HEAD = """
select (select count(*) from store.outbox), (select coalesce(max(feed_position), 0) from store.feed), (select cursor from store.relay)
"""
_JOURNALLED = "select source, max(feed_position) from messaging.journal group by 1"
_BEHIND = "select count(*) from projecting.build b join projecting.model m using (name) where b.build = m.active_build and b.position < $1"


class NotQuiet(AssertionError):
    """Something does not come to rest; the text says what."""


async def quiet(world: World, *, within_s: float = 120.0) -> dict[str, int]:
    """Wait until all that is stored has had all its effects; return the feeds' heads. Raises `NotQuiet`."""
    deadline = time.monotonic() + within_s
    connections = {feed: await world.superuser(feed) for feed in FEEDS}
    admin = AIOKafkaAdminClient(bootstrap_servers=world.direct.kafka)
    consumer = AIOKafkaConsumer(bootstrap_servers=world.direct.kafka, enable_auto_commit=False)
    try:
        await admin.start()
        await consumer.start()
        before: dict[str, int] = {}
        while True:
            heads, waiting = await _looked_at(connections, admin, consumer)
            # Effects are events too: level counts only where nothing was added since everything was seen to be level.
            if not waiting and heads == before:
                return heads
            before = {} if waiting else heads
            if time.monotonic() > deadline:
                raise NotQuiet(f"not at rest within {within_s} s: {', '.join(waiting) or 'events follow events'}")
            await asyncio.sleep(_AGAIN_S)
    finally:
        await consumer.stop()
        await admin.close()
        for connection in connections.values():
            connection.terminate()


async def _looked_at(
    connections: dict[str, asyncpg.Connection], admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer
) -> tuple[dict[str, int], list[str]]:
    """Return the feeds' heads, and who is behind."""
    heads: dict[str, int] = {}
    waiting: list[str] = []
    for feed, connection in connections.items():
        ((outbox, head, cursor),) = await connection.fetch(_HEAD)
        heads[feed] = head
        if outbox:
            waiting.append(f"{outbox} events of {feed} without a feed position")
        if cursor != head:
            waiting.append(f"the relay of {feed} at {cursor} of {head}")
        if feed in SERVICES and feed != "reporting" and (behind := await connection.fetchval(_BEHIND, head)):
            waiting.append(f"{behind} lists of {feed}")
    reporting = connections["reporting"]
    journalled: dict[str, int] = {row[0]: row[1] for row in await reporting.fetch(_JOURNALLED)}
    waiting += [f"the journal at {journalled.get(name, 0)} of {name}" for name, head in heads.items() if journalled.get(name, 0) != head]
    if behind := await reporting.fetchval(_BEHIND, sum(journalled.values())):
        waiting.append(f"{behind} read models")
    waiting += await _uncommitted(admin, consumer)
    return heads, waiting


async def _uncommitted(admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer) -> list[str]:
    """Return the groups that have not settled all there is."""
    behind = []
    for group, sources in GROUPS.items():
        partitions = [TopicPartition(topic_of(source), number) for source in sources for number in range(PARTITIONS)]
        ends = await consumer.end_offsets(partitions)
        committed = await admin.list_consumer_group_offsets(group)
        left = sum(ends[one] - (committed[one].offset if one in committed else 0) for one in partitions)
        if left:
            behind.append(f"{group} by {left} records")
    return behind
