"""Parking, in memory and in PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from services._runtime.ids import new_id
from services._runtime.messaging.parking import WAITS, BeingTended, Line, Parked, line_of
from services._runtime.messaging.records import Record, pack_headers, unpack_headers
from tests.runtime.messaging.worlds import Feed, ParkingWorld, record_of

if TYPE_CHECKING:
    from contracts.envelope import FeedEvent
    from services._runtime.messaging.parking import Kept, Parking

STRANGE = Record("t", 3, 7, None, (("é", None), ("", b"\xff\x00"), ("é", b"")), None)


def _parked(event: FeedEvent, reason: str = "broken") -> Parked:
    return Parked("tutors", record_of(event, offset=event.feed_position), reason, event)


async def _all(parking: Parking) -> list[Kept]:
    return await parking.page(after=0, limit=100)


async def test_a_parked_event_holds_back_its_key_for_its_consumer_alone(parking_world: ParkingWorld) -> None:
    """Other keys and other consumers go on."""
    parking, person = parking_world.parking, new_id()
    event = Feed().add(person)
    await parking.park(_parked(event))
    assert await parking.waits(Line("tutors", "intake", str(person)))
    assert not await parking.waits(Line("pathways", "intake", str(person)))
    assert not await parking.waits(Line("tutors", "intake", str(new_id())))
    assert (await parking.count("tutors"), await parking.count("pathways")) == (1, 0)


async def test_events_of_another_source_under_the_same_key_are_not_held_back(parking_world: ParkingWorld) -> None:
    """There is no order between two feeds, and what comes through the other one may be the very cause that is missing here."""
    person = new_id()
    await parking_world.parking.park(_parked(Feed("intake").add(person)))
    of_another = _parked(Feed("tutors").add(person), WAITS)
    assert not await parking_world.parking.waits(line_of("tutors", Feed("tutors").add(person)))
    assert not await parking_world.parking.park_behind(of_another)


async def test_a_foreign_record_holds_back_nothing_and_is_kept_as_it_came(parking_world: ParkingWorld) -> None:
    """Whatever its bytes are."""
    parking = parking_world.parking
    await parking.park(Parked("tutors", STRANGE, "not ours: no event"))
    assert not await parking.waits(Line("tutors", "intake", ""))
    (kept,) = await _all(parking)
    assert (kept.reason, kept.event, kept.line, kept.front, kept.behind) == ("not ours: no event", None, None, kept.parked_id, 0)
    assert await parking.record(kept.parked_id) == STRANGE


async def test_parking_the_same_again_changes_nothing(parking_world: ParkingWorld) -> None:
    """A delivery is repeated when its offset was not committed."""
    event = Feed().add()
    for offset in (4, 4, 9):
        await parking_world.parking.park(Parked("tutors", record_of(event, offset=offset), "broken", event))
        await parking_world.parking.park(Parked("tutors", STRANGE, "not ours: no event"))
        assert await parking_world.parking.park_behind(_parked(event, WAITS))
    assert await parking_world.reasons() == ["broken", "not ours: no event"]


async def test_another_record_at_the_same_offset_is_parked_too(parking_world: ParkingWorld) -> None:
    """A topic that was created again has the same offsets with other records."""
    await parking_world.parking.park(Parked("tutors", STRANGE, "first"))
    await parking_world.parking.park(Parked("tutors", replace(STRANGE, value=b"other"), "second"))
    first, second = await _all(parking_world.parking)
    assert (first.reason, second.reason) == ("first", "second")
    assert first.record_id != second.record_id


async def test_the_same_record_parked_again_after_it_was_taken_away_is_another_one(parking_world: ParkingWorld) -> None:
    """What was decided about the first says nothing about the second."""
    parking, ids = parking_world.parking, []
    for _ in range(2):
        await parking.park(Parked("tutors", STRANGE, "not ours: no event"))
        (kept,) = await _all(parking)
        await parking.release(kept)
        ids.append(kept.record_id)
    assert len(set(ids)) == 2
    assert await _all(parking) == []


async def test_an_event_is_parked_behind_others_only_while_others_are_parked(parking_world: ParkingWorld) -> None:
    """Else nobody would ever take it from there."""
    parking, feed, person = parking_world.parking, Feed(), new_id()
    first, second, third = (feed.add(person) for _ in range(3))
    assert not await parking.park_behind(_parked(second, WAITS))
    await parking.park(_parked(first))
    assert await parking.park_behind(_parked(second, WAITS))
    kept, behind = await _all(parking)
    assert [(one.front, one.behind) for one in (kept, behind)] == [(kept.parked_id, 1), (kept.parked_id, 0)]
    assert await parking.released() == []
    await parking.release(kept)
    await parking.release(kept)
    assert await parking.park_behind(_parked(third, WAITS))
    front = await parking.front(line_of("tutors", third))
    assert front is not None
    assert front == replace(behind, front=behind.parked_id, behind=1)
    assert [one.parked_id for one in await parking.released()] == [front.parked_id]
    await parking.keep(front.parked_id, "broken, too")
    assert await parking.released() == []
    assert await parking_world.reasons() == ["broken, too", WAITS]


async def test_what_is_parked_is_read_page_by_page(parking_world: ParkingWorld) -> None:
    """In the order in which it came, with the event's place, and found by its number."""
    parking, feed = parking_world.parking, Feed()
    for event in feed.fill(5):
        await parking.park(_parked(event))
    pages = [await parking.page(after=0, limit=3)]
    pages.append(await parking.page(after=pages[0][-1].parked_id, limit=3))
    found = [kept for page in pages for kept in page]
    assert [len(page) for page in pages] == [3, 2]
    assert [kept.event.feed_position for kept in found if kept.event is not None] == [1, 2, 3, 4, 5]
    assert await parking.find(found[3].parked_id) == found[3]
    assert (await parking.find(found[4].parked_id + 1), await parking.record(found[4].parked_id + 1)) == (None, None)


