"""What must hold of an append before any store looks at it, whichever implementation it is."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

from contracts.envelope import NO_DIGEST, digest_of
from services._runtime.errors import EventTooLarge
from services._runtime.store.sealing import commitment, commitments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services._runtime.store.port import Append, NewEvent, StreamAppend

SKEW = timedelta(seconds=5)
"""How far from the store's clock an event on the system clock may say that it was recorded."""

LARGEST_RECORD = 900 * 1024
"""Bytes of data and headers that a Kafka record may have: below the topics' limit of 1 MiB, with room for framing."""

_HEADER_NAMES = 1024
"""Bytes that the names of the headers, their digests and the chain take at most."""


def check(append: Append) -> None:
    """Raise `EventTooLarge`, or `ValueError` where the append contradicts itself; these are bugs, never a caller's doing."""
    names = [stream.stream_id for stream in append.streams]
    if len(set(names)) != len(names):
        _refuse("a stream appears twice in one append")
    holders = [(one.kind, one.stream_id) for one in append.reservations]
    if len(set(holders)) != len(holders) or not {stream_id for _, stream_id in holders} <= set(names):
        _refuse("a reservation is of none of the append's streams, or a stream wants two values of a kind")
    values = [(one.kind, one.value) for one in append.reservations if one.value is not None]
    if len(set(values)) != len(values):
        _refuse("two streams want the same value in one append")
    for stream in append.streams:
        _check_versions(stream)
        for event in stream.events:
            _check_event(event)


def in_order(streams: Sequence[StreamAppend]) -> list[StreamAppend]:
    """Return the streams by their ids: the one order in which every append locks, stores and tells them."""
    return sorted(streams, key=attrgetter("stream_id"))


def outcomes(append: Append) -> tuple[tuple[str, int, int], ...]:
    """Return per stream the versions (after, up to) that the append leads to, by stream id."""
    streams = in_order(append.streams)
    return tuple((stream.stream_id, stream.expected_version, stream.expected_version + len(stream.events)) for stream in streams)


def follows_head(stream: StreamAppend, head_digest: bytes | None) -> bool:
    """Tell whether the stream's new events are chained to its head (None: to nothing)."""
    return not stream.events or stream.events[0].recorded.envelope.previous_digest == (head_digest or NO_DIGEST)


def _check_versions(stream: StreamAppend) -> None:
    envelopes = [event.recorded.envelope for event in stream.events]
    if any(envelope.stream_id != stream.stream_id for envelope in envelopes):
        _refuse("an event belongs to another stream than the one it is appended to")
    first = stream.expected_version + 1
    if [envelope.stream_version for envelope in envelopes] != list(range(first, first + len(envelopes))):
        _refuse("the events' versions do not follow the expected version")
    for before, after in pairwise(stream.events):
        if after.recorded.envelope.previous_digest != before.recorded.digest:
            _refuse("an event is not chained to the one before it")
        if after.recorded.envelope.recorded_at <= before.recorded.envelope.recorded_at:
            _refuse("recorded_at is not later than that of the event before it")


def _check_event(event: NewEvent) -> None:
    recorded = event.recorded
    canonical = recorded.envelope.canonical()
    size = len(recorded.data) + len(canonical) + _HEADER_NAMES
    if size > LARGEST_RECORD:
        msg = f"{recorded.envelope.type} takes {size} bytes with its headers; at most {LARGEST_RECORD} fit into a record"
        raise EventTooLarge(msg)
    if recorded.commitment != commitment(commitments(event.sealed)):
        _refuse("the commitment does not cover the sealed parts")
    if recorded.digest != digest_of(canonical, recorded.envelope.previous_digest, recorded.data, recorded.commitment):
        _refuse("the digest does not cover the event")


def _refuse(reason: str) -> None:
    raise ValueError(reason)
