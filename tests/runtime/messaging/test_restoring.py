"""A store that was restored from an older backup, and what the world has seen of it since."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
import pytest

from contracts.envelope import NO_DIGEST, chain
from services._runtime.handling import no_timers
from services._runtime.ids import derived_id, new_id
from services._runtime.messaging.journal import Ingestion
from services._runtime.messaging.journal_memory import MemoryJournal
from services._runtime.messaging.restoring import compare, give_up, take_back
from services._runtime.projecting.feed_source import FeedSource
from services._runtime.store.leadership import Leadership
from services._runtime.store.reopening import DoesNotFollow, reopening
from tests.runtime.messaging.restores import Restore, happens, timetable, whole_feed
from tests.runtime.messaging.worlds import SOURCE, record_of
from tests.support.store_worlds import MemoryWorld, PostgresWorld

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.database import Cluster

MANAGER = "intake.process-managers"


@pytest.fixture
async def restore(cluster: Cluster) -> AsyncIterator[Restore]:
    """Give an accident in which everything is still to happen."""
    async with AsyncExitStack() as stack:
        yield Restore(MemoryWorld(), await PostgresWorld.opened(cluster, stack), MemoryJournal())


async def test_what_the_world_has_seen_comes_back_and_a_new_generation_begins(restore: Restore) -> None:
    """I12 and I10: byte for byte, in the same places; what nobody outside ever had is what is missing."""
    first, second, cause = f"person-{new_id()}", f"person-{new_id()}", new_id()
    await happens(restore.both, first, 3, sealed=1)
    await happens((restore.lost,), first, 2, sealed=1)
    await happens((restore.lost,), second, 4, causation=cause)
    await restore.journalled()
    past = await restore.past()
    assert (past.agreed, past.held, past.lost, past.diverged) == (3, 3, 6, False)

    async with reopening(restore.restored.database.owner_dsn) as store:
        restored = await take_back(past, restore.journal, store, consumer=MANAGER, timetable=timetable)

    assert restored.generation == 2
    assert await whole_feed(restore.restored.store) == await whole_feed(restore.lost.store)
    for stream in (first, second):
        ours, theirs = await restore.restored.store.load(stream), await restore.lost.store.load(stream)
        assert [event.recorded for event in ours] == [event.recorded for event in theirs]
    assert [len(event.sealed) for event in await restore.restored.store.load(first)] == [1, 1, 1, 0, 0]
    assert [(one.feed_position, one.stream_version, one.sealed) for one in restored.adopted][:3] == [
        (4, 4, True),
        (5, 5, True),
        (6, 1, False),
    ]
    assert restored.handled == 1
    assert await restore.restored.store.handled(MANAGER, cause)
    assert restored.timers == 6
    waiting = await restore.restored.store.due_timers(
        (await restore.lost.store.load(second))[-1].recorded.envelope.recorded_at + timedelta(days=2)
    )
    assert sorted(timer.timer_id for timer in waiting) == sorted(
        derived_id("timer", stream, last) for stream, last in ((first, 5), (second, 4))
    )


async def test_a_store_that_came_back_goes_on_in_the_new_generation(restore: Restore) -> None:
    """I3: the next version of each stream, position 1 of a chain of its own."""
    stream = f"person-{new_id()}"
    await happens(restore.both, stream, 2)
    await happens((restore.lost,), stream, 2)
    await restore.journalled()
    async with reopening(restore.restored.database.owner_dsn) as store:
        await take_back(await restore.past(), restore.journal, store, consumer=None, timetable=no_timers)

    await happens((restore.restored,), stream, 2)

    ends = await restore.restored.store.feed_ends()
    assert ends == {1: 4, 2: 2}
    event = (await restore.restored.store.feed(after=0, limit=1))[0]
    assert (event.generation, event.feed_position, event.recorded.envelope.stream_version) == (2, 1, 5)
    assert event.chain == chain(NO_DIGEST, 2, 1, event.recorded.digest)


async def test_what_the_backup_held_unsequenced_gets_the_place_in_which_it_was_seen(restore: Restore) -> None:
    """It is neither stored twice nor fed twice."""
    early, late = f"person-{new_id()}", f"person-{new_id()}"
    await happens(restore.both, early, 2)
    await happens(restore.both, late, 2, sealed=1, sequenced=False)
    await (await restore.lost.sequencer()).sequence()
    await happens((restore.lost,), late, 1)
    await restore.journalled()

    async with reopening(restore.restored.database.owner_dsn) as store:
        restored = await take_back(await restore.past(), restore.journal, store, consumer=MANAGER, timetable=no_timers)

    assert [one.feed_position for one in restored.adopted] == [5]
    assert await whole_feed(restore.restored.store) == await whole_feed(restore.lost.store)
    assert await (await restore.restored.sequencer()).sequence() == 0
    assert [len(event.sealed) for event in await restore.restored.store.load(late)] == [1, 1, 0]


async def test_a_backup_older_than_an_earlier_restore_takes_all_generations_back(restore: Restore) -> None:
    """The generation that follows is newer than any that was seen."""
    stream = f"person-{new_id()}"
    await happens(restore.both, stream, 2)
    for count in (1, 3):
        await happens((restore.lost,), stream, count)
        await restore.lost.open_generation()
    await happens((restore.lost,), stream, 2)
    await restore.journalled()

    async with reopening(restore.restored.database.owner_dsn) as store:
        restored = await take_back(await restore.past(), restore.journal, store, consumer=None, timetable=no_timers)

    assert restored.generation == 4
    assert await restore.restored.store.feed_ends() == {1: 3, 2: 3, 3: 2, 4: 0}
    assert await whole_feed(restore.restored.store) == await whole_feed(restore.lost.store)


async def test_where_nothing_is_missing_a_new_generation_begins_all_the_same(restore: Restore) -> None:
    """What never left the store cannot be known: its places must not be given to others silently."""
    await happens(restore.both, f"person-{new_id()}", 3)
    await restore.journalled()
    await happens((restore.restored,), f"person-{new_id()}", 2)
    past = await restore.past()
    assert (past.agreed, past.held, past.lost, past.diverged) == (3, 5, 0, False)

    async with reopening(restore.restored.database.owner_dsn) as store:
        restored = await take_back(past, restore.journal, store, consumer=None, timetable=no_timers)

    assert (restored.generation, restored.adopted) == (2, ())
    assert await restore.restored.store.feed_ends() == {1: 5, 2: 0}


@pytest.mark.parametrize("sequenced", [True, False], ids=["fed", "not yet fed"])
async def test_a_store_that_went_on_otherwise_is_left_as_it_is(restore: Restore, *, sequenced: bool) -> None:
    """Which of two histories stays is a person's choice, never ours."""
    stream = f"person-{new_id()}"
    await happens(restore.both, stream, 2)
    await happens((restore.lost,), stream, 3)
    await restore.journalled()
    await happens((restore.restored,), stream, 1, sequenced=sequenced)
    before, past = await restore.everything(), await restore.past()
    assert past.diverged is sequenced

    with pytest.raises(DoesNotFollow):
        async with reopening(restore.restored.database.owner_dsn) as store:
            await take_back(past, restore.journal, store, consumer=None, timetable=no_timers)

    assert await restore.everything() == before


