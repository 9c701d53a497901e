"""Live figures: server-sent events whose id is a position of the journal; a reader that comes back gets what changed since."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header, Query
from sse_starlette import EventSourceResponse, ServerSentEvent

from services._runtime.errors import Retryable
from services._runtime.web.identity import Caller
from services._runtime.web.problems import Problem
from services.reporting.adapters.answers import TargetOut
from services.reporting.adapters.http_in import FIGURES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from prometheus_client import Gauge
    from starlette.types import Receive, Scope, Send

    from services._runtime.store.waking import Wakes
    from services.reporting.adapters.figures import Reports

PACE = 0.1
"""Seconds between two events at least, where a reader does not say otherwise: what changes meanwhile is told together."""

HEARTBEAT = 15
"""Seconds after which a comment is sent where nothing changes, so that proxies and readers know that the line is alive."""

LONGEST = 600
"""Seconds after which a stream ends: the reader comes back by itself, and its token is looked at again."""

STREAMS = 20
"""Streams that one caller may have open at a time, in each process: somebody's windows, not every connection that there is."""

LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", pattern=r"^\d{1,18}$")]
After = Annotated[int, Query(ge=0, le=10**18, description="position that the reader has, where it cannot send Last-Event-ID")]
Pace = Annotated[float, Query(ge=0.01, le=60, description="seconds between two events at least; what changes meanwhile is told together")]


def stream_router(reports: Reports, shown: Wakes, closing: asyncio.Event, *, clients: Gauge) -> APIRouter:
    """Return the route /stream, which looks when `shown` rings: read models have moved.

    Streams end when `closing` is set, so that a server that stops need not wait for its readers.
    `clients` counts the readers that are connected.
    """
    router = APIRouter(tags=["reporting"])
    open_now: Counter[str] = Counter()

    @router.get("/stream", response_class=EventSourceResponse, operation_id="stream")
    async def stream(
        caller: Annotated[Caller, FIGURES], last_event_id: LastEventId = None, after: After = 0, pace: Pace = PACE
    ) -> EventSourceResponse:
        """Events `figures` (counts changed), `activity` (only the latest activity did), `position` (neither did)."""
        if closing.is_set():
            raise Retryable("this server is stopping")
        if open_now[caller.sub] >= STREAMS:
            raise Problem("too-many-requests", f"Close a stream first: {STREAMS} are open.", headers={"Retry-After": str(HEARTBEAT)})
        seen = after if last_event_id is None else int(last_event_id)
        return _Counted(clients, open_now, caller.sub, changes(reports, seen, shown, closing, pace))

    return router


class _Counted(EventSourceResponse):
    """Counted for as long as the reader is connected."""

    def __init__(self, clients: Gauge, open_now: Counter[str], who: str, content: AsyncIterator[ServerSentEvent]) -> None:
        super().__init__(content, ping=HEARTBEAT, sep="\n", headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._clients = clients
        self._open_now = open_now
        self._who = who

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._open_now[self._who] += 1
        try:
            with self._clients.track_inprogress():
                await super().__call__(scope, receive, send)
        finally:
            self._open_now -= Counter({self._who: 1})


async def changes(reports: Reports, seen: int, shown: Wakes, closing: asyncio.Event, pace: float) -> AsyncIterator[ServerSentEvent]:
    """Yield one event for each position that is found, from the first beyond `seen` on, until `closing`, at most for `LONGEST`.

    An event tells everything that changed since the one before, however many positions lie between: none need be kept.
    """
    clock = asyncio.get_running_loop()
    until = clock.time() + LONGEST
    async with aclosing(shown.listen()) as wakes:
        async for _ in wakes:
            if closing.is_set() or clock.time() >= until:
                return
            with suppress(Retryable):
                position, figures, activity = await reports.changes()
                if position < seen:
                    # The reader knows more than there is: the journal is another one now. Start again from what there is.
                    seen = 0
                if position > seen:
                    yield await _event(reports, position, figures=figures > seen, activity=activity > seen)
                    seen = position
                    with suppress(TimeoutError):
                        await asyncio.wait_for(closing.wait(), pace)


async def _event(reports: Reports, position: int, *, figures: bool, activity: bool) -> ServerSentEvent:
    data: dict[str, object] = {"as_of_position": position}
    if figures:
        # Read after the position: it may be newer, never older, and the next event says so again.
        data["targets"] = [TargetOut.of(target).model_dump() for target in (await reports.figures()).targets]
    name = "figures" if figures else "activity" if activity else "position"
    return ServerSentEvent(json.dumps(data), event=name, id=str(position))
