"""The ingester on a real Kafka, into every kind of journal."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from aiokafka.consumer.fetcher import Fetcher

from contracts.cloudevents import to_headers
from services._runtime.messaging.ingester import Ingester
from services._runtime.messaging.kafka import KafkaPublisher
from tests.runtime.messaging.worlds import SOURCE, Feed, JournalWorld, altered, eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    import pytest

    from contracts.envelope import FeedEvent
    from tests.support.kafka import Kafka


async def test_the_journal_becomes_the_feed_whatever_the_partitions(kafka: Kafka, journal_world: JournalWorld) -> None:
    """Invariant I3: twelve partitions, several sources, repeats of a relay that crashed."""
    intake, tutors = await kafka.topic(), await kafka.topic()
    feeds = {intake: Feed().fill(600, people=30), tutors: Feed("tutors").fill(200, people=30)}
    await _publish(kafka, intake, feeds[intake][:400])
    await _publish(kafka, intake, feeds[intake][300:])
    await _publish(kafka, tutors, feeds[tutors])
    async with _ingesting(kafka, {intake: SOURCE, tutors: "tutors"}, journal_world):
        await eventually(lambda: _head(journal_world), 800)
    entries = await journal_world.journal.read(0, 1000)
    assert [entry.position for entry in entries] == list(range(1, 801))
    for topic, source in ((intake, SOURCE), (tutors, "tutors")):
        assert [entry.event for entry in entries if entry.event.source == source] == feeds[topic]


async def test_a_restarted_ingester_goes_on_and_writes_nothing_twice(kafka: Kafka, journal_world: JournalWorld) -> None:
    """Invariant I4."""
    topic, feed = await kafka.topic(), Feed()
    feed.fill(300, people=20)
    await _publish(kafka, topic, feed.events)
    for count in (300, 400):
        async with _ingesting(kafka, {topic: SOURCE}, journal_world):
            await eventually(lambda: _head(journal_world), count)
        await _publish(kafka, topic, feed.fill(100, people=20))
    stored = await journal_world.writer.positions()
    assert sum(position.next_offset for position in stored.values()) == 400


async def test_two_ingesters_at_once_write_everything_once(kafka: Kafka, journal_world: JournalWorld) -> None:
    """Invariant I4: without a leader between them, the positions keep them apart."""
    topic, feed = await kafka.topic(), Feed()
    await _publish(kafka, topic, feed.fill(500, people=40))
    async with _ingesting(kafka, {topic: SOURCE}, journal_world), _ingesting(kafka, {topic: SOURCE}, journal_world, second=True):
        await eventually(lambda: _head(journal_world), 500)
        await _publish(kafka, topic, feed.fill(500, people=40))
        await eventually(lambda: _head(journal_world), 1000)
    assert [entry.event for entry in await journal_world.journal.read(0, 2000)] == feed.events


async def test_a_hole_is_awaited_and_alarmed_and_filled(kafka: Kafka, journal_world: JournalWorld) -> None:
    """Nothing that follows a missing event is written before it."""
    topic, feed = await kafka.topic(), Feed()
    events = feed.fill(30, people=10)
    await _publish(kafka, topic, [event for event in events if event.feed_position != 11])
    async with _ingesting(kafka, {topic: SOURCE}, journal_world, hole_s=0.3) as ingester:
        await eventually(lambda: _head(journal_world), 10)
        await eventually(lambda: _holes(ingester, older_than_s=0.3), 1)
        (hole,) = ingester.status().holes
        assert (hole.source, hole.generation, hole.feed_position) == (SOURCE, 1, 11)
        assert await journal_world.journal.head() == 10
        await _publish(kafka, topic, [events[10]])
        await eventually(lambda: _head(journal_world), 30)
        assert ingester.status().holes == ()


async def test_another_event_for_a_known_place_stops_its_source_alone(kafka: Kafka, journal_world: JournalWorld) -> None:
    """Invariant I10: nothing is overwritten; the other sources go on."""
    topic, other = await kafka.topic(), await kafka.topic()
    feed, tutors = Feed(), Feed("tutors")
    events = feed.fill(10)
    await _publish(kafka, topic, events)
    async with _ingesting(kafka, {topic: SOURCE, other: "tutors"}, journal_world) as ingester:
        await eventually(lambda: _head(journal_world), 10)
        await _publish(kafka, topic, [altered(events[4])])
        await eventually(lambda: _stopped(ingester), 1)
        assert "feed position 5" in ingester.status().stopped[topic]
        await _publish(kafka, topic, feed.fill(3))
        await _publish(kafka, other, tutors.fill(3))
        await eventually(lambda: _head(journal_world), 13)
    assert [entry.event for entry in await journal_world.journal.read(0, 20)] == [*events, *tutors.events]


async def test_a_refilled_topic_is_read_again_and_nothing_is_written_twice(kafka: Kafka, journal_world: JournalWorld) -> None:
    """Invariant I12: a wiped broker is refilled from the feed; the journal drops what it has, and misses nothing new."""
    topic, feed = await kafka.topic(), Feed()
    await _publish(kafka, topic, feed.fill(200, people=20))
    async with _ingesting(kafka, {topic: SOURCE}, journal_world):
        await eventually(lambda: _head(journal_world), 200)
    before = await journal_world.writer.positions()
    await kafka.create_again(topic)
    await _publish(kafka, topic, [*feed.events, *feed.fill(50, people=20)])
    async with _ingesting(kafka, {topic: SOURCE}, journal_world):
        await eventually(lambda: _head(journal_world), 250)
    assert [entry.event for entry in await journal_world.journal.read(0, 500)] == feed.events
    after = await journal_world.writer.positions()
    assert {position.topic_id for position in after.values()}.isdisjoint({position.topic_id for position in before.values()})


async def test_a_topic_created_again_is_read_from_its_beginning(kafka: Kafka, journal_world: JournalWorld) -> None:
    """Where the new one is longer than the old was, no offset is out of range: only its id tells that it is another."""
    topic, feed = await kafka.topic(), Feed()
    await _publish(kafka, topic, feed.fill(30, people=30))
    async with _ingesting(kafka, {topic: SOURCE}, journal_world):
        await eventually(lambda: _head(journal_world), 30)
    await kafka.create_again(topic)
    await _publish(kafka, topic, feed.fill(500, people=30))
    async with _ingesting(kafka, {topic: SOURCE}, journal_world):
        await eventually(lambda: _head(journal_world), 530)
    assert [entry.event for entry in await journal_world.journal.read(0, 1000)] == feed.events


async def test_a_topic_created_again_is_seen_while_it_is_read(kafka: Kafka, journal_world: JournalWorld) -> None:
    """Although reading goes on at the old offset as if nothing had happened."""
    topic, feed = await kafka.topic(), Feed()
    await _publish(kafka, topic, feed.fill(30, people=30))
    async with _ingesting(kafka, {topic: SOURCE}, journal_world):
        await eventually(lambda: _head(journal_world), 30)
        await kafka.create_again(topic)
        await _publish(kafka, topic, feed.fill(500, people=30))
        await eventually(lambda: _head(journal_world), 530, patience_s=40)
    assert [entry.event for entry in await journal_world.journal.read(0, 1000)] == feed.events


async def test_a_client_that_fetches_no_more_is_replaced(
    kafka: Kafka, journal_world: JournalWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that uvloop has closed raises what the client does not expect: it logs that, and gives nothing for ever after."""
    topic, feed, fetch, died = await kafka.topic(), Feed(), Fetcher._proc_fetch_request, asyncio.Event()

    async def dying(fetcher: Fetcher, *arguments: object) -> bool:
        if not died.is_set():
            died.set()
            raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")
        return bool(await fetch(fetcher, *arguments))

    async with _ingesting(kafka, {topic: SOURCE}, journal_world):
        await _publish(kafka, topic, feed.fill(30, people=30))
        await eventually(lambda: _head(journal_world), 30)
        monkeypatch.setattr(Fetcher, "_proc_fetch_request", dying)
        await died.wait()
        await _publish(kafka, topic, feed.fill(20, people=30))
        await eventually(lambda: _head(journal_world), 50, patience_s=40)
    assert [entry.event for entry in await journal_world.journal.read(0, 100)] == feed.events