async def test_what_a_store_keeps_of_its_own_is_fed_again_and_what_was_seen_is_given_up(restore: Restore) -> None:
    """The older generation ends where both agree; readers of the feed meet each of the store's own events at the position it had."""
    stream, other = f"person-{new_id()}", f"person-{new_id()}"
    await happens(restore.both, stream, 2)
    await happens((restore.lost,), stream, 3)
    await restore.journalled()
    await happens((restore.restored,), stream, 1)
    await happens((restore.restored,), other, 2)
    own = [event.recorded for event in await restore.restored.store.feed(after=2, limit=10)]
    before = [(at, event.recorded) for at, event in await FeedSource(restore.restored.store).read(0, 10)]

    async with reopening(restore.restored.database.owner_dsn) as store:
        restored = await give_up(await restore.past(), restore.journal, store)

    assert [(one.generation, one.feed_position, one.stream_version) for one in restored.given_up] == [(1, 3, 3), (1, 4, 4), (1, 5, 5)]
    assert await restore.restored.store.feed_ends() == {1: 2, 2: 3}
    assert [event.recorded for event in await restore.restored.store.feed(after=0, limit=10)] == own
    link = NO_DIGEST
    for event in await restore.restored.store.feed(after=0, limit=10):
        link = chain(link, 2, event.feed_position, event.recorded.digest)
        assert event.chain == link
    followed = FeedSource(restore.restored.store)
    assert [(at, e.recorded) for at, e in [*await followed.read(0, 10), *await followed.read(2, 10)]] == before


