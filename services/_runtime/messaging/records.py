"""A record of Kafka as it came, and the look that tells whether it is an event of ours."""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct
from typing import TYPE_CHECKING

from contracts.cloudevents import NotOurs, from_record
from contracts.envelope import digest

if TYPE_CHECKING:
    from contracts.envelope import FeedEvent

Headers = tuple[tuple[str, bytes | None], ...]

_LENGTH = Struct(">i")
_ABSENT = _LENGTH.pack(-1)
_TOO_LARGE = 1 << 63
_TOO_LARGE_GENERATION = 1 << 31


@dataclass(frozen=True, slots=True)
class Record:
    """A record's bytes and where it lay. Nothing about it is trusted."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    headers: Headers
    value: bytes | None


def event_of(record: Record, source: str) -> FeedEvent:
    """Return the event that a record of the topic of `source` carries.

    Raises `NotOurs` with the reason where the headers do not read, the source is another's, the key is not the event's, or the
    digest is not that of the bytes: an altered copy is nobody's event.
    """
    event = from_record(record.headers, record.value)
    recorded = event.recorded
    if not (0 < event.feed_position < _TOO_LARGE and 0 < event.generation < _TOO_LARGE_GENERATION):
        raise NotOurs("the feed position or the generation is out of range")
    if event.source != source:
        raise NotOurs("the source is not the topic's")
    if record.key != recorded.envelope.partition_key.encode():
        raise NotOurs("the key is not the event's partition key")
    if digest(recorded.envelope, recorded.data, recorded.commitment) != recorded.digest:
        raise NotOurs("the digest is not that of the bytes")
    return event


def pack_headers(headers: Headers) -> bytes:
    """Return headers as bytes, losing nothing: order, repetitions, absent values, any bytes.

    Per header: length of the name (4 bytes, big-endian), the name in UTF-8, length of the value (-1 = absent), the value.
    """
    pack = _LENGTH.pack
    parts: list[bytes] = []
    for name, value in headers:
        raw = name.encode()
        parts += (pack(len(raw)), raw, _ABSENT) if value is None else (pack(len(raw)), raw, pack(len(value)), value)
    return b"".join(parts)


def unpack_headers(packed: bytes) -> Headers:
    """Return the headers that `pack_headers` packed."""
    length_at, size = _LENGTH.unpack_from, _LENGTH.size
    headers: list[tuple[str, bytes | None]] = []
    at, end = 0, len(packed)
    while at < end:
        start = at + size
        at = start + length_at(packed, at)[0]
        name = packed[start:at].decode()
        (length,) = length_at(packed, at)
        at += size
        if length < 0:
            headers.append((name, None))
        else:
            headers.append((name, packed[at : at + length]))
            at += length
    return tuple(headers)
