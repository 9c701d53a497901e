"""The scheduler: what time does is a command too, carried out once per timer, and the decider checks again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from contracts.envelope import ClockKind
from contracts.errors import Refusal
from contracts.purpose_codes import Purpose
from services._runtime.clock import day_of
from services._runtime.decider import Context
from services._runtime.ids import derived_id
from services._runtime.observing.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from services._runtime.clock import Clock
    from services._runtime.handling import Commands
    from services._runtime.store.port import EventStore, Timer

    TimerHandler = Callable[[Timer, Commands, Context], Awaitable[None]]

log = structlog.get_logger(__name__)


class Scheduler:
    """Wakes due timers of one service. One leader at a time is enough; two do no harm, for the timer's id is the idempotency key."""

    def __init__(
        self,
        service: str,
        store: EventStore,
        commands: Commands,
        handlers: Mapping[str, TimerHandler],
        clock: Clock,
        *,
        observer: Observer | None = None,
    ) -> None:
        """Serve the timers of `store` by `handlers`, which name every kind of timer that the service sets."""
        self._actor = f"ancora.{service}"
        self._store = store
        self._commands = commands
        self._handlers = handlers
        self._clock = clock
        self._observer = observer or Observer()

    async def run(self, *, pause_s: float = 1.0) -> None:
        """Wake timers as they fall due, until cancelled."""
        while True:
            if not await self.wake_due():
                await asyncio.sleep(pause_s)

    async def wake_due(self) -> int:
        """Serve the timers that are due now; return how many. A refusal settles its timer: there was nothing to do any more."""
        timers = await self._store.due_timers(self._clock.now())
        for timer in timers:
            context = self._context(timer)
            with (
                structlog.contextvars.bound_contextvars(correlation=str(context.correlation)),
                self._observer.traces.span(f"serve timer {timer.kind}", context.correlation),
            ):
                await self._serve(timer, context)
        return len(timers)

    async def _serve(self, timer: Timer, context: Context) -> None:
        outcome = "served"
        try:
            await self._handlers[timer.kind](timer, self._commands, context)
        except Refusal as refusal:
            outcome = "refused"
            log.info("timer.refused", kind=timer.kind, stream=timer.stream_id, code=refusal.code)
        await self._store.settle_timer(timer.timer_id)
        self._observer.metrics.commands.timers.labels(timer.kind, outcome).inc()

    def _context(self, timer: Timer) -> Context:
        """Return who and when: a timer of the demonstration is served at the moment at which it fell due, others now.

        Now is asked for each: a moment that has grown old while others were served would be refused by the store.
        """
        moment = timer.due_at if timer.clock is ClockKind.DEMONSTRATION else self._clock.now()
        return Context(
            actor=self._actor,
            organisation="ancora",
            role="scheduler",
            purpose=Purpose.INTEGRATION,
            correlation=derived_id("timer", timer.timer_id),
            now=moment,
            occurred_on=day_of(moment),
            clock=timer.clock,
        )
