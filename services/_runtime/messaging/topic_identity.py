"""Which topic is it: a topic that was deleted and created again has the same name, and another id.

aiokafka speaks the Metadata request up to version 5; ids came with version 10. Its framework for requests carries any version,
so this module describes version 12, asked of a client of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from aiokafka import AIOKafkaClient
from aiokafka.errors import NoError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Boolean, CompactArray, CompactString, Int16, Int32, Schema, TaggedFields

from services._runtime.errors import Retryable
from services._runtime.reaching import reached

if TYPE_CHECKING:
    from collections.abc import Collection
    from io import BytesIO

_NO_ID = bytes(16)


class _Id:
    """16 bytes."""

    @classmethod
    def decode(cls, data: BytesIO) -> bytes:
        return data.read(16)

    @classmethod
    def encode(cls, value: bytes) -> bytes:
        return value

    @classmethod
    def repr(cls, value: bytes) -> str:
        return repr(value)


_TAGS = ("tags", TaggedFields)
_BROKER = Schema(("node_id", Int32), ("host", CompactString()), ("port", Int32), ("rack", CompactString()), _TAGS)
_PARTITION = Schema(
    ("error_code", Int16),
    ("partition", Int32),
    ("leader", Int32),
    ("leader_epoch", Int32),
    ("replicas", CompactArray(Int32)),
    ("isr", CompactArray(Int32)),
    ("offline_replicas", CompactArray(Int32)),
    _TAGS,
)
_TOPIC = Schema(
    ("error_code", Int16),
    ("name", CompactString()),
    ("topic_id", _Id),
    ("is_internal", Boolean),
    ("partitions", CompactArray(_PARTITION)),
    ("authorized_operations", Int32),
    _TAGS,
)


class _MetadataResponse(Response):  # type: ignore[misc] # aiokafka is untyped
    API_KEY = 3
    API_VERSION = 12
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("brokers", CompactArray(_BROKER)),
        ("cluster_id", CompactString()),
        ("controller_id", Int32),
        ("topics", CompactArray(_TOPIC)),
        _TAGS,
    )


class _MetadataStruct(RequestStruct):  # type: ignore[misc] # the same
    FLEXIBLE_VERSION = True
    API_KEY = 3
    API_VERSION = 12
    RESPONSE_TYPE = _MetadataResponse
    SCHEMA = Schema(
        ("topics", CompactArray(Schema(("topic_id", _Id), ("name", CompactString()), _TAGS))),
        ("allow_auto_topic_creation", Boolean),
        ("include_authorized_operations", Boolean),
        _TAGS,
    )


class _MetadataRequest(Request[_MetadataStruct]):  # type: ignore[misc] # the same
    API_KEY = 3

    def __init__(self, topics: Collection[str]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[_MetadataStruct]) -> _MetadataStruct:
        return request_struct_class([(_NO_ID, topic, {}) for topic in self._topics], False, False, {})  # noqa: FBT003 - the struct's order


@dataclass(frozen=True, slots=True)
class TopicIdentity:
    """A topic's id, which no other topic ever has, and how many partitions it has."""

    topic_id: str
    partitions: int


class TopicIdentities:
    """Asks a cluster for the ids of topics, on a connection of its own. Use as it is; `close` lets go of the connection."""

    def __init__(self, bootstrap: str) -> None:
        """Ask the cluster behind `bootstrap`."""
        self._bootstrap = bootstrap
        self._client: AIOKafkaClient | None = None

    async def of(self, topics: Collection[str]) -> dict[str, TopicIdentity]:
        """Return what each topic is; raises `Retryable` where one does not exist (yet), or aiokafka's `KafkaError`."""
        client = await self._connected()
        answer = await client.send(client.get_random_node(), _MetadataRequest(topics))
        found: dict[str, TopicIdentity] = {}
        for code, name, topic_id, _internal, partitions, *_rest in answer.topics:
            error: type[Any] = for_code(code)
            if error is not NoError:
                raise Retryable(f"topic {name}: {error.__name__}")
            found[name] = TopicIdentity(str(UUID(bytes=topic_id)), len(partitions))
        return found

    async def close(self) -> None:
        """Close the connection. Asking again opens it again."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _connected(self) -> AIOKafkaClient:
        if self._client is None:
            self._client = AIOKafkaClient(**reached(self._bootstrap))
            try:
                await self._client.bootstrap()
            except BaseException:
                await self.close()
                raise
        return self._client
