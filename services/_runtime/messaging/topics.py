"""Creating the topics: explicitly, with their number of partitions fixed for ever, and records kept for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import NoError, TopicAlreadyExistsError, for_code

from contracts.topics import PARTITIONS
from services._runtime.errors import Retryable, RuntimeFault
from services._runtime.reaching import reached

if TYPE_CHECKING:
    from collections.abc import Iterable

CONFIGURATION = {"retention.ms": "-1", "retention.bytes": "-1", "cleanup.policy": "delete", "min.insync.replicas": "1"}


class TopicMismatch(RuntimeFault):
    """A topic exists with another number of partitions, so that its keys lie elsewhere than ours would."""

    def __init__(self, topic: str, found: int, expected: int) -> None:
        super().__init__(
            f"topic {topic} has {found} partitions, expected {expected}: keys would change their partition and lose their order."
            " Delete the topic and republish, or set the number it was created with"
        )


async def ensure_topics(bootstrap: str, topics: Iterable[str], *, partitions: int = PARTITIONS, replication: int = 1) -> tuple[str, ...]:
    """Create the topics that do not exist; return which. Raises `TopicMismatch`, or `Retryable` where a broker would not create one now.

    With `replication` above 2, a record counts as acknowledged when all but one replica have it.
    """
    wanted = tuple(topics)
    configuration = CONFIGURATION | {"min.insync.replicas": str(max(1, replication - 1))}
    admin = AIOKafkaAdminClient(**reached(bootstrap))
    try:
        await admin.start()
        there = await _partition_counts(admin, wanted)
        missing = tuple(topic for topic in wanted if topic not in there)
        if missing:
            await _create(admin, [NewTopic(topic, partitions, replication, topic_configs=configuration) for topic in missing])
        for topic, found in (await _partition_counts(admin, [t for t in wanted if t not in missing])).items():
            if found != partitions:
                raise TopicMismatch(topic, found, partitions)
        return missing
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, topics: list[NewTopic]) -> None:
    answer = await admin.create_topics(topics)
    for topic, code, *_message in answer.topic_errors:
        error = for_code(code)
        # Somebody else may create it at the same moment: what counts is how many partitions it has, which is looked at next time.
        if error not in (NoError, TopicAlreadyExistsError):
            raise Retryable(f"topic {topic} was not created: {error.__name__}")


async def _partition_counts(admin: AIOKafkaAdminClient, topics: Iterable[str]) -> dict[str, int]:
    wanted = set(topics)
    described = await admin.describe_topics()
    return {topic["topic"]: len(topic["partitions"]) for topic in described if topic["topic"] in wanted}
