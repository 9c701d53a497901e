"""A service's own feed as a source: one dense position over all generations."""

from __future__ import annotations

from services._runtime.ids import new_id
from services._runtime.projecting.feed_source import FeedSource
from tests.support.recorded import opening
from tests.support.store_worlds import MemoryWorld


async def test_positions_go_on_over_generations() -> None:
    """I12: a list that was level before a restore reads what comes after it, and skips nothing."""
    world = MemoryWorld()
    followed = FeedSource(world.store)
    places: list[tuple[int, int, int]] = []
    for count in (3, 0, 2, 4):
        await world.store.append(opening(f"person-{new_id()}", count))
        await (await world.sequencer()).sequence()
        places += await _read(followed, after=len(places))
        await world.open_generation()
    assert places == [
        *((position, 1, position) for position in (1, 2, 3)),
        *((position, 3, position - 3) for position in (4, 5)),
        *((position, 4, position - 5) for position in (6, 7, 8, 9)),
    ]
    assert await followed.head() == 9
    for after in range(10):
        assert await _read(FeedSource(world.store), after=after) == places[after:]


async def _read(source: FeedSource, *, after: int) -> list[tuple[int, int, int]]:
    """Return position, generation and feed position of all there is, read by two."""
    found: list[tuple[int, int, int]] = []
    while entries := await source.read(after + len(found), 2):
        found += [(position, event.generation, event.feed_position) for position, event in entries]
    return found
