"""What every store and sequencer promise about the feed: one suite, run on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from contracts.envelope import NO_DIGEST, FeedEvent, chain
from services._runtime.store.port import Append, ConcurrencyError, NotLeader, StreamAppend
from tests.support.recorded import following, new_events, new_stream, opening

if TYPE_CHECKING:
    from services._runtime.store.port import EventStore, Sequencer
    from tests.runtime.store.conftest import World


async def test_a_stored_event_is_in_the_feed_once_it_is_sequenced_and_only_once(world: World) -> None:
    """Storing gives no place in the feed; the sequencer does, once."""
    await world.store.append(opening(new_stream(), 3))
    assert await world.store.feed(after=0, limit=10) == []
    assert await world.store.feed_head() == (1, 0, NO_DIGEST)

    sequencer = await world.sequencer()
    assert [await sequencer.sequence(), await sequencer.sequence()] == [3, 0]

    feed = await world.store.feed(after=0, limit=10)
    assert [event.feed_position for event in feed] == [1, 2, 3]
    assert await world.store.feed_head() == (1, 3, feed[-1].chain)


async def test_the_feed_carries_what_was_stored_and_the_chain_that_the_contract_defines(world: World) -> None:
    """I10: the database's chain equals the one that anybody recomputes."""
    stream = new_stream()
    events = new_events(stream, 5, sealed=1)
    await world.store.append(Append((StreamAppend(stream, 0, events),)))
    sequencer = await world.sequencer()
    await sequencer.sequence(limit=2)
    await sequencer.sequence(limit=2)
    await sequencer.sequence(limit=2)

    feed = await world.store.feed(after=0, limit=100)

    link = NO_DIGEST
    for number, (event, given) in enumerate(zip(feed, events, strict=True), start=1):
        link = chain(link, 1, number, given.recorded.digest)
        assert event == FeedEvent(recorded=given.recorded, source="intake", generation=1, feed_position=number, chain=link)


async def test_the_feed_is_read_by_position_and_limit(world: World) -> None:
    """A plain cursor is all that a reader needs to keep."""
    await world.store.append(opening(new_stream(), 7))
    await (await world.sequencer()).sequence()

    assert [event.feed_position for event in await world.store.feed(after=2, limit=3)] == [3, 4, 5]
    assert [event.feed_position for event in await world.store.feed(after=6, limit=3)] == [7]
    assert await world.store.feed(after=7, limit=3) == []


async def test_one_call_moves_no_more_than_its_limit(world: World) -> None:
    """A backlog is worked off in pieces."""
    await world.store.append(opening(new_stream(), 5))
    sequencer = await world.sequencer()
    assert [await sequencer.sequence(limit=2) for _ in range(4)] == [2, 2, 1, 0]


async def test_each_generation_has_a_feed_of_its_own_that_begins_at_one(world: World) -> None:
    """I12: an older generation stays readable to its end, whatever comes after it; its chain says which generation it is of."""
    sequencer = await world.sequencer()
    for count in (3, 2):
        await world.store.append(opening(new_stream(), count))
        await sequencer.sequence()
        await world.open_generation()
    await world.store.append(opening(new_stream(), 4))
    assert await world.store.feed_ends() == {1: 3, 2: 2, 3: 0}
    await sequencer.sequence()

    assert await world.store.feed_ends() == {1: 3, 2: 2, 3: 4}
    feeds = {generation: await world.store.feed(after=0, limit=10, generation=generation) for generation in (1, 2, 3)}
    assert await world.store.feed(after=0, limit=10) == feeds[3]
    assert await world.store.feed_head() == (3, 4, feeds[3][-1].chain)
    for generation, feed in feeds.items():
        link = NO_DIGEST
        for number, event in enumerate(feed, start=1):
            link = chain(link, generation, number, event.recorded.digest)
            assert (event.generation, event.feed_position, event.chain) == (generation, number, link)
    assert [event.feed_position for event in await world.store.feed(after=1, limit=1, generation=1)] == [2]


async def test_a_stale_leader_changes_nothing(world: World) -> None:
    """I3: two who think they lead cannot both give positions."""
    stale, leader = await world.sequencer(), await world.sequencer()
    await world.store.append(opening(new_stream(), 2))

    with pytest.raises(NotLeader):
        await stale.sequence()

    assert await world.store.feed_head() == (1, 0, NO_DIGEST)
    assert await leader.sequence() == 2
    with pytest.raises(NotLeader):
        await stale.sequence()


async def test_with_many_writers_the_feed_is_dense_complete_and_in_stream_order(world: World) -> None:
    """I3: whatever order transactions commit in, nothing is skipped and no stream is inverted."""
    sequencer = await world.sequencer()
    streams = [new_stream() for _ in range(10)]
    writing = asyncio.gather(*(_write(world.store, streams, seed) for seed in range(32)))
    goal: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    reading = asyncio.create_task(_follow(world.store, goal))

    while not writing.done():
        await sequencer.sequence(limit=50)
        await asyncio.sleep(0)
    await _drain(sequencer)
    written = sum(await writing)
    generation, head, _ = await world.store.feed_head()
    assert (generation, head) == (1, written)

    goal.set_result(head)
    async with asyncio.timeout(10):
        seen = await reading
    assert [event.feed_position for event in seen] == list(range(1, written + 1))
    versions: defaultdict[str, list[int]] = defaultdict(list)
    for event in seen:
        versions[event.recorded.envelope.stream_id].append(event.recorded.envelope.stream_version)
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())
    stored = {stream: [event.recorded for event in await world.store.load(stream)] for stream in streams}
    assert {event.recorded.digest for event in seen} == {each.digest for events in stored.values() for each in events}


async def _write(store: EventStore, streams: list[str], seed: int) -> int:
    """Append to one or two streams at a time, as fast as conflicts allow; return how many events."""
    chance = random.Random(seed)
    written = 0
    for _ in range(8):
        chosen = chance.sample(streams, chance.choice([1, 1, 2]))
        try:
            append = Append(tuple([await following(store, stream, chance.randint(1, 3)) for stream in chosen]))
            await store.append(append)
        except ConcurrencyError:
            continue
        written += sum(len(stream.events) for stream in append.streams)
    return written


async def _follow(store: EventStore, goal: asyncio.Future[int]) -> list[FeedEvent]:
    """Read the feed as it grows, by cursor, as a relay does, up to the position that the caller names in the end."""
    seen: list[FeedEvent] = []
    while not (goal.done() and len(seen) >= goal.result()):
        seen += await store.feed(after=len(seen), limit=17)
        await asyncio.sleep(0.001)
    return seen


async def _drain(sequencer: Sequencer) -> None:
    while await sequencer.sequence():
        pass
