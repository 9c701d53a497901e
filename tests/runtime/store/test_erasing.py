"""What every event store promises about erasing what destroyed keys sealed: one suite, run on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import asyncpg
import pytest

from services._runtime.ids import new_id
from services._runtime.store.connecting import connect
from services._runtime.store.keyring import SubjectErased
from services._runtime.store.port import Append, StreamAppend
from tests.support.recorded import new_events, new_stream, opening, recorded
from tests.support.store_worlds import PostgresWorld

if TYPE_CHECKING:
    from tests.runtime.store.conftest import World


@pytest.fixture
def world(shared_world: World) -> World:
    """Share one database: each test has its own streams."""
    return shared_world


async def test_what_a_destroyed_key_sealed_is_gone_and_all_else_stays_as_it_was(world: World) -> None:
    """I7: ciphertexts go, in whichever stream; bytes, commitments and digests prove what they proved."""
    stream = new_stream()
    events = new_events(stream, 2, sealed=2)
    await world.store.append(Append((StreamAppend(stream, 0, events),)))
    gone, kept = events[0].sealed[0].key_id, events[0].sealed[1].key_id

    await world.store.erase({gone})
    await world.store.erase({gone})

    loaded = await world.store.load(stream)
    assert recorded(loaded) == recorded(events)
    assert [key_id for key_id, _ in loaded[0].sealed] == [kept]
    assert len(loaded[1].sealed) == 2
    event_id = events[0].recorded.envelope.event_id
    assert [key_id for key_id, _ in (await world.store.sealed_parts([event_id]))[event_id]] == [kept]


async def test_what_a_destroyed_key_still_seals_is_refused(world: World) -> None:
    """I7: a process may have had the key in memory; nothing of the append is stored, and its neighbours' are."""
    stream, other = new_stream(), new_stream()
    late, neighbours = new_events(stream, 1, sealed=1), new_events(other, 1, sealed=1)
    await world.store.erase({late[0].sealed[0].key_id})

    outcomes = await asyncio.gather(
        world.store.append(Append((StreamAppend(stream, 0, late),))),
        world.store.append(Append((StreamAppend(other, 0, neighbours),))),
        return_exceptions=True,
    )

    assert isinstance(outcomes[0], SubjectErased)
    assert outcomes[1] is None
    assert await world.store.load(stream) == []
    assert recorded(await world.store.load(other)) == recorded(neighbours)


async def test_an_append_beside_an_erasure_leaves_nothing_sealed(world: World) -> None:
    """I7: whichever comes first, no ciphertext of a destroyed key is left."""
    for _ in range(10):
        stream = new_stream()
        events = new_events(stream, 1, sealed=3)
        keys = {part.key_id for part in events[0].sealed}
        append = world.store.append(Append((StreamAppend(stream, 0, events),)))
        done = await asyncio.gather(append, world.store.erase(keys), return_exceptions=True)
        assert all(one is None or isinstance(one, SubjectErased) for one in done), done
        assert all(event.sealed == () for event in await world.store.load(stream))


async def test_the_streams_of_a_category_are_found_by_their_names(world: World) -> None:
    """Those whose category only begins alike are others."""
    named = [f"{category}-{new_id()}" for category in ("erasing", "erasing", "erasing-more", "erasings")]
    for stream in named:
        await world.store.append(opening(stream, 2))
    found = await world.store.streams("erasing")
    assert set(named[:2]) <= set(found)
    assert len(found) == len(set(found))
    assert named[3] not in found


async def test_nobody_deletes_what_a_living_key_sealed(world: World) -> None:
    """I7, I10: not the application, and not the owner of the database either; only an erasure deletes."""
    if not isinstance(world, PostgresWorld):
        pytest.skip("only a database has other users")
    stream = new_stream()
    await world.store.append(Append((StreamAppend(stream, 0, new_events(stream, 1, sealed=1)),)))
    for dsn in (world.database.dsn, world.database.owner_dsn):
        somebody = await connect(dsn)
        for statement in ("delete from store.sealed", "truncate store.sealed", "delete from store.erased_key"):
            if statement == "delete from store.erased_key" or await somebody.fetchval("select count(*) from store.sealed"):
                with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.PostgresError)):
                    await somebody.execute(statement)
        await somebody.close()
    assert len((await world.store.load(stream))[0].sealed) == 1
