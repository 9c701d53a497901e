"""What every event store refuses to store, because it could not be believed or proved later: on memory and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from contracts.envelope import ClockKind
from services._runtime.errors import EventTooLarge
from services._runtime.ids import new_id
from services._runtime.store.port import Append, ClockSkew, Request, StreamAppend
from tests.support.recorded import SIMULATED, altered, new_events, new_stream, opening, recorded

if TYPE_CHECKING:
    from tests.runtime.store.conftest import World


@pytest.fixture
def world(shared_world: World) -> World:
    """Share one database: each test has its own streams."""
    return shared_world


@pytest.mark.parametrize("skew", [timedelta(seconds=-6), timedelta(seconds=6)])
async def test_a_moment_more_than_five_seconds_away_is_refused_and_a_fresh_one_is_stored(world: World, skew: timedelta) -> None:
    """The store does not take a machine's word for what time it is; the same request is as good as new afterwards."""
    stream, request = new_stream(), Request("worker-7", str(new_id()), b"h" * 32)
    wrong = new_events(stream)[0].recorded.envelope.recorded_at + skew
    with pytest.raises(ClockSkew, match="5 s"):
        await world.store.append(Append((StreamAppend(stream, 0, new_events(stream, at=wrong)),), request=request))
    assert await world.store.load(stream) == []
    assert await world.store.known_request(request.client, request.key) is None

    await world.store.append(replace(opening(stream), request=request))
    assert len(await world.store.load(stream)) == 1


async def test_an_event_is_recorded_later_than_the_last_of_its_stream(world: World) -> None:
    """Order by time never contradicts order by version."""
    stream = new_stream()
    (first,) = new_events(stream)
    await world.store.append(Append((StreamAppend(stream, 0, (first,)),)))
    (second,) = new_events(stream, after=first.recorded)

    at_once = altered(second, recorded_at=first.recorded.envelope.recorded_at)
    with pytest.raises(ValueError, match="recorded_at is not later"):
        await world.store.append(Append((StreamAppend(stream, 1, (at_once,)),)))
    await world.store.append(Append((StreamAppend(stream, 1, (second,)),)))


async def test_the_demonstration_clock_is_refused_where_it_is_not_allowed(world: World) -> None:
    """No simulated event gets among real ones."""
    stream = new_stream()
    simulated = new_events(stream, at=SIMULATED, clock=ClockKind.DEMONSTRATION)
    with pytest.raises(ValueError, match="demonstration"):
        await world.store.append(Append((StreamAppend(stream, 0, simulated),)))


async def test_the_demonstration_clock_may_be_years_away_where_it_is_allowed(demonstration_world: World) -> None:
    """Two years of caseload are lived through in minutes, and each event says so."""
    stream = new_stream()
    simulated = new_events(stream, 2, at=SIMULATED, clock=ClockKind.DEMONSTRATION)
    await demonstration_world.store.append(Append((StreamAppend(stream, 0, simulated),)))
    assert [event.recorded.envelope.clock for event in await demonstration_world.store.load(stream)] == [ClockKind.DEMONSTRATION] * 2


async def test_too_large_an_event_is_refused_before_anything_is_stored(world: World) -> None:
    """What Kafka would not take must not be in the store."""
    stream, other = new_stream(), new_stream()
    large = new_events(stream, data=b" " * (900 * 1024))
    with pytest.raises(EventTooLarge, match=r"intake\.beneficiary_enrolled"):
        await world.store.append(Append((StreamAppend(other, 0, new_events(other)), StreamAppend(stream, 0, large))))
    assert await world.store.load(other) == []

    fits = new_events(stream, data=b" " * (890 * 1024))
    await world.store.append(Append((StreamAppend(stream, 0, fits),)))
    assert recorded(await world.store.load(stream)) == recorded(fits)


async def test_an_event_that_is_not_chained_to_its_stream_is_refused(world: World) -> None:
    """I10: a stream whose links do not hold cannot come to be."""
    stream, other = new_stream(), new_stream()
    await world.store.append(opening(stream))
    (foreign,) = new_events(other)
    (unlinked,) = new_events(stream, after=replace(foreign.recorded, digest=b"x" * 32))
    with pytest.raises(ValueError, match="not chained"):
        await world.store.append(Append((StreamAppend(stream, 1, (unlinked,)),)))


async def test_a_digest_that_does_not_cover_the_event_is_refused(world: World) -> None:
    """I10: what cannot be proved later is not stored now."""
    stream = new_stream()
    (event,) = new_events(stream, sealed=1)
    changed = replace(event, recorded=replace(event.recorded, data=b"{}"))
    with pytest.raises(ValueError, match="digest"):
        await world.store.append(Append((StreamAppend(stream, 0, (changed,)),)))
    with pytest.raises(ValueError, match="commitment"):
        await world.store.append(Append((StreamAppend(stream, 0, (replace(event, sealed=()),)),)))


async def test_an_event_id_is_stored_once(world: World) -> None:
    """The same event under two streams is a bug, and said so."""
    stream = new_stream()
    events = new_events(stream)
    await world.store.append(Append((StreamAppend(stream, 0, events),)))
    other = new_stream()
    copied = altered(new_events(other)[0], event_id=events[0].recorded.envelope.event_id)
    with pytest.raises(ValueError, match="stored already"):
        await world.store.append(Append((StreamAppend(other, 0, (copied,)),)))