async def test_a_journal_that_was_altered_gives_nothing_back(restore: Restore) -> None:
    """I10: what comes back is vouched for by its digest, not by where it was found."""
    stream = f"person-{new_id()}"
    await happens(restore.both, stream, 1)
    await happens((restore.lost,), stream, 2)
    await restore.journalled()
    entry = restore.journal.entries[-1]
    changed = replace(entry.event.recorded, data=entry.event.recorded.data.replace(b"PR", b"RE"))
    restore.journal.entries[-1] = replace(entry, event=replace(entry.event, recorded=changed))
    before = await restore.everything()

    with pytest.raises(DoesNotFollow, match="generation 1 position 3"):
        async with reopening(restore.restored.database.owner_dsn) as store:
            await take_back(await restore.past(), restore.journal, store, consumer=None, timetable=no_timers)

    assert await restore.everything() == before


async def test_a_store_whose_sequencer_is_led_by_another_is_not_reopened(restore: Restore) -> None:
    """The fence is checked in the transaction that changes the store."""
    dsn = restore.restored.database.dsn
    lease = await Leadership(dsn, "sequence", holder="reopening").take()
    assert lease is not None
    successor = await Leadership(dsn, "sequence", holder="service", silence=timedelta(0)).take()
    assert successor is not None
    before = await restore.everything()
    with pytest.raises(asyncpg.PostgresError, match="no longer leads"):
        async with reopening(restore.restored.database.owner_dsn, lease) as store:
            await store.open("restored", 0)
    assert await restore.everything() == before
    await successor.release()


@pytest.mark.parametrize(("held", "known", "agreed"), [(0, 5, 0), (5, 5, 5), (9, 4, 4), (4, 9, 4), (8, 8, 3), (7, 9, 6), (5, 6, 0)])
async def test_the_last_position_on_which_both_agree_is_found(held: int, known: int, agreed: int) -> None:
    """Chains are equal up to there, and nowhere after it."""
    ours, theirs, journal = MemoryWorld(), MemoryWorld(), MemoryJournal()
    for position in range(1, max(held, known) + 1):
        stream = f"person-{new_id()}"
        if position <= agreed:
            await happens((ours, theirs), stream)
            continue
        for world, end in ((ours, held), (theirs, known)):
            if position <= end:
                await happens((world,), f"person-{new_id()}")
    events = await theirs.store.feed(after=0, limit=100)
    await journal.write(Ingestion([(record_of(event), event) for event in events]))
    past = await compare(ours.store, journal, SOURCE, {})
    assert (past.agreed, past.held, past.lost) == (agreed, held, known - agreed)
    assert past.diverged == (known > agreed and held > agreed)


async def test_a_delivery_is_known_to_have_been_handled_by_a_reaction_only(restore: Restore) -> None:
    """What nothing caused was nobody's delivery; and a service without a process manager has handled none."""
    stream = f"person-{new_id()}"
    await happens((restore.lost,), stream, 2)
    await happens((restore.lost,), stream, 1, causation=new_id())
    await restore.journalled()
    async with reopening(restore.restored.database.owner_dsn) as store:
        restored = await take_back(await restore.past(), restore.journal, store, consumer=None, timetable=no_timers)
    assert restored.handled == 0
    assert await restore.restored.pool.fetch("select from store.inbox") == []
