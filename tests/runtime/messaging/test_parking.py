"""Parking, in memory and in PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

from services._runtime.ids import new_id
from services._runtime.messaging.parking import Parked
from services._runtime.messaging.records import Record, pack_headers, unpack_headers
from tests.runtime.messaging.worlds import Feed, ParkingWorld, record_of

STRANGE = Record("t", 3, 7, None, (("é", None), ("", b"\xff\x00"), ("é", b"")), None)


async def test_a_parked_event_holds_back_its_key_for_its_consumer_alone(parking_world: ParkingWorld) -> None:
    """Other keys and other consumers go on."""
    parking, person = parking_world.parking, new_id()
    event = Feed().add(person)
    await parking.park(Parked("tutors", record_of(event), "broken", event))
    assert await parking.waits("tutors", str(person))
    assert not await parking.waits("pathways", str(person))
    assert not await parking.waits("tutors", str(new_id()))
    assert (await parking.count("tutors"), await parking.count("pathways")) == (1, 0)


async def test_a_foreign_record_holds_back_nothing_and_is_kept_as_it_came(parking_world: ParkingWorld) -> None:
    """Whatever its bytes are."""
    await parking_world.parking.park(Parked("tutors", STRANGE, "not ours: no event"))
    assert not await parking_world.parking.waits("tutors", "")
    assert await parking_world.reasons() == ["not ours: no event"]


async def test_parking_the_same_again_changes_nothing(parking_world: ParkingWorld) -> None:
    """A delivery is repeated when its offset was not committed."""
    event = Feed().add()
    for offset in (4, 4, 9):
        await parking_world.parking.park(Parked("tutors", record_of(event, offset=offset), "broken", event))
        await parking_world.parking.park(Parked("tutors", STRANGE, "not ours: no event"))
    assert await parking_world.reasons() == ["broken", "not ours: no event"]


async def test_another_record_at_the_same_offset_is_parked_too(parking_world: ParkingWorld) -> None:
    """A topic that was created again has the same offsets with other records."""
    await parking_world.parking.park(Parked("tutors", STRANGE, "first"))
    await parking_world.parking.park(Parked("tutors", replace(STRANGE, value=b"other"), "second"))
    assert await parking_world.reasons() == ["first", "second"]


def test_packed_headers_lose_nothing() -> None:
    """Order, repetitions, absent values, any bytes."""
    assert unpack_headers(pack_headers(STRANGE.headers)) == STRANGE.headers
    assert unpack_headers(pack_headers(())) == ()
