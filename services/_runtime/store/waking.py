"""Waking those who wait for commits: bells that ring listeners, coalesced, with a slow poll behind them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

PAUSE = 0.005
"""Seconds that pass at least between two wakes: what happens meanwhile is seen together."""

POLL = 1.0
"""Seconds after which a listener wakes although nobody rang: a wake is a courtesy, never what correctness rests on."""


class Wakes(Protocol):
    """Tells listeners, in this process or another, that something was committed."""

    def ring(self) -> None:
        """Wake all listeners soon. Never blocks, never raises; rings in quick succession become one."""
        ...

    def listen(self) -> AsyncGenerator[None, None]:
        """Yield at once, then after rings (at most once per 5 ms), and at least once a second all the same."""
        ...


class MemoryWakes:
    """Wakes listeners of this process."""

    def __init__(self, *, poll: float = POLL) -> None:
        """Wake everybody each `poll` seconds although nobody rang."""
        self._poll = poll
        self._bells: set[asyncio.Event] = set()

    def ring(self) -> None:
        """Wake all listeners."""
        for bell in self._bells:
            bell.set()

    async def listen(self) -> AsyncGenerator[None, None]:
        """Yield at once, so that nothing is missed between a look and the first wait; then after rings."""
        bell, clock = asyncio.Event(), asyncio.get_running_loop().time
        self._bells.add(bell)
        try:
            while True:
                bell.clear()
                woken = clock()
                yield
                # Not wait_for, which in Python 3.11 loses a cancellation that comes together with the bell.
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._poll):
                        await bell.wait()
                # What a listener did since counts: whoever had nothing to do for a while is woken without delay.
                await asyncio.sleep(woken + PAUSE - clock())
        finally:
            self._bells.discard(bell)
