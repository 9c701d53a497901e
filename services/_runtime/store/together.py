"""Appends that come while others are being stored go together: one round trip and one commit for all of them.

A commit costs the same for one command as for many, and under load it is most of the cost. An append that finds a lane free goes at
once, so that nobody ever waits for company.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from services._runtime.errors import Retryable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from services._runtime.store.port import Append

LANES = 3
"""Transactions under way at once: while one waits for the disk, the next are being carried out."""

MOST = 64
"""Appends that go together at most."""

MOST_BYTES = 1 << 20
"""Bytes of data that go together at most, unless one append alone has more."""


class _Waiting:
    """An append, the rows that it wants for itself, its bytes of data, and who waits for it."""

    __slots__ = ("append", "done", "rows", "size")

    def __init__(self, append: Append) -> None:
        self.append = append
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.rows: set[object] = {stream.stream_id for stream in append.streams}
        if append.request is not None:
            self.rows.add((append.request.client, append.request.key))
        if append.inbox is not None:
            self.rows.add((append.inbox.consumer, append.inbox.event_id))
        self.rows |= {(one.kind, one.value) for one in append.reservations if one.value is not None}
        self.size = sum(len(event.recorded.data) for stream in append.streams for event in stream.events)


class Together:
    """Stores appends in groups. Each is stored wholly or not at all all the same, and gets the error that is its own."""

    def __init__(self, store: Callable[[Sequence[Append]], Awaitable[None]]) -> None:
        """Store by `store`, which stores all that it is given, or raises and has stored nothing; after `Retryable` it may have."""
        self._store = store
        self._waiting: deque[_Waiting] = deque()
        self._busy: set[object] = set()
        self._lanes: set[asyncio.Task[None]] = set()

    async def append(self, append: Append) -> None:
        """Return when it is stored, raise what `store` raises for it. Cancelled early enough, it is not stored."""
        waiting = _Waiting(append)
        self._waiting.append(waiting)
        if len(self._lanes) < LANES:
            lane = asyncio.create_task(self._work())
            self._lanes.add(lane)
            lane.add_done_callback(self._lanes.discard)
        await waiting.done

    async def _work(self) -> None:
        """Store group after group until nothing waits that could go: what waits for a lane's rows is taken by that lane."""
        while group := self._take():
            rows = {row for one in group for row in one.rows}
            self._busy |= rows
            try:
                await self._settle(group)
            finally:
                self._busy -= rows
                for one in group:
                    one.done.cancel()

    def _take(self) -> list[_Waiting]:
        """Take what goes together: nothing in it wants a row that another in it, or one under way, wants."""
        group: list[_Waiting] = []
        left: deque[_Waiting] = deque()
        wanted, size = set(self._busy), 0
        while self._waiting and len(group) < MOST and size < MOST_BYTES:
            one = self._waiting.popleft()
            if one.done.done():
                continue
            if wanted.isdisjoint(one.rows):
                group.append(one)
                size += one.size
            else:
                left.append(one)
            # What is left keeps its turn before those of its streams that came later.
            wanted |= one.rows
        self._waiting.extendleft(reversed(left))
        return group

    async def _settle(self, group: Sequence[_Waiting]) -> None:
        try:
            await self._store([one.append for one in group])
        except Exception as error:  # noqa: BLE001 - whatever it is, whoever waits is told
            if len(group) > 1 and not isinstance(error, Retryable):
                # Nothing was stored. The half without the culprit will be.
                middle = len(group) // 2
                await self._settle(group[:middle])
                await self._settle(group[middle:])
                return
            for one in group:
                if not one.done.done():
                    one.done.set_exception(error)
        else:
            for one in group:
                if not one.done.done():
                    one.done.set_result(None)