async def test_how_long_the_oldest_has_waited_is_told_per_consumer(parking_world: ParkingWorld) -> None:
    """With how many keys are held back, and never which: a key is a person's id."""
    parking, feed, person = parking_world.parking, Feed(), new_id()
    assert await parking.standing() == []
    for event in (feed.add(person), feed.add(person), feed.add()):
        await parking.park(_parked(event))
    await parking.park(Parked("ingester", STRANGE, "not ours: no event"))
    await asyncio.sleep(0.05)
    ingester, tutors = await parking.standing()
    assert [(one.consumer, one.parked, one.keys) for one in (ingester, tutors)] == [("ingester", 1, 0), ("tutors", 3, 2)]
    assert 0.05 <= ingester.oldest_age_s <= tutors.oldest_age_s < 10


async def test_one_alone_tends_a_line(parking_world: ParkingWorld) -> None:
    """Another line, and a record that stands in none, are tended beside it."""
    parking, other, feed, person = parking_world.parking, parking_world.elsewhere(), Feed(), new_id()
    for parked in (_parked(feed.add(person)), _parked(feed.add(person), WAITS), _parked(feed.add()), Parked("tutors", STRANGE, "no")):
        await parking.park(parked)
    first, second, neighbour, foreign = await _all(parking)
    async with parking.tended(first):
        for busy in (first, second):
            with pytest.raises(BeingTended):
                await _tend(other, busy)
        for free in (neighbour, foreign):
            await _tend(other, free)
    await _tend(other, second)


async def _tend(parking: Parking, kept: Kept) -> None:
    async with parking.tended(kept):
        pass


def test_packed_headers_lose_nothing() -> None:
    """Order, repetitions, absent values, any bytes."""
    assert unpack_headers(pack_headers(STRANGE.headers)) == STRANGE.headers
    assert unpack_headers(pack_headers(())) == ()
