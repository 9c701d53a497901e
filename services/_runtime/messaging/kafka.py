"""The publisher on Kafka: one idempotent producer, each wait bounded, replaced after any failure."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerClosed

from contracts.cloudevents import to_headers
from services._runtime.errors import Retryable
from services._runtime.messaging.closing import closed
from services._runtime.messaging.partitioning import partition_of
from services._runtime.messaging.publishing import Undelivered
from services._runtime.messaging.topic_identity import TopicIdentities
from services._runtime.observing.tracing import Traces
from services._runtime.reaching import reached

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiokafka.producer.message_accumulator import BatchBuilder

    from contracts.envelope import FeedEvent

log = structlog.get_logger(__name__)

BATCH_BYTES = 256 * 1024
RECORD_BYTES = 2 * 1024 * 1024
"""Kafka's own limit per record as the topics are served; larger events were refused at append."""

SETTINGS = {
    "enable_idempotence": True,
    "acks": "all",
    "max_batch_size": BATCH_BYTES,
    "max_request_size": RECORD_BYTES,
    "compression_type": "lz4",
}
"""How every record of ours is produced."""

_STOPPING_S = 3.0


class KafkaPublisher:
    """Sends through one producer, which lives until its first failure. To be used by one task at a time."""

    def __init__(self, bootstrap: str, *, timeout_s: float = 15.0, traces: Traces | None = None) -> None:
        """Publish to the cluster behind `bootstrap`; a batch not acknowledged after `timeout_s` is `Undelivered`.

        Records of traces that are recorded carry a `traceparent`.
        """
        self._bootstrap = bootstrap
        self._timeout_s = timeout_s
        self._traces = traces or Traces()
        self._producer: AIOKafkaProducer | None = None
        self._identities = TopicIdentities(bootstrap)

    async def publish(self, topic: str, batch: Sequence[FeedEvent]) -> None:
        """Send the batch and return when every record is acknowledged by all replicas in sync; raises `Undelivered`."""
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._send(await self._started(), topic, batch)
        except (KafkaError, TimeoutError, OSError) as error:
            await self.close()
            raise Undelivered(f"a batch of {len(batch)} was not acknowledged ({type(error).__name__})") from error
        except BaseException:
            # A cancelled send leaves the producer with records that it would deliver at an unknown time.
            await self.close()
            raise

    async def identity(self, topic: str) -> str:
        """Return the topic's id, asked of the cluster; raises `Undelivered`."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return (await self._identities.of([topic]))[topic].topic_id
        except (KafkaError, TimeoutError, OSError, Retryable) as error:
            await self.close()
            raise Undelivered(f"topic {topic} cannot be asked for ({type(error).__name__})") from error

    async def close(self) -> None:
        """End the producer. What it has not delivered after a moment is given up: the batch was not acknowledged, so it is sent again."""
        await closed(self._identities.close, within_s=_STOPPING_S)
        producer, self._producer = self._producer, None
        if producer is not None:
            await _end(producer)

    async def _started(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                **reached(self._bootstrap),
                **SETTINGS,
                # Longer than a batch may take, so that no record expires in the producer and lets a later one of its key pass.
                request_timeout_ms=int(self._timeout_s * 2000),
            )
            self._producer = producer
            await producer.start()
        return self._producer

    async def _send(self, producer: AIOKafkaProducer, topic: str, batch: Sequence[FeedEvent]) -> None:
        """Send whole batches of the wire, for each partition its own: a future for each record costs as much as the record."""
        partitions = len(await producer.partitions_for(topic))
        acknowledgements: list[asyncio.Future[object]] = []
        filling: dict[int, BatchBuilder] = {}
        traced = self._traces.on
        try:
            for event in batch:
                recorded = event.recorded
                key = recorded.envelope.partition_key.encode()
                headers = to_headers(event, traceparent=self._traces.traceparent(recorded.envelope) if traced else None)
                partition = partition_of(key, partitions)
                if (builder := filling.get(partition)) is None:
                    builder = filling[partition] = producer.create_batch()
                if builder.append(timestamp=None, key=key, value=recorded.data, headers=headers) is None:
                    # It is full. The first record of another one always fits.
                    acknowledgements.append(await producer.send_batch(builder, topic, partition=partition))
                    builder = filling[partition] = producer.create_batch()
                    builder.append(timestamp=None, key=key, value=recorded.data, headers=headers)
            for partition, builder in filling.items():
                acknowledgements.append(await producer.send_batch(builder, topic, partition=partition))
            await asyncio.gather(*acknowledgements)
        finally:
            for acknowledgement in acknowledgements:
                acknowledgement.cancel()


async def _end(producer: AIOKafkaProducer) -> None:
    """Stop a producer within a bound: `stop()` flushes, for ever where the broker is away."""
    if await closed(producer.stop, within_s=_STOPPING_S):
        return
    log.warning("publisher.abandoned")
    # What a cut-off stop() leaves running; there is no public way to end a producer that cannot flush.
    producer._message_accumulator.fail_all(ProducerClosed())  # noqa: SLF001 - see above
    sender: asyncio.Task[None] | None = producer._sender.sender_task  # noqa: SLF001 - see above
    if sender is not None:
        sender.cancel()
    await closed(producer.client.close, within_s=_STOPPING_S)
    if sender is not None:
        await asyncio.wait([sender], timeout=_STOPPING_S)
