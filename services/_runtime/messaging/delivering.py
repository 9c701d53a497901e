"""What a consumer does with one record, whatever brought it: handle it once, record its outcome, or park it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from opentelemetry.trace import SpanKind

from contracts.cloudevents import NotOurs
from contracts.errors import Refusal
from contracts.event import UnknownEventType, event_class
from services._runtime.errors import NotYet
from services._runtime.messaging.parking import WAITS, Parked, line_of
from services._runtime.messaging.records import Record, event_of
from services._runtime.messaging.transient import is_transient
from services._runtime.observing.observer import Observer
from services._runtime.observing.places import places_of
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

_NOBODY = ""
"""Whose events a topic holds that is not read any more: a parked record may have come from one."""

_LONGEST_KIND = 200
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 5.0


@dataclass(frozen=True, slots=True)
class Handled:
    """The event has its effect, now or from an earlier delivery, or none is due; the inbox knows."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The decider refused: an outcome, which the inbox knows by its code."""

    code: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing was stored. Only the kind of the error is told: its text may quote values."""

    kind: str


Reacted = Handled | Refused | Failed


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
        candidate = self.look(record)
        concerned = {} if isinstance(candidate, NotOurs) else {"correlation": str(candidate.recorded.envelope.correlation)}
        with structlog.contextvars.bound_contextvars(**concerned):
            await self._settle_at_last(record, candidate)

    async def pass_over(self, record: Record, reason: str) -> None:
        """Park a record alone, without looking at it. Raises as parking does."""
        await self._park(Parked(self.manager.name, record, reason))

    def look(self, record: Record) -> FeedEvent | NotOurs:
        """Return the event that a record carries, or why it is none of ours: not its form, or no contract of its type is known."""
        try:
            event = event_of(record, self._sources.get(record.topic, _NOBODY))
            _check_type(event)
        except NotOurs as reason:
            return reason
        return event

    async def handle(self, event: FeedEvent) -> Reacted:
        """React once, again while the cause is on its way, and write the outcome into the inbox. Raises what the infrastructure does."""
        entry = InboxEntry(self.manager.name, event.recorded.envelope.event_id)
        if event.recorded.envelope.type not in self._types or await self._store.handled(entry.consumer, entry.event_id):
            self._count("passed")
            return Handled()
        with self._span(event):
            return await self._react(event, entry)

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
        if not await self._waits(record, event):
            outcome = await self.handle(event)
            if isinstance(outcome, Failed):
                await self._park(Parked(self.manager.name, record, outcome.kind, event))

    async def _waits(self, record: Record, event: FeedEvent) -> bool:
        """Park the event where earlier ones of its line are parked; return whether it is parked now."""
        line, entry = line_of(self.manager.name, event), (self.manager.name, event.recorded.envelope.event_id)
        # A line that is being retried may be empty by the time we park: then nothing holds the event back any more. And where it
        # was handled before, or in that very retry, it must not be parked again.
        if not await self._parking.waits(line) or await self._store.handled(*entry):
            return False
        parked = Parked(self.manager.name, record, WAITS, event)
        if not await self._parking.park_behind(parked):
            return False
        self._tell(parked)
        return True

    async def _react(self, event: FeedEvent, entry: InboxEntry) -> Reacted:
        try:
            await self._react_with_patience(event, entry)
        except Refusal as refusal:
            log.info("consumer.refused", consumer=entry.consumer, event_id=str(entry.event_id), code=refusal.code)
            await self._store.record_outcome(InboxEntry(entry.consumer, entry.event_id, refusal.code))
            self._count("refused")
            return Refused(refusal.code)
        except AlreadyHandled:
            self._count("passed")
            return Handled()
        except Exception as error:
            if is_transient(error):
                raise
            return _failed(entry, error)
        await self._store.record_outcome(entry)
        self._count("handled")
        return Handled()

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
        self._tell(parked)

    def _tell(self, parked: Parked) -> None:
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


def _failed(entry: InboxEntry, error: Exception) -> Failed:
    """Say how and where a reaction failed, and return that it did."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"[:_LONGEST_KIND]
    log.error("consumer.failed", consumer=entry.consumer, event_id=str(entry.event_id), error=kind, places=places_of(error))
    return Failed(kind)


def _check_type(event: FeedEvent) -> None:
    """Raise `NotOurs` where no contract of this name and version is published."""
    envelope = event.recorded.envelope
    try:
        event_class(envelope.type, envelope.schema_version)
    except UnknownEventType:
        raise NotOurs("the type is unknown") from None


def _where(record: Record) -> dict[str, object]:
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}
