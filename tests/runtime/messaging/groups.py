"""Consumer groups for tests on a real Kafka: one that no other test shares, its consumers, and what it is to read."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from services._runtime.ids import new_id
from services._runtime.messaging.consuming import Consumer, Endurance
from services._runtime.messaging.kafka import KafkaPublisher
from services._runtime.reactions import ProcessManager
from tests.runtime.messaging.reacting import NAME, Reacting
from tests.runtime.messaging.worlds import SOURCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from uuid import UUID

    from contracts.envelope import FeedEvent
    from services._runtime.messaging.parking import Parking
    from services._runtime.store.port import EventStore
    from tests.support.kafka import Kafka


class Group(Reacting):
    """A process manager whose consumer group no other test shares."""

    def __init__(self, store: EventStore, parking: Parking) -> None:
        """React into `store`."""
        super().__init__(store, parking)
        self.manager = ProcessManager(f"{NAME}-{new_id()}", (SOURCE,), self.manager.reactions)

    async def handled(self, events: Sequence[FeedEvent]) -> int:
        """Return how many of these events the inbox knows."""
        return sum([await self.store.handled(self.manager.name, id_of(event)) for event in events])


def id_of(event: FeedEvent) -> UUID:
    """Return the id by which a delivery is known."""
    return event.recorded.envelope.event_id


async def publish(kafka: Kafka, topic: str, events: Sequence[FeedEvent]) -> None:
    """Publish as a relay does."""
    publisher = KafkaPublisher(kafka.bootstrap)
    await publisher.publish(topic, events)
    await publisher.close()


@asynccontextmanager
async def consuming(kafka: Kafka, topic: str, group: Group, endurance: Endurance | None = None) -> AsyncIterator[Consumer]:
    """Run one consumer of the group; it must not end before it is left."""
    consumer = Consumer(kafka.bootstrap, (topic,), group.delivery({topic: SOURCE}), group.parking, endurance or Endurance())
    running = asyncio.create_task(consumer.run())
    try:
        yield consumer
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.wait([running])
