"""What every event store promises about appending and loading: one suite, run on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from services._runtime.ids import new_event_id
from services._runtime.store.port import (
    AlreadyHandled,
    Append,
    ConcurrencyError,
    InboxEntry,
    KnownRequest,
    Request,
    RequestRepeated,
    StreamAppend,
)
from services._runtime.store.postgres_codec import append_arguments
from tests.support.recorded import following, new_events, new_stream, opening, recorded

if TYPE_CHECKING:
    from tests.runtime.store.conftest import World


@pytest.fixture
def world(shared_world: World) -> World:
    """Share one database: each test has its own streams."""
    return shared_world


async def test_what_was_appended_is_loaded_byte_for_byte(world: World) -> None:
    """I1: an acknowledged event is stored, and is what was given."""
    stream = new_stream()
    events = new_events(stream, 3, sealed=2)

    await world.store.append(Append((StreamAppend(stream, 0, events),)))

    loaded = await world.store.load(stream)
    assert recorded(loaded) == recorded(events)
    assert [event.position for event in loaded] == sorted(event.position for event in loaded)
    assert [event.sealed for event in loaded] == [
        tuple(sorted((part.key_id, part.ciphertext) for part in event.sealed)) for event in events
    ]
    assert recorded(await world.store.load(stream, after=2)) == recorded(events[2:])


async def test_an_unknown_stream_is_empty(world: World) -> None:
    """Loading asks for nothing to exist."""
    assert await world.store.load(new_stream()) == []


async def test_version_8_after_4_is_refused(world: World) -> None:
    """A gap is refused although nothing else has these versions."""
    stream = new_stream()
    events = new_events(stream, 9)
    await world.store.append(Append((StreamAppend(stream, 0, events[:4]),)))

    with pytest.raises(ConcurrencyError) as refused:
        await world.store.append(Append((StreamAppend(stream, 7, events[7:]),)))

    assert (refused.value.expected, refused.value.actual, refused.value.unseen) == (7, 4, ())
    assert recorded(await world.store.load(stream)) == recorded(events[:4])


async def test_a_stale_append_is_told_what_it_has_not_seen(world: World) -> None:
    """The error carries the events above the expected version."""
    stream = new_stream()
    events = new_events(stream, 3)
    await world.store.append(Append((StreamAppend(stream, 0, events),)))

    with pytest.raises(ConcurrencyError) as refused:
        await world.store.append(Append((StreamAppend(stream, 1, new_events(stream, after=events[0].recorded)),)))

    assert refused.value.stream_id == stream
    assert recorded(refused.value.unseen) == recorded(events[1:])


async def test_of_many_writers_to_one_version_exactly_one_succeeds(world: World) -> None:
    """The others get a concurrency error, never a broken stream."""
    stream = new_stream()
    await world.store.append(opening(stream, 2))
    rivals = [await following(world.store, stream) for _ in range(8)]

    results = await asyncio.gather(*(world.store.append(Append((rival,))) for rival in rivals), return_exceptions=True)

    lost = [result for result in results if isinstance(result, ConcurrencyError)]
    assert (results.count(None), len(lost)) == (1, 7)
    winner = rivals[results.index(None)]
    assert all(recorded(error.unseen) == recorded(winner.events) for error in lost)
    assert recorded((await world.store.load(stream))[2:]) == recorded(winner.events)


async def test_a_repeated_request_stores_nothing_and_tells_the_first_outcome(world: World) -> None:
    """The idempotency key is checked before versions: a repeat is not stale, it is a repeat."""
    guarded, stream = sorted([new_stream(), new_stream()])
    request = Request(new_stream(), "key-1", b"h" * 32)
    first = Append((StreamAppend(stream, 0, new_events(stream, 2)), StreamAppend(guarded, 0, ())), request=request)
    await world.store.append(first)

    with pytest.raises(RequestRepeated) as repeated:
        await world.store.append(replace(first, request=replace(request, body_hmac=b"x" * 32)))

    assert repeated.value.known == KnownRequest(b"h" * 32, ((guarded, 0, 0), (stream, 0, 2)))
    assert repeated.value.known == await world.store.known_request(request.client, "key-1")
    assert len(await world.store.load(stream)) == 2
    assert await world.store.known_request("another client", "key-1") is None


async def test_of_one_request_sent_many_times_at_once_one_is_carried_out(world: World) -> None:
    """Impatient clients do no harm."""
    request = Request(new_stream(), "key-1", b"h" * 32)
    streams = [new_stream() for _ in range(6)]

    results = await asyncio.gather(
        *(world.store.append(replace(opening(stream), request=request)) for stream in streams), return_exceptions=True
    )

    assert results.count(None) == 1
    assert sum(isinstance(result, RequestRepeated) for result in results) == 5
    assert sum([len(await world.store.load(stream)) for stream in streams]) == 1


async def test_a_repeated_delivery_has_no_second_effect(world: World) -> None:
    """I4: the inbox row and the effect are stored together, or neither."""
    entry = InboxEntry("pathways.process-managers", new_event_id())
    stream = new_stream()
    await world.store.append(replace(opening(stream), inbox=entry))

    with pytest.raises(AlreadyHandled):
        await world.store.append(Append(((await following(world.store, stream)),), inbox=entry))

    assert len(await world.store.load(stream)) == 1
    assert await world.store.handled(entry.consumer, entry.event_id)
    assert not await world.store.handled("another.consumer", entry.event_id)


async def test_an_append_that_fails_leaves_no_request_and_no_inbox_row(world: World) -> None:
    """I4: a delivery whose effect was refused as stale can be handled again."""
    stream = new_stream()
    await world.store.append(opening(stream))
    entry = InboxEntry("pathways.process-managers", new_event_id())

    with pytest.raises(ConcurrencyError):
        await world.store.append(replace(opening(stream), request=Request("c", "k", b"h"), inbox=entry))

    assert await world.store.known_request("c", "k") is None
    assert not await world.store.handled(entry.consumer, entry.event_id)


async def test_an_outcome_without_events_is_an_inbox_row_too(world: World) -> None:
    """I4: a refusal is remembered, so that the delivery is not tried again."""
    entry = InboxEntry("tutors.process-managers", new_event_id(), refused="already-open")
    await world.store.record_outcome(entry)
    await world.store.record_outcome(entry)

    assert await world.store.handled(entry.consumer, entry.event_id)
    with pytest.raises(AlreadyHandled):
        await world.store.append(replace(opening(new_stream()), inbox=entry))


async def test_an_append_over_several_streams_is_stored_whole_or_not_at_all(world: World) -> None:
    """Assigning a tutor touches three streams: none of them may be left behind."""
    assignment, request, tutor = new_stream(), new_stream(), new_stream()
    await world.store.append(opening(tutor))
    stale = Append(
        (
            StreamAppend(assignment, 0, new_events(assignment)),
            StreamAppend(request, 0, new_events(request)),
            StreamAppend(tutor, 0, new_events(tutor)),
        )
    )

    with pytest.raises(ConcurrencyError) as refused:
        await world.store.append(stale)
    assert refused.value.stream_id == tutor
    assert [len(await world.store.load(stream)) for stream in (assignment, request, tutor)] == [0, 0, 1]

    await world.store.append(replace(stale, streams=(*stale.streams[:2], await following(world.store, tutor))))
    assert [len(await world.store.load(stream)) for stream in (assignment, request, tutor)] == [1, 1, 2]


async def test_appends_over_the_same_streams_in_any_order_never_block_each_other(world: World) -> None:
    """Whoever loses gets a concurrency error, not a deadlock."""
    streams = [new_stream() for _ in range(3)]
    for _ in range(5):
        rivals = []
        for turn in range(6):
            order = streams[turn % 3 :] + streams[: turn % 3]
            rivals.append(Append(tuple([await following(world.store, stream) for stream in order])))
        results = await asyncio.gather(*(world.store.append(rival) for rival in rivals), return_exceptions=True)
        assert results.count(None) == 1
        assert all(result is None or isinstance(result, ConcurrencyError) for result in results)


def test_streams_are_locked_in_one_order_whatever_order_they_are_given_in() -> None:
    """Two appends over the same streams never wait for each other crosswise."""
    streams = tuple(StreamAppend(stream, 0, new_events(stream)) for stream in (new_stream() for _ in range(4)))
    sent = [append_arguments([Append(order)]) for order in permutations(streams)]
    assert all(arguments == sent[0] for arguments in sent)
    assert sent[0][0] == sorted(stream.stream_id for stream in streams)


async def test_an_append_without_events_still_checks_the_version(world: World) -> None:
    """A command that changed nothing was decided on what it saw, all the same."""
    stream = new_stream()
    await world.store.append(opening(stream, 2))

    await world.store.append(Append((StreamAppend(stream, 2, ()),)))
    with pytest.raises(ConcurrencyError):
        await world.store.append(Append((StreamAppend(stream, 1, ()),)))


async def test_sealed_parts_are_found_by_event(world: World) -> None:
    """What is personal can be asked for by the events that have some."""
    stream = new_stream()
    clear, personal = new_events(stream), new_events(new_stream(), sealed=2)
    other = personal[0].recorded.envelope.stream_id
    await world.store.append(Append((StreamAppend(stream, 0, clear), StreamAppend(other, 0, personal))))

    ids = [events[0].recorded.envelope.event_id for events in (clear, personal)]
    found = await world.store.sealed_parts([*ids, new_event_id()])

    assert found == {ids[1]: tuple(sorted((part.key_id, part.ciphertext) for part in personal[0].sealed))}


async def test_events_are_found_by_their_ids_with_what_is_sealed_of_them(world: World) -> None:
    """Many at once, of whichever streams; what there is not is absent."""
    clear, personal = new_events(new_stream()), new_events(new_stream(), sealed=2)
    streams = [events[0].recorded.envelope.stream_id for events in (clear, personal)]
    await world.store.append(
        Append(tuple(StreamAppend(stream, 0, events) for stream, events in zip(streams, (clear, personal), strict=True)))
    )

    ids = [events[0].recorded.envelope.event_id for events in (clear, personal)]
    found = await world.store.events([*ids, new_event_id()])

    assert found == {event_id: (await world.store.load(stream))[0] for event_id, stream in zip(ids, streams, strict=True)}
    assert len(found[ids[1]].sealed) == 2
