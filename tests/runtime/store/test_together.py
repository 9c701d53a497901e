"""Appends that go together: who shares a transaction with whom, and whose error is whose."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from services._runtime.errors import Retryable
from services._runtime.ids import new_id
from services._runtime.store.port import AlreadyHandled, Append, ConcurrencyError, InboxEntry, Request, RequestRepeated
from services._runtime.store.together import LANES, MOST, Together
from tests.support.recorded import new_stream, opening
from tests.support.store_worlds import PostgresWorld

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tests.support.database import Cluster


class Groups:
    """A store that waits at a gate, keeps what was stored group by group, and refuses groups that hold an append of `bad`."""

    def __init__(self, *, bad: Sequence[Append] = (), error: Exception | None = None) -> None:
        self.gate = asyncio.Event()
        self.stored: list[list[Append]] = []
        self.tried = 0
        self._bad = bad
        self._error = error or ValueError("bad")

    async def store(self, appends: Sequence[Append]) -> None:
        """Store all of them, or raise."""
        self.tried += 1
        await self.gate.wait()
        if any(append in self._bad for append in appends):
            raise self._error
        self.stored.append(list(appends))


@pytest.fixture
async def world(cluster: Cluster) -> AsyncIterator[PostgresWorld]:
    """Give an empty store."""
    async with AsyncExitStack() as stack:
        yield await PostgresWorld.opened(cluster, stack)


async def test_what_comes_at_the_same_moment_goes_together() -> None:
    groups, appends = Groups(), [opening(new_stream()) for _ in range(10)]
    groups.gate.set()

    await _all(Together(groups.store), appends)

    assert groups.stored == [appends]


async def test_an_append_that_finds_a_lane_free_waits_for_nobody() -> None:
    groups = Groups()
    together = Together(groups.store)
    tasks = [asyncio.create_task(together.append(opening(new_stream())))]
    for _ in range(LANES + 1):
        await _settled()
        tasks.append(asyncio.create_task(together.append(opening(new_stream()))))
    await _settled()

    assert groups.tried == LANES
    groups.gate.set()
    await asyncio.gather(*tasks)
    assert sorted(map(len, groups.stored)) == [1] * (LANES - 1) + [1, 2]


async def test_a_group_has_a_bound() -> None:
    groups = Groups()
    groups.gate.set()

    await _all(Together(groups.store), [opening(new_stream()) for _ in range(MOST + 1)])

    assert [len(group) for group in groups.stored] == [MOST, 1]


@pytest.mark.parametrize("shared", ["stream", "request", "delivery"])
async def test_two_that_want_the_same_row_never_go_together(shared: str) -> None:
    """Else the one that comes too late would undo its whole group."""
    groups = Groups()
    rivals = _rivals(shared)
    together = Together(groups.store)
    tasks = [asyncio.create_task(together.append(one)) for one in (*rivals, opening(new_stream()))]
    await _settled()
    groups.gate.set()
    await asyncio.gather(*tasks)

    assert [len(group) for group in groups.stored] == [2, 1]
    assert groups.stored[0][0] is rivals[0]
    assert groups.stored[1] == [rivals[1]]


async def test_an_error_reaches_only_the_one_whose_it_is() -> None:
    """The others of its group are stored all the same, each once."""
    appends = [opening(new_stream()) for _ in range(16)]
    groups = Groups(bad=appends[5:6])
    groups.gate.set()

    results = await asyncio.gather(*map(Together(groups.store).append, appends), return_exceptions=True)

    assert [type(result) for result in results] == [ValueError if number == 5 else type(None) for number in range(16)]
    assert sorted(append.streams[0].stream_id for group in groups.stored for append in group) == sorted(
        append.streams[0].stream_id for append in (*appends[:5], *appends[6:])
    )


async def test_what_may_be_stored_or_not_is_told_to_all_and_tried_by_none() -> None:
    """A lost connection says nothing: trying again here could store twice what has no request to know it by."""
    appends = [opening(new_stream()) for _ in range(4)]
    groups = Groups(bad=appends[:1], error=Retryable("lost"))
    groups.gate.set()

    results = await asyncio.gather(*map(Together(groups.store).append, appends), return_exceptions=True)

    assert [type(result) for result in results] == [Retryable] * 4
    assert groups.tried == 1


async def test_who_is_cancelled_while_it_waits_is_not_stored() -> None:
    stream, groups = new_stream(), Groups()
    together = Together(groups.store)
    first, second = opening(stream), opening(stream)
    going, waiting = (asyncio.create_task(together.append(one)) for one in (first, second))
    await _settled()
    waiting.cancel()
    groups.gate.set()
    await going

    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert groups.stored == [[first]]


async def test_among_many_at_once_each_gets_its_own_error(world: PostgresWorld) -> None:
    """On PostgreSQL: a stale version, a repeated request and a repeated delivery among appends that are fine."""
    stream, request, delivery = new_stream(), Request("client", "key", b"hmac"), InboxEntry("consumer", new_id())
    await world.store.append(opening(stream))
    await world.store.append(Append(opening(new_stream()).streams, request=request))
    await world.store.append(Append(opening(new_stream()).streams, inbox=delivery))
    fine = [opening(new_stream()) for _ in range(20)]
    bad = [opening(stream), Append(opening(new_stream()).streams, request), Append(opening(new_stream()).streams, inbox=delivery)]

    results = await asyncio.gather(*map(world.store.append, [*fine[:10], *bad, *fine[10:]]), return_exceptions=True)

    assert [type(result) for result in results[10:13]] == [ConcurrencyError, RequestRepeated, AlreadyHandled]
    assert results[:10] == results[13:] == [None] * 10
    for append in fine:
        assert len(await world.store.load(append.streams[0].stream_id)) == 1


def _rivals(shared: str) -> tuple[Append, Append]:
    if shared == "stream":
        stream = new_stream()
        return opening(stream), opening(stream)
    one, other = opening(new_stream()).streams, opening(new_stream()).streams
    if shared == "request":
        request = Request("client", "key", b"hmac")
        return Append(one, request), Append(other, request)
    delivery = InboxEntry("consumer", new_id())
    return Append(one, inbox=delivery), Append(other, inbox=delivery)


async def _all(together: Together, appends: Sequence[Append]) -> None:
    await asyncio.gather(*map(together.append, appends))


async def _settled() -> None:
    """Let every task that can go on go on."""
    for _ in range(5):
        await asyncio.sleep(0)
