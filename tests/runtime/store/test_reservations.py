"""What every event store promises about values that one stream alone may hold: one suite, run on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from services._runtime.store.port import Append, Reservation, StreamAppend, ValueTaken
from tests.support.recorded import following, new_events, new_stream, opening

if TYPE_CHECKING:
    from tests.runtime.store.conftest import World

KIND = "tax-code"


@pytest.fixture
def world(shared_world: World) -> World:
    """Share one database: each test has its own streams and values."""
    return shared_world


@pytest.fixture
def value() -> bytes:
    """Give an HMAC that nobody has."""
    return secrets.token_bytes(32)


def taking(stream: str, value: bytes | None, *, kind: str = KIND) -> Append:
    """Return an append that opens a stream and reserves a value for it."""
    return replace(opening(stream), reservations=(Reservation(kind, value, stream),))


async def moving(world: World, stream: str, value: bytes | None) -> None:
    """Append to a stream and let it hold another value, or none."""
    await world.store.append(Append((await following(world.store, stream),), reservations=(Reservation(KIND, value, stream),)))


async def test_a_value_that_a_stream_holds_is_refused_to_another_and_nothing_is_stored(world: World, value: bytes) -> None:
    """The error says which kind of value it was, not who has it."""
    first, second = new_stream(), new_stream()
    await world.store.append(taking(first, value))

    with pytest.raises(ValueTaken) as refused:
        await world.store.append(taking(second, value))

    assert refused.value.kind == KIND
    assert first not in str(refused.value)
    assert await world.store.load(second) == []


async def test_of_many_who_want_a_value_at_once_exactly_one_has_it(world: World, value: bytes) -> None:
    """Whether they are stored together or apart."""
    streams = [new_stream() for _ in range(12)]

    results = await asyncio.gather(*(world.store.append(taking(stream, value)) for stream in streams), return_exceptions=True)

    assert results.count(None) == 1
    assert sum(isinstance(result, ValueTaken) for result in results) == 11
    stored = [stream for stream in streams if await world.store.load(stream)]
    assert stored == [streams[results.index(None)]]


async def test_what_is_unique_of_one_kind_is_free_in_another(world: World, value: bytes) -> None:
    """Kinds know nothing of each other."""
    await world.store.append(taking(new_stream(), value))
    await world.store.append(taking(new_stream(), value, kind="document"))


async def test_a_stream_that_takes_another_value_gives_the_first_one_back(world: World, value: bytes) -> None:
    """A correction frees what was wrong, in the same transaction."""
    stream, other = new_stream(), new_stream()
    await world.store.append(taking(stream, value))
    await moving(world, stream, another := secrets.token_bytes(32))

    await world.store.append(taking(other, value))
    with pytest.raises(ValueTaken):
        await world.store.append(taking(new_stream(), another))


async def test_a_stream_that_is_refused_keeps_what_it_had(world: World, value: bytes) -> None:
    """A failed append gives nothing back."""
    stream, another = new_stream(), secrets.token_bytes(32)
    await world.store.append(taking(stream, value))
    await world.store.append(taking(new_stream(), another))

    with pytest.raises(ValueTaken):
        await moving(world, stream, another)
    with pytest.raises(ValueTaken):
        await world.store.append(taking(new_stream(), value))


async def test_a_value_may_be_taken_again_by_its_stream_and_given_back(world: World, value: bytes) -> None:
    """The same value twice is no conflict with oneself."""
    stream = new_stream()
    await world.store.append(taking(stream, value))
    await moving(world, stream, value)
    await moving(world, stream, None)
    await world.store.append(taking(new_stream(), value))


async def test_everything_that_a_stream_holds_is_released_without_an_event(world: World, value: bytes) -> None:
    """I7: an erased person's codice fiscale leaves no trace here; whoever really has it can be enrolled."""
    stream, other = new_stream(), new_stream()
    await world.store.append(taking(stream, value))

    assert await world.store.release(stream) == 1
    assert await world.store.release(stream) == 0

    await world.store.append(taking(other, value))
    assert len(await world.store.load(stream)) == 1


async def test_reservations_that_contradict_the_append_are_a_bug(world: World, value: bytes) -> None:
    """One value of a kind for each of its own streams, and no value twice."""
    one, two = new_stream(), new_stream()
    both = Append((StreamAppend(one, 0, new_events(one)), StreamAppend(two, 0, new_events(two))))
    for wanted in (
        (Reservation(KIND, value, new_stream()),),
        (Reservation(KIND, value, one), Reservation(KIND, None, one)),
        (Reservation(KIND, value, one), Reservation(KIND, value, two)),
    ):
        with pytest.raises(ValueError, match=r"reservation|same value"):
            await world.store.append(replace(both, reservations=wanted))
    assert await world.store.load(one) == []
