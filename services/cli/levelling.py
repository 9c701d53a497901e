"""Before a store is compared with the journal: the journal brought level with Kafka, and consumers set back to read again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CommitFailedError, RebalanceInProgressError, UnknownMemberIdError

from contracts.topics import PARTITIONS, TOPICS, topic_of
from services._runtime.messaging.closing import closed
from services._runtime.messaging.ingester import HOLE_S
from services._runtime.messaging.topic_identity import TopicIdentities
from services._runtime.reaching import reached
from services.cli.console import err
from services.cli.errors import DeploymentError
from services.cli.verification.topics import present_ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services._runtime.hosting.parts import Parts
    from services._runtime.hosting.service import Service
    from services._runtime.messaging.ingester import Ingester
    from services._runtime.store.leadership import Lease

_SILENCE_S = 60.0
_CLOSING_S = 2.0
_INGESTED = "select topic, partition, topic_id, next_offset from messaging.ingested"


async def level_journal(service: Service, parts: Parts, lease: Lease) -> None:
    """Ingest, under `lease`, what Kafka holds now. Returns as well where a contradiction or a hole keeps the journal from more.

    Raises `DeploymentError` where nothing moves for a minute.
    """
    if service.ingester is None:
        raise TypeError(service.name)
    ends = await present_ends(parts.settings.kafka)
    identities = TopicIdentities(parts.settings.kafka)
    known = await identities.of(TOPICS)
    await closed(identities.close, within_s=_CLOSING_S)
    wanted = {(at.topic, at.partition, known[at.topic].topic_id): end for at, end in ends.items() if end}
    ingester = service.ingester(parts, lease)
    ingesting = asyncio.create_task(ingester.run())
    try:
        await _levelled(parts, ingester, wanted, ingesting)
    finally:
        ingesting.cancel()
        await asyncio.wait([ingesting])


async def _levelled(parts: Parts, ingester: Ingester, wanted: dict[tuple[str, int, str], int], ingesting: asyncio.Task[None]) -> None:
    loop = asyncio.get_running_loop()
    moved, before = loop.time(), -1
    while True:
        reached = {(row[0], row[1], row[2]): row[3] for row in await parts.pool.fetch(_INGESTED)}
        status = ingester.status()
        stuck = {topic_of(hole.source): str(hole) for hole in status.holes if hole.age_s > HOLE_S} | dict(status.stopped)
        if all(reached.get(at, 0) >= end for at, end in wanted.items() if at[0] not in stuck):
            for topic, reason in stuck.items():
                err.print(f"  the journal goes no further in {topic}: {reason}", markup=False)
            return
        if ingesting.done():
            ingesting.result()
        if (total := sum(reached.values())) != before:
            moved, before = loop.time(), total
        elif loop.time() - moved > _SILENCE_S:
            raise DeploymentError("the journal cannot be brought level with Kafka: see the log of reporting, and whether Kafka answers")
        await asyncio.sleep(0.1)


async def read_again(bootstrap: str, group: str, topics: Sequence[str]) -> None:
    """Set a consumer group back to the beginning of its topics. Raises `DeploymentError` where somebody is in the group."""
    consumer = AIOKafkaConsumer(**reached(bootstrap), group_id=group, enable_auto_commit=False)
    try:
        await consumer.start()
        partitions = [TopicPartition(topic, number) for topic in topics for number in range(PARTITIONS)]
        consumer.assign(partitions)
        await consumer.commit(await consumer.beginning_offsets(partitions))
    except (CommitFailedError, UnknownMemberIdError, RebalanceInProgressError):
        raise DeploymentError(f"{group} is consuming somewhere: end it first") from None
    finally:
        await closed(consumer.stop, within_s=_CLOSING_S)
