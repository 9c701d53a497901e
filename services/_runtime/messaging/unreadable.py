"""Records that the client itself cannot read, such as one whose header's name is no UTF-8: it raises at them for ever.

The client reads a batch from its beginning, so what lies behind such a record in its batch cannot be read either. A batch is one
producer's, so none of that is ours.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from services._runtime.messaging.closing import closed
from services._runtime.messaging.records import Record
from services._runtime.reaching import reached

if TYPE_CHECKING:
    from aiokafka import TopicPartition

UNREADABLE = "the client cannot read it"

_PATIENCE_S = 5.0


async def unreadable_from(bootstrap: str, partition: TopicPartition, offset: int) -> tuple[Record, ...]:
    """Return a record, without its content, for each offset from `offset` on that cannot be read; none where it reads.

    Asks with a client of its own. Raises `KafkaError` or `TimeoutError` where the broker does not answer.
    """
    consumer = AIOKafkaConsumer(**reached(bootstrap), enable_auto_commit=False, auto_offset_reset="none")
    consumer.assign([partition])
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await consumer.start()
        end = (await consumer.end_offsets([partition]))[partition]
        at = offset
        while at < end and not await _reads(consumer, partition, at):
            at += 1
    finally:
        await closed(consumer.stop, within_s=_PATIENCE_S)
    return tuple(Record(partition.topic, partition.partition, skipped, None, (), None) for skipped in range(offset, at))


async def _reads(consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int) -> bool:
    consumer.seek(partition, offset)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await consumer.getone()
    except (KafkaError, TimeoutError):
        raise
    except Exception:  # noqa: BLE001 - whatever the decoding of a foreign record raises
        return False
    return True