async def test_foreign_and_unreadable_records_are_parked_alone_and_passed(kafka: Kafka, journal_world: JournalWorld) -> None:
    """Nobody who can write to a topic can stop the journal with rubbish."""
    topic, feed = await kafka.topic(partitions=2), Feed()
    await _publish(kafka, topic, feed.fill(10))
    await kafka.put(topic, [(None, (), b"rubbish"), (b"k", (("ce_specversion", b"\xff"),), b"{}")], partition=0)
    await kafka.put_unreadable(topic, partition=0)
    await kafka.put_unreadable(topic, partition=1)
    await _publish(kafka, topic, feed.fill(10))
    async with _ingesting(kafka, {topic: SOURCE}, journal_world):
        await eventually(lambda: _head(journal_world), 20, patience_s=30)
    assert [entry.event for entry in await journal_world.journal.read(0, 50)] == feed.events
    if journal_world.pool is not None:
        query = "select partition, reason, waiting_key from messaging.parked where consumer = 'ingester' order by partition, kafka_offset"
        rows = [tuple(row) for row in await journal_world.pool.fetch(query)]
        assert [(partition, key) for partition, _, key in rows] == [(0, None), (0, None), (0, None), (1, None)]
        assert rows[-1][1] == "not ours: the client cannot read it"


