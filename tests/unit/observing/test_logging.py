"""Logs: one line a fact, and one correlation from the request to whatever came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.envelope import ClockKind
from contracts.intake import NoticeGiven
from services._runtime.clock import SystemClock
from services._runtime.errors import Retryable
from services._runtime.handling import Commands
from services._runtime.ids import new_id
from services._runtime.messaging.delivering import Delivery
from services._runtime.messaging.parking_memory import MemoryParking
from services._runtime.reactions import ProcessManager
from services._runtime.scheduling import Scheduler
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.memory import MemoryEventStore, MemorySequencer
from services._runtime.store.port import Append, Timer
from services._runtime.store.recording import Recorder
from tests.runtime.messaging.reacting import NotAllowed
from tests.runtime.messaging.worlds import record_of
from tests.runtime.web.records import running
from tests.support.observed import Spans, logged

if TYPE_CHECKING:
    from uuid import UUID

    from contracts.envelope import FeedEvent
    from services._runtime.decider import Context
    from services._runtime.reactions import Delivered
    from services._runtime.store.port import InboxEntry


async def test_a_command_and_what_its_event_led_to_are_logged_under_one_correlation() -> None:
    """The request in one service; in another a reaction that was tried again and refused. Recorded spans are named."""
    trace, spans = new_id(), Spans()
    with logged() as lines:
        await _react(await _command(trace, spans), spans)
    assert [(line["event"], line["correlation"]) for line in lines] == [
        ("request", str(trace)),
        ("consumer.retrying", str(trace)),
        ("consumer.refused", str(trace)),
    ]
    by_id = {f"{span.context.span_id:016x}": span.name for span in spans.of(trace) if span.context is not None}
    named = [(line["event"], line["trace_id"], by_id[line["span_id"]]) for line in lines if "span_id" in line]
    assert named == [
        ("request", trace.hex, "POST /records/{record_id}"),
        ("consumer.refused", trace.hex, "react to intake.notice_given"),
    ]


async def test_a_record_that_is_nobody_s_has_no_correlation_not_even_that_of_the_one_before() -> None:
    with logged() as lines:
        event = await _command(new_id(), Spans())
        delivery = _delivery(Spans(), [])
        await delivery.settle(record_of(event))
        foreign = record_of(event, offset=1)
        await delivery.settle(type(foreign)(foreign.topic, 0, 1, None, (), None))
    assert [(line["event"], "correlation" in line) for line in lines[-1:]] == [("consumer.parked", False)]


async def test_what_time_does_has_a_correlation_too() -> None:
    """A timer's: the events that it leads to carry the same."""
    clock, store = SystemClock(), MemoryEventStore("pathways")
    due = clock.now() - timedelta(seconds=1)
    timer = Timer(new_id(), "review-due", f"pathway-{new_id()}", due, ClockKind.SYSTEM)
    await store.append(Append((), timers=(timer,)))
    contexts: list[Context] = []

    async def refuse(_timer: Timer, _commands: Commands, context: Context) -> None:
        contexts.append(context)
        raise NotAllowed

    commands, spans = Commands(store, Recorder(MemoryKeyring())), Spans()
    scheduler = Scheduler("pathways", store, commands, {"review-due": refuse}, clock, observer=spans.observer("pathways"))
    with logged("pathways") as lines:
        assert await scheduler.wake_due() == 1
    (line,), correlation = lines, contexts[0].correlation
    assert (line["event"], line["service"], line["correlation"]) == ("timer.refused", "pathways", str(correlation))
    assert spans.edges(correlation) == {("pathways", "serve timer review-due", None)}


async def _command(trace: UUID, spans: Spans) -> FeedEvent:
    """Send a command with a correlation; return the event that it stored."""
    async with running(demonstration=False, observer=spans.observer("intake")) as setup:
        await setup.client.post(f"/records/{new_id()}", json={}, headers={**setup.headers(), "X-Correlation-Id": str(trace)})
        await MemorySequencer(setup.store).sequence()
        (event,) = await setup.store.feed(after=0, limit=2)
    return event


async def _react(event: FeedEvent, spans: Spans) -> None:
    """Deliver the event to a process manager that the infrastructure fails once, and that is refused then."""
    await _delivery(spans, [Retryable("away"), NotAllowed()]).settle(record_of(event))


def _delivery(spans: Spans, troubles: list[Exception]) -> Delivery:
    async def react(_arrived: Delivered, _commands: Commands, _entry: InboxEntry) -> None:
        if troubles:
            raise troubles.pop(0)

    manager = ProcessManager("pathways.process-managers", ("intake",), {NoticeGiven: react})
    commands = Commands(MemoryEventStore("pathways"), Recorder(MemoryKeyring()))
    return Delivery(manager, commands, MemoryParking(), SystemClock(), {"t": "intake"}, observer=spans.observer("pathways"))
