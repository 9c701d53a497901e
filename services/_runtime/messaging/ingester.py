"""The ingester: every record of every topic into the journal once, in the order of its feed. No consumer group: the journal knows."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from opentelemetry.trace import SpanKind

from contracts.cloudevents import NotOurs
from services._runtime.messaging.assembling import Assembly, Candidate, Hole, Track
from services._runtime.messaging.closing import closed
from services._runtime.messaging.journal import PositionMoved
from services._runtime.messaging.progress import PartitionProgress, Progress, caught_up_age_s
from services._runtime.messaging.records import Record
from services._runtime.messaging.topic_identity import TopicIdentities, TopicIdentity
from services._runtime.messaging.transient import TRANSIENT
from services._runtime.messaging.unreadable import UNREADABLE, unreadable_from
from services._runtime.observing.observer import Observer
from services._runtime.observing.places import places_of
from services._runtime.reaching import reached

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services._runtime.messaging.journal import Ingestion, JournalWriter, Partition, TopicPosition

log = structlog.get_logger(__name__)

HOLE_S = 10.0
"""A hole that stands so long is alarmed, and what is missing is searched for behind the records that wait."""

BATCH = 2000
_POLL_MS = 250
_IDENTITY_S = 5.0
_SEARCH_S = 5.0
_LOOK_S = 0.02
_REQUEST_MS = 10_000
_STOPPING_S = 15.0
_LONGEST_PAUSE_S = 5.0
_SILENT_POLLS = 20
"""Polls in a row that give nothing, after which it is looked whether there is anything."""


@dataclass(frozen=True, slots=True)
class IngesterStatus:
    """The ingester as readiness and `ancora status` see it; `stopped` are topics with a contradiction, and which."""

    partitions: tuple[PartitionProgress, ...]
    holes: tuple[Hole, ...]
    stopped: Mapping[str, str]


class FetchingEnded(Exception):
    """The client gives nothing although there is more: what fetches in it has died, of which it tells nobody but the log."""


class TopicChanged(Exception):
    """A topic was created again, or lost records: its offsets mean something else now."""


class Ingester:
    """Reads all partitions of some topics. One leads; two at once are kept apart by the positions in the journal's database."""

    def __init__(
        self,
        bootstrap: str,
        sources: Mapping[str, str],
        writer: JournalWriter,
        *,
        hole_s: float = HOLE_S,
        observer: Observer | None = None,
    ) -> None:
        """Read the topics of `sources` (topic → whose events it holds) of the cluster behind `bootstrap` into `writer`."""
        self._bootstrap = bootstrap
        self._sources = dict(sources)
        self._writer = writer
        self._hole_s = hole_s
        self._observer = observer or Observer()
        self._progress = Progress()
        self._assembly = Assembly(sources, {}, {}, {})
        self._alarmed: set[tuple[str, int, int]] = set()
        self._stopped: dict[str, str] = {}
        self._silent = 0

    async def run(self) -> None:
        """Ingest until cancelled. Raises `NotLeader` when the lead is lost; anything else of the world's is tried again."""
        pause_s = 0.5
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await self._ingest()
            except (KafkaError, FetchingEnded, TopicChanged, PositionMoved, *TRANSIENT) as error:
                log.warning("ingester.restarting", reason=type(error).__name__, places=places_of(error), pause_s=pause_s)
            if asyncio.get_running_loop().time() - began > _LONGEST_PAUSE_S:
                pause_s = 0.5
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def status(self) -> IngesterStatus:
        """Return how the ingester is; empty in a process that does not lead."""
        return IngesterStatus(self._progress.snapshot(), self._assembly.holes(), dict(self._stopped))

    async def _ingest(self) -> None:
        identities = TopicIdentities(self._bootstrap)
        # A position out of range is an error here, never a reset: what it means is decided with the topic's id in hand.
        consumer = AIOKafkaConsumer(
            **reached(self._bootstrap),
            enable_auto_commit=False,
            auto_offset_reset="none",
            request_timeout_ms=_REQUEST_MS,
            metadata_max_age_ms=30_000,
        )
        try:
            async with asyncio.timeout(_STOPPING_S + _REQUEST_MS / 1000):
                await consumer.start()
                known = await identities.of(self._sources)
                await self._begin(consumer, known)
            checking = asyncio.create_task(self._watch(consumer, identities, known))
            try:
                while not checking.done():
                    await self._step(consumer)
                checking.result()
            finally:
                checking.cancel()
                await asyncio.wait([checking])
        finally:
            for close in (consumer.stop, identities.close):
                await closed(close, within_s=_STOPPING_S)

    async def _begin(self, consumer: AIOKafkaConsumer, known: Mapping[str, TopicIdentity]) -> None:
        """Go to where the journal is, in each partition; to the beginning, where the topic is another or shorter than it was."""
        partitions = [TopicPartition(topic, number) for topic, identity in known.items() for number in range(identity.partitions)]
        consumer.assign(partitions)
        stored = await self._writer.positions()
        begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
        tracks: dict[Partition, Track] = {}
        for partition in partitions:
            at = (partition.topic, partition.partition)
            topic_id = known[partition.topic].topic_id
            start = _start(stored.get(at), topic_id, begins[partition], ends[partition])
            tracks[at] = Track(stored.get(at), topic_id, start)
            consumer.seek(partition, start)
        self._assembly = Assembly(self._sources, await self._writer.heads(), tracks, await self._writer.ended())
        self._stopped, self._silent = {}, 0
        self._progress.keep(set(partitions))

    async def _step(self, consumer: AIOKafkaConsumer) -> None:
        """Read what there is, write what follows on, look after holes and pauses."""
        assembly = self._assembly
        try:
            fetched = await consumer.getmany(timeout_ms=_POLL_MS, max_records=BATCH)
        except ValueError:
            fetched, candidates = {}, await self._read_around(consumer)
        else:
            candidates = assembly.look(_record(raw) for records in fetched.values() for raw in records)
        self._silent = 0 if candidates else self._silent + 1
        began_ns, repeats = time.time_ns(), assembly.repeats(candidates)
        ingestion = assembly.take(candidates, await self._writer.digests(repeats))
        if ingestion.entries or ingestion.foreign or ingestion.moves:
            await self._writer.write(ingestion)
            assembly.written(ingestion)
            self._note(ingestion, len(repeats), began_ns)
        for record, reason in ingestion.foreign:
            where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
            log.error("ingester.parked", **where, reason=reason)
        self._note_progress(consumer, fetched)
        self._alarm()
        self._steer(consumer)

    async def _read_around(self, consumer: AIOKafkaConsumer) -> list[Candidate]:
        """Return what a batch could not give, because a record in it cannot be read: what is before that one, and that one as not ours.

        The client does not say whose record it was: what had been fetched is fetched again, and each partition asked by itself.
        """
        found, tracks = list[Candidate](), self._assembly.tracks
        read_to = {partition: tracks[partition].read_to for partition in consumer.assignment() - consumer.paused()}
        for partition, offset in read_to.items():
            consumer.seek(partition, offset)
        deadline, strange = time.monotonic() + _SEARCH_S, False
        while not strange and time.monotonic() < deadline:
            await asyncio.sleep(_LOOK_S)
            for partition, offset in list(read_to.items()):
                try:
                    fetched = await consumer.getmany(partition, timeout_ms=0, max_records=BATCH)
                except ValueError:
                    strange = True
                    found += await self._read_singly(consumer, partition, offset)
                else:
                    records = [_record(raw) for raw in fetched.get(partition, ())]
                    found += self._assembly.look(records)
                    read_to[partition] = records[-1].offset + 1 if records else offset
        return found

    async def _read_singly(self, consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int) -> list[Candidate]:
        """Return what is from `offset` on up to a record that cannot be read, and that one."""
        consumer.seek(partition, offset)
        singles: list[Record] = []
        strange: tuple[Record, ...] = ()
        try:
            async with asyncio.timeout(_SEARCH_S):
                while len(singles) < BATCH:
                    singles.append(_record(await consumer.getone(partition)))
        except TimeoutError:
            pass
        except ValueError:
            strange = await unreadable_from(self._bootstrap, partition, await consumer.position(partition))
            if strange:
                consumer.seek(partition, strange[-1].offset + 1)
        return [*self._assembly.look(singles), *((record, NotOurs(UNREADABLE)) for record in strange)]

    def _note(self, ingestion: Ingestion, repeats: int, began_ns: int) -> None:
        told = self._observer.metrics.journal.records
        told.labels("written").inc(len(ingestion.entries))
        told.labels("repeated").inc(repeats)
        told.labels("foreign").inc(len(ingestion.foreign))
        written = (event.recorded.envelope for _, event in ingestion.entries)
        self._observer.traces.passed("write to the journal", written, SpanKind.CONSUMER, began_ns=began_ns)

    def _note_progress(self, consumer: AIOKafkaConsumer, fetched: Mapping[TopicPartition, object]) -> None:
        for (topic, number), track in self._assembly.tracks.items():
            partition = TopicPartition(topic, number)
            if partition in fetched and not track.unsettled:
                self._progress.made(partition)
            elif (age_s := caught_up_age_s(consumer, partition, track.reached.next_offset)) is not None:
                self._progress.made(partition, age_s=age_s)

    def _alarm(self) -> None:
        """Tell once of each contradiction and each hole that stands."""
        for topic, conflict in self._assembly.conflicts.items():
            if self._stopped.get(topic) != conflict:
                log.critical("ingester.conflict", topic=topic, conflict=conflict)
                self._stopped[topic] = conflict
        standing = [hole for hole in self._assembly.holes() if hole.age_s > self._hole_s]
        for hole in standing:
            if (known := (hole.source, hole.generation, hole.feed_position)) not in self._alarmed:
                log.error("ingester.hole", source=hole.source, generation=hole.generation, feed_position=hole.feed_position)
                self._alarmed.add(known)
        self._assembly.searching = bool(standing)

    def _steer(self, consumer: AIOKafkaConsumer) -> None:
        """Pause partitions that are ahead or of a stopped topic, let the others go on."""
        full, paused = self._assembly.full(), consumer.paused()
        for topic, number in self._assembly.tracks:
            partition = TopicPartition(topic, number)
            halted = topic in self._stopped or (topic, number) in full
            if halted and partition not in paused:
                consumer.pause(partition)
            elif not halted and partition in paused:
                consumer.resume(partition)
        for (topic, number), offset in self._assembly.rewinds().items():
            consumer.seek(TopicPartition(topic, number), offset)

    async def _watch(self, consumer: AIOKafkaConsumer, identities: TopicIdentities, known: Mapping[str, TopicIdentity]) -> None:
        """End when a topic is not the one it was, or the client fetches no more: nothing else tells of either."""
        while True:
            await asyncio.sleep(_IDENTITY_S)
            if await identities.of(self._sources) != known:
                raise TopicChanged("a topic was created again")
            if self._silent >= _SILENT_POLLS:
                asked = list(consumer.assignment() - consumer.paused())
                ends = await consumer.end_offsets(asked)
                behind = [partition for partition in asked if await consumer.position(partition) < ends[partition]]
                if behind and self._silent >= _SILENT_POLLS:
                    raise FetchingEnded(f"nothing comes of {len(behind)} partitions that have more")


def _start(stored: TopicPosition | None, topic_id: str, begin: int, end: int) -> int:
    if stored is None or stored.topic_id != topic_id:
        return begin
    if begin <= stored.next_offset <= end:
        return stored.next_offset
    # Kafka lost what came after, or before: what is read again is known by its feed position.
    log.error("ingester.records-lost", next_offset=stored.next_offset, begin=begin, end=end)
    return begin


def _record(raw: ConsumerRecord) -> Record:
    return Record(raw.topic, raw.partition, raw.offset, raw.key, tuple(raw.headers), raw.value)