async def test_one_that_cannot_be_read_is_passed_among_many_partitions_with_nothing_to_read(
    kafka: Kafka, journal_world: JournalWorld
) -> None:
    """As in a whole Ancora, where most partitions of five topics are empty: none of them is waited for."""
    topic, feed = await kafka.topic(), Feed()
    others = {await kafka.topic(partitions=12): "intake" for _ in range(4)}
    async with _ingesting(kafka, {**others, topic: SOURCE}, journal_world):
        await _publish(kafka, topic, feed.fill(10))
        await eventually(lambda: _head(journal_world), 10)
        await kafka.put_unreadable(topic, partition=0)
        await _publish(kafka, topic, feed.fill(10, people=30))
        await eventually(lambda: _head(journal_world), 20, patience_s=8)


async def test_what_surrounds_records_that_cannot_be_read_is_neither_lost_nor_doubled(kafka: Kafka, journal_world: JournalWorld) -> None:
    """One of them makes the client throw away everything it had fetched, of the other partitions too."""
    topic, feed = await kafka.topic(partitions=12), Feed()
    # The client asks for partitions in an order that it draws by lot: where the strange one comes first, it has nothing to throw away.
    for partitions, stored in (((3,), 120), ((7,), 240), ((11,), 360), ((0, 2, 0), 600)):
        for partition in partitions:
            await _publish(kafka, topic, feed.fill(60, people=30))
            await kafka.put_unreadable(topic, partition=partition)
            await kafka.put_unreadable(topic, partition=partition, after=[_as_put(event) for event in feed.events[-3:]])
        await _publish(kafka, topic, feed.fill(60, people=30))
        async with _ingesting(kafka, {topic: SOURCE}, journal_world):
            await eventually(lambda: _head(journal_world), stored, patience_s=15)
    async with _ingesting(kafka, {topic: SOURCE}, journal_world):
        await kafka.put_unreadable(topic, partition=3)
        await _publish(kafka, topic, feed.fill(60, people=30))
        await eventually(lambda: _head(journal_world), 660, patience_s=40)
        await eventually(lambda: _passed(journal_world), 660 + 13 + 18)
    assert [entry.event for entry in await journal_world.journal.read(0, 1000)] == feed.events
    if journal_world.pool is not None:
        query = "select partition, count(*) from messaging.parked group by 1 order by 1"
        assert [tuple(row) for row in await journal_world.pool.fetch(query)] == [(0, 4), (2, 2), (3, 3), (7, 2), (11, 2)]


def _as_put(event: FeedEvent) -> tuple[bytes, tuple[tuple[str, bytes], ...], bytes]:
    """Return an event as anybody who read it could put it once more: a repeat, wherever it lies."""
    return event.recorded.envelope.partition_key.encode(), tuple(to_headers(event)), event.recorded.data


async def _passed(world: JournalWorld) -> int:
    return sum(position.next_offset for position in (await world.writer.positions()).values())


async def _publish(kafka: Kafka, topic: str, events: Sequence[FeedEvent]) -> None:
    publisher = KafkaPublisher(kafka.bootstrap)
    await publisher.publish(topic, events)
    await publisher.close()


@asynccontextmanager
async def _ingesting(
    kafka: Kafka, sources: dict[str, str], world: JournalWorld, *, second: bool = False, hole_s: float = 10.0
) -> AsyncIterator[Ingester]:
    ingester = Ingester(kafka.bootstrap, sources, world.other if second else world.writer, hole_s=hole_s)
    running = asyncio.create_task(ingester.run())
    try:
        yield ingester
        assert not running.done()
    finally:
        running.cancel()
        await asyncio.wait([running])


async def _head(world: JournalWorld) -> int:
    return await world.journal.head()


async def _holes(ingester: Ingester, *, older_than_s: float) -> int:
    return sum(hole.age_s > older_than_s for hole in ingester.status().holes)


async def _stopped(ingester: Ingester) -> int:
    return len(ingester.status().stopped)
