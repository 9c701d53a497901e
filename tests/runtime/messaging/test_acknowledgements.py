"""What the broker's acknowledgement is for: a record that it did not take is never taken for sent."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import pytest
from aiokafka.admin import NewTopic

from services._runtime.messaging.kafka import KafkaPublisher
from services._runtime.messaging.publishing import Undelivered
from tests.runtime.messaging.worlds import Feed

if TYPE_CHECKING:
    from tests.support.kafka import Kafka


async def test_a_record_that_the_broker_refuses_is_undelivered(kafka: Kafka) -> None:
    """Invariant I2: the producer took it and the broker refused it, which only the acknowledgement tells."""
    topic = f"test.{secrets.token_hex(6)}"
    smaller_than_any_record = {"max.message.bytes": "64"}
    await kafka._admin.create_topics([NewTopic(topic, 1, 1, topic_configs=smaller_than_any_record)])
    kafka._made.add(topic)
    await kafka._led([topic])
    publisher = KafkaPublisher(kafka.bootstrap, timeout_s=3.0)
    with pytest.raises(Undelivered):
        await publisher.publish(topic, Feed().fill(3))
    await publisher.close()
    assert await kafka.records(topic) == []
