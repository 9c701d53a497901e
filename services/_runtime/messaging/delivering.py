"""What a consumer does with one record, whatever brought it: handle it once, record its outcome, or park it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog
from opentelemetry.trace import SpanKind

from contracts.cloudevents import NotOurs
from contracts.errors import Refusal
from contracts.event import UnknownEventType, event_class
from services._runtime.errors import NotYet
from services._runtime.messaging.parking import WAITS, Parked
from services._runtime.messaging.records import Record, event_of
from services._runtime.messaging.transient import is_transient
from services._runtime.observing.observer import Observer
from services._runtime.observing.tracing import context_of
from services._runtime.reactions import delivered
from services._runtime.store.port import AlreadyHandled, InboxEntry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from opentelemetry.trace import Span

    from contracts.envelope import FeedEvent
    from services._runtime.clock import Clock
    from services._runtime.handling import Commands
    from services._runtime.messaging.parking import Parking
    from services._runtime.reactions import ProcessManager

log = structlog.get_logger(__name__)

PATIENCE_S = 30.0
"""How long an effect may wait for its cause before it is parked."""

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 5.0


class Delivery:
    """One process manager's way with records. `settle` is called for one record of a partition at a time, in their order."""

    def __init__(
        self,
        manager: ProcessManager,
        commands: Commands,
        parking: Parking,
        clock: Clock,
        sources: Mapping[str, str],
        *,
        patience_s: float = PATIENCE_S,
        observer: Observer | None = None,
    ) -> None:
        """React with `commands`; `sources` says whose events each topic holds."""
        self.manager = manager
        self._commands = commands
        self._store = commands.store
        self._parking = parking
        self._clock = clock
        self._sources = sources
        self._patience_s = patience_s
        self._types = {event.type_name for event in manager.reactions}
        self._observer = observer or Observer()

    async def settle(self, record: Record) -> None:
        """Return when the record is handled, passed or parked, so that its offset may be committed. Never raises.

        While the infrastructure fails it tries again for ever, and the partition waits.
        """
        candidate = self._look(record)
        concerned = {} if isinstance(candidate, NotOurs) else {"correlation": str(candidate.recorded.envelope.correlation)}
        with structlog.contextvars.bound_contextvars(**concerned):
            await self._settle_at_last(record, candidate)

    async def pass_over(self, record: Record, reason: str) -> None:
        """Park a record alone, without looking at it. Raises as parking does."""
        await self._park(Parked(self.manager.name, record, reason))

    def _look(self, record: Record) -> FeedEvent | NotOurs:
        try:
            event = event_of(record, self._sources[record.topic])
            _check_type(event)
        except NotOurs as reason:
            return reason
        return event

    async def _settle_at_last(self, record: Record, candidate: FeedEvent | NotOurs) -> None:
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                await self._settle(record, candidate)
            except Exception as error:  # noqa: BLE001 - only the infrastructure's errors are left here; whatever it is, the record must wait
                self._count("retried")
                log.warning("consumer.retrying", consumer=self.manager.name, **_where(record), reason=type(error).__name__)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            else:
                return

    async def _settle(self, record: Record, event: FeedEvent | NotOurs) -> None:
        if isinstance(event, NotOurs):
            await self.pass_over(record, f"not ours: {event}")
            return
        if event.recorded.envelope.type not in self._types:
            self._count("passed")
            return
        entry = InboxEntry(self.manager.name, event.recorded.envelope.event_id)
        if await self._store.handled(entry.consumer, entry.event_id):
            self._count("passed")
            return
        if await self._parking.waits(entry.consumer, event.recorded.envelope.partition_key):
            await self._park(Parked(self.manager.name, record, WAITS, event))
            return
        with self._span(event):
            await self._handle(record, event, entry)

    async def _handle(self, record: Record, event: FeedEvent, entry: InboxEntry) -> None:
        """React, again while the cause is on its way; park what cannot be handled, and with it what follows under its key."""
        try:
            await self._react_with_patience(event, entry)
        except Refusal as refusal:
            log.info("consumer.refused", consumer=entry.consumer, event_id=str(entry.event_id), code=refusal.code)
            await self._store.record_outcome(InboxEntry(entry.consumer, entry.event_id, refusal.code))
            self._count("refused")
        except AlreadyHandled:
            self._count("passed")
        except Exception as error:
            if is_transient(error):
                raise
            # Only the kind of the error is told: its text may quote values.
            await self._park(Parked(self.manager.name, record, f"{type(error).__module__}.{type(error).__qualname__}", event))
        else:
            await self._store.record_outcome(entry)
            self._count("handled")

    async def _react_with_patience(self, event: FeedEvent, entry: InboxEntry) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience_s
        pause_s = _FIRST_PAUSE_S
        while True:
            # Received anew each time: a moment that has grown old would be refused by the store.
            arrived = delivered(event, self._clock.now())
            reaction = self.manager.reactions.get(type(arrived.event))
            if reaction is None:
                return
            try:
                await reaction(arrived, self._commands, entry)
            except NotYet:
                if loop.time() + pause_s > deadline:
                    raise
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
            else:
                return

    async def _park(self, parked: Parked) -> None:
        await self._parking.park(parked)
        self._count("parked")
        log.error("consumer.parked", consumer=parked.consumer, **_where(parked.record), reason=parked.reason)

    def _count(self, outcome: str) -> None:
        self._observer.metrics.consumers.records.labels(self.manager.name, outcome).inc()

    def _span(self, event: FeedEvent) -> AbstractContextManager[Span]:
        envelope = event.recorded.envelope
        parent, what = context_of(envelope), f"react to {envelope.type}"
        return self._observer.traces.span(
            what, envelope.correlation, parent=parent, kind=SpanKind.CONSUMER, **{"ancora.consumer": self.manager.name}
        )


def _check_type(event: FeedEvent) -> None:
    """Raise `NotOurs` where no contract of this name and version is published."""
    envelope = event.recorded.envelope
    try:
        event_class(envelope.type, envelope.schema_version)
    except UnknownEventType:
        raise NotOurs("the type is unknown") from None


def _where(record: Record) -> dict[str, object]:
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}
