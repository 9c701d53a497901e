"""How much one caller may ask for: requests by the second, and different records by the hour. Above it, 429 with Retry-After.

It is counted in the process that answers: several processes let through as many times more. What it bounds is how much somebody with a
stolen token, or a colleague who is curious, carries away before anybody looks.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from services._runtime.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

BURST_S = 2.0
"""Seconds' worth of requests that may come at once."""

WINDOW_S = 3600.0
"""Seconds for which a record counts that was read."""

_CALLERS = 10_000
"""Callers that are remembered; who did not call for the longest is forgotten first."""


class _Caller:
    """What one caller has left of requests, and what they read when, the first time in a window."""

    __slots__ = ("left", "read", "seen")

    def __init__(self, left: float, seen: float) -> None:
        self.left = left
        self.seen = seen
        self.read: OrderedDict[UUID, float] = OrderedDict()


class Rates:
    """Counts the callers of one process. Memory is bounded by callers and by records an hour."""

    def __init__(self, *, requests: float, records: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Let through so many `requests` a second, and so many different `records` an hour, of each caller."""
        self._requests = requests
        self._records = records
        self._clock = clock
        self._callers: OrderedDict[str, _Caller] = OrderedDict()

    def request(self, who: str) -> None:
        """Count a request; raises the problem `too-many-requests`."""
        caller, now = self._caller(who), self._clock()
        caller.left = min(self._requests * BURST_S, caller.left + (now - caller.seen) * self._requests)
        caller.seen = now
        if caller.left < 1:
            raise _too_many("Send requests more slowly", (1 - caller.left) / self._requests)
        caller.left -= 1

    def record(self, who: str, record: UUID) -> None:
        """Count a record that is about to be read; raises the problem `too-many-requests`. One that was read within the hour is free."""
        read, now = self._caller(who).read, self._clock()
        while read and now - next(iter(read.values())) >= WINDOW_S:
            read.popitem(last=False)
        if record in read:
            return
        if len(read) >= self._records:
            raise _too_many(
                "You have read as many different records as anybody needs in an hour", WINDOW_S - now + next(iter(read.values()))
            )
        read[record] = now

    def _caller(self, who: str) -> _Caller:
        found = self._callers.get(who)
        if found is None:
            found = self._callers[who] = _Caller(self._requests * BURST_S, self._clock())
            if len(self._callers) > _CALLERS:
                self._callers.popitem(last=False)
        self._callers.move_to_end(who)
        return found


def _too_many(told: str, wait_s: float) -> Problem:
    seconds = max(1, math.ceil(wait_s))
    return Problem("too-many-requests", f"{told}; try again in {seconds} s.", headers={"Retry-After": str(seconds)})
