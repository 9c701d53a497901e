"""Puts the records of twelve partitions back into the order of their feeds: repeats dropped, holes awaited, contradictions told."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contracts.cloudevents import NotOurs
from contracts.envelope import NO_DIGEST, FeedEvent, chain
from services._runtime.messaging.journal import Feed, FeedHead, Ingestion, Partition, Place, TopicPosition
from services._runtime.messaging.records import Record, event_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BEYOND = "beyond the end of its generation"
"""Why a record is parked that a store sent which did not know yet that it had been restored, or that another had replaced it."""

AHEAD = 2000
"""Records of one partition that may wait for a hole; then the partition is paused."""

Candidate = tuple[Record, FeedEvent | NotOurs]


@dataclass(slots=True)
class Track:
    """Up to where one partition is stored, read and settled.

    `unsettled` are offsets of records that wait for a hole, in order. `dropped_from` is the first offset that was looked at
    but not kept, to be read again.
    """

    stored: TopicPosition | None
    topic_id: str
    read_to: int
    unsettled: dict[int, None] = field(default_factory=dict)
    dropped_from: int | None = None

    @property
    def reached(self) -> TopicPosition:
        """The position that may be stored: everything before it is in the journal, a repeat, or parked."""
        first = next(iter(self.unsettled), self.read_to)
        return TopicPosition(self.topic_id, first if self.dropped_from is None else min(first, self.dropped_from))


@dataclass(frozen=True, slots=True)
class Hole:
    """A feed position that has not arrived, although later ones have."""

    source: str
    generation: int
    feed_position: int
    age_s: float


class Assembly:
    """What is known of the feeds between Kafka and the journal. After a failed write it is stale: make another from what is stored."""

    def __init__(
        self, sources: Mapping[str, str], heads: Mapping[Feed, FeedHead], tracks: dict[Partition, Track], ended: Mapping[Feed, int]
    ) -> None:
        """Go on from `heads` and `tracks`; `sources` says whose events each topic holds, `ended` up to where a feed counts."""
        self.tracks = tracks
        self.conflicts: dict[str, str] = {}
        self.searching = False
        self._sources = sources
        self._ended = ended
        self._heads = dict(heads)
        self._ahead: dict[Feed, dict[int, tuple[Record, FeedEvent]]] = {}
        self._holes: dict[Feed, tuple[int, float]] = {}
        self._entries: list[tuple[Record, FeedEvent]] = []
        self._fresh: dict[Place, bytes] = {}

    def look(self, records: Iterable[Record]) -> list[Candidate]:
        """Return each record with the event it carries, or why it carries none."""
        return [(record, self._event_of(record)) for record in records]

    def repeats(self, candidates: Iterable[Candidate]) -> set[Place]:
        """Return the places that the journal already has, whose digests `take` must be told."""
        events = [event for _, event in candidates if isinstance(event, FeedEvent)]
        return {_place(event) for event in events if event.feed_position <= self._head(_feed(event)).feed_position}

    def take(self, candidates: Iterable[Candidate], known: Mapping[Place, bytes]) -> Ingestion:
        """Take the next records of some partitions, and return what to write now; `known` are the journal's digests."""
        self._entries, self._fresh = [], {}
        foreign: list[tuple[Record, str]] = []
        for record, event in candidates:
            if record.topic in self.conflicts:
                continue
            track = self.tracks[record.topic, record.partition]
            if isinstance(event, NotOurs):
                foreign.append((record, f"not ours: {event}"))
            elif self._comes_too_late(event, known):
                foreign.append((record, BEYOND))
            elif not self._fits(record, event, track, known):
                continue
            track.read_to = max(track.read_to, record.offset + 1)
        self._note_holes()
        moves = {at: (track.stored, track.reached) for at, track in self.tracks.items() if track.reached != track.stored}
        return Ingestion(tuple(self._entries), tuple(foreign), moves)

    def written(self, ingestion: Ingestion) -> None:
        """Note that what `take` returned is stored."""
        for at, (_, reached) in ingestion.moves.items():
            self.tracks[at].stored = reached

    def full(self) -> set[Partition]:
        """Return the partitions that are too far ahead: to be paused, unless what is missing is being searched for behind them."""
        return set() if self.searching else {at for at, track in self.tracks.items() if len(track.unsettled) >= AHEAD}

    def rewinds(self) -> dict[Partition, int]:
        """Return the partitions that must be read again from an offset, now that there is room for what was dropped."""
        again = {
            at: track.dropped_from
            for at, track in self.tracks.items()
            if track.dropped_from is not None and len(track.unsettled) < AHEAD // 2
        }
        for at, offset in again.items():
            self.tracks[at].read_to, self.tracks[at].dropped_from = offset, None
        return again

    def holes(self) -> tuple[Hole, ...]:
        """Return what is missing now, and for how long."""
        now = time.monotonic()
        return tuple(Hole(*feed, position, now - since) for feed, (position, since) in sorted(self._holes.items()))

    def _event_of(self, record: Record) -> FeedEvent | NotOurs:
        try:
            return event_of(record, self._sources[record.topic])
        except NotOurs as reason:
            return reason

    def _comes_too_late(self, event: FeedEvent, known: Mapping[Place, bytes]) -> bool:
        """Tell whether an event lies beyond the end of its generation and is not what the journal took there while it was open."""
        return (
            event.feed_position > self._ended.get(_feed(event), event.feed_position) and known.get(_place(event)) != event.recorded.digest
        )

    def _fits(self, record: Record, event: FeedEvent, track: Track, known: Mapping[Place, bytes]) -> bool:
        """Place one event; return False where it contradicts what is known, so that its offset must not be passed."""
        feed, position = _feed(event), event.feed_position
        head = self._head(feed).feed_position
        if position <= head:
            place = _place(event)
            return self._agrees(record, event, self._fresh.get(place) or known.get(place))
        if position == head + 1:
            return self._accept(record, event) and self._accept_following(feed)
        ahead = self._ahead.setdefault(feed, {})
        if position in ahead:
            return self._agrees(record, event, ahead[position][1].recorded.digest)
        if self.searching and len(track.unsettled) >= AHEAD:
            track.dropped_from = record.offset if track.dropped_from is None else track.dropped_from
            return True
        ahead[position] = (record, event)
        track.unsettled[record.offset] = None
        return True

    def _agrees(self, record: Record, event: FeedEvent, digest: bytes | None) -> bool:
        if digest in (None, event.recorded.digest):
            return True
        return self._contradicts(record, event, "another event is known at this feed position")

    def _accept(self, record: Record, event: FeedEvent) -> bool:
        feed = _feed(event)
        head = self._head(feed)
        if chain(head.chain, event.generation, event.feed_position, event.recorded.digest) != event.chain:
            return self._contradicts(record, event, "the event is not chained to the one before it")
        self._heads[feed] = FeedHead(event.feed_position, event.chain)
        self._entries.append((record, event))
        self._fresh[_place(event)] = event.recorded.digest
        self.tracks[record.topic, record.partition].unsettled.pop(record.offset, None)
        return True

    def _accept_following(self, feed: Feed) -> bool:
        """Accept what waited for the event that came now. A contradiction there stops its topic; this event stands."""
        ahead = self._ahead.get(feed, {})
        while (waiting := ahead.pop(self._heads[feed].feed_position + 1, None)) is not None:
            if not self._accept(*waiting):
                break
        return True

    def _contradicts(self, record: Record, event: FeedEvent, what: str) -> bool:
        where = f"{event.source} generation {event.generation} feed position {event.feed_position}"
        found = f"partition {record.partition} offset {record.offset}, correlation {event.recorded.envelope.correlation}"
        self.conflicts[record.topic] = f"{where}: {what} ({found})"
        return False

    def _note_holes(self) -> None:
        now = time.monotonic()
        missing = {feed: self._head(feed).feed_position + 1 for feed, ahead in self._ahead.items() if ahead}
        since = {feed: self._holes.get(feed, (0, now)) for feed in missing}
        self._holes = {feed: (position, since[feed][1] if since[feed][0] == position else now) for feed, position in missing.items()}

    def _head(self, feed: Feed) -> FeedHead:
        return self._heads.get(feed, FeedHead(0, NO_DIGEST))


def _feed(event: FeedEvent) -> Feed:
    return event.source, event.generation


def _place(event: FeedEvent) -> Place:
    return event.source, event.generation, event.feed_position
