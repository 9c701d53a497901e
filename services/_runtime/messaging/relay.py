"""The relay: a service's feed to its topic, in feed order, nothing skipped; what a crash leaves unsure is sent again.

All generations are sent, one after the other. A topic that was created again holds nothing: it is sent everything again.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog
from opentelemetry.trace import SpanKind

from services._runtime.errors import RuntimeFault
from services._runtime.messaging.transient import TRANSIENT
from services._runtime.observing.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contracts.envelope import FeedEvent
    from services._runtime.messaging.publishing import Publisher
    from services._runtime.store.port import EventStore

log = structlog.get_logger(__name__)

BATCH = 1000
_SHORTEST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 5.0
_IDENTITY_S = 5.0


class CursorMoved(RuntimeFault):
    """The cursor is not where this relay left it: another relay was here, or somebody set it back to send again."""


@dataclass(frozen=True, slots=True)
class RelayPosition:
    """The last feed position, of this generation, whose record was acknowledged; 0 before the first."""

    generation: int
    feed_position: int


def lag(stands: RelayPosition, ends: Mapping[int, int]) -> int:
    """Return how many events lie between a relay and the ends of its feeds, which are given by generation."""
    later = sum(end for generation, end in ends.items() if generation > stands.generation)
    return later + max(0, ends.get(stands.generation, 0) - stands.feed_position)


class RelayCursor(Protocol):
    """Where the relay stands, kept beside the store."""

    async def read(self) -> RelayPosition:
        """Return where the relay stands."""
        ...

    async def advance(self, before: RelayPosition, after: RelayPosition) -> None:
        """Move from `before` to `after`, or raise `CursorMoved` where it does not stand at `before`.

        Raises `NotLeader` where another leads now. Either way nothing moves.
        """
        ...

    async def follow(self, topic_id: str) -> bool:
        """Note which topic the cursor speaks of. Where it spoke of another one, begin anew, before the first event; tell whether so.

        Raises `NotLeader` where another leads now.
        """
        ...


@dataclass(frozen=True, slots=True)
class RelayStatus:
    """How far a relay is in its feed, and behind it in events of all generations; why its last try failed (None = it did not)."""

    feed_position: int
    lag: int
    failing: str | None


class Relay:
    """Sends one store's feed to one topic. Two at once do no harm: they send the same records in the same order."""

    def __init__(
        self,
        store: EventStore,
        cursor: RelayCursor,
        publisher: Publisher,
        topic: str,
        *,
        batch: int = BATCH,
        observer: Observer | None = None,
    ) -> None:
        """Read `store`'s feed after `cursor`, `batch` events at a time; tell `observer` of each batch."""
        self._store = store
        self._cursor = cursor
        self._publisher = publisher
        self._topic = topic
        self._batch = batch
        self._observer = observer or Observer()
        self._failing: str | None = None
        self._known_until = 0.0
        self._newest: int | None = None

    async def run(self) -> None:
        """Send until cancelled. Raises `NotLeader` when the lead is lost; a failure is tried again, and nothing overtakes."""
        pause_s = _SHORTEST_PAUSE_S
        try:
            async for _ in self._store.feed_wakes():
                try:
                    await self.catch_up()
                except CursorMoved as moved:
                    log.info("relay.cursor-moved", topic=self._topic, reason=str(moved))
                except TRANSIENT as error:
                    self._failing, self._known_until = type(error).__name__, 0.0
                    self._observer.metrics.relay.failures.inc()
                    log.warning("relay.failed", topic=self._topic, reason=self._failing, retry_s=pause_s)
                    await asyncio.sleep(pause_s)
                    pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
                else:
                    self._failing, pause_s = None, _SHORTEST_PAUSE_S
        finally:
            await self._publisher.close()

    async def catch_up(self) -> int:
        """Send all there is after the cursor, batch by batch; return how many. Raises as publishing and advancing do."""
        await self._look_at_topic()
        stands = await self._cursor.read()
        events = await self._following(stands)
        sent = 0
        while events:
            reached = RelayPosition(events[-1].generation, events[-1].feed_position)
            # While these are on their way, those after them are read.
            following = asyncio.create_task(self._after(events, reached))
            try:
                began_ns = time.time_ns()
                await self._publisher.publish(self._topic, events)
                self._note(events, began_ns)
                await self._cursor.advance(stands, reached)
                sent += len(events)
                stands, events = reached, await following
            finally:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)
        return sent

    async def status(self) -> RelayStatus:
        """Return how far the relay is; right in any process of the service, `failing` only in the one that relays."""
        stands = await self._cursor.read()
        return RelayStatus(stands.feed_position, lag(stands, await self._store.feed_ends()), self._failing)

    async def _look_at_topic(self) -> None:
        """Begin anew where the topic is not the one that was sent to; nothing else tells, once it exists again."""
        if time.monotonic() < self._known_until:
            return
        if await self._cursor.follow(await self._publisher.identity(self._topic)):
            log.warning("relay.topic-created-again", topic=self._topic)
        self._known_until = time.monotonic() + _IDENTITY_S

    def _note(self, events: Sequence[FeedEvent], began_ns: int) -> None:
        told = self._observer.metrics.relay
        told.batches.inc()
        told.events.inc(len(events))
        sent = (event.recorded.envelope for event in events)
        self._observer.traces.passed(f"relay to {self._topic}", sent, SpanKind.PRODUCER, began_ns=began_ns)

    async def _after(self, events: Sequence[FeedEvent], reached: RelayPosition) -> list[FeedEvent]:
        """Return the batch after these, unread where they were no full batch of the newest generation known: the next look sees others."""
        return [] if len(events) < self._batch and reached.generation == self._newest else await self._following(reached)

    async def _following(self, stands: RelayPosition) -> list[FeedEvent]:
        """Return the next batch: of the generation that the cursor is in, then of those after it, each from its position 1."""
        events = await self._store.feed(after=stands.feed_position, limit=self._batch, generation=stands.generation)
        if events:
            return events
        generations = await self._store.feed_ends()
        self._newest = max(generations)
        for generation in generations:
            if generation > stands.generation and (events := await self._store.feed(after=0, limit=self._batch, generation=generation)):
                return events
        return []
