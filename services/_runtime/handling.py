"""Command handling: load → decide → record → append, over one stream or several at once, again where others were first."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from contracts.envelope import Envelope
from contracts.errors import Refusal, Unknown
from contracts.event import Event
from contracts.personal import EVERY, DataClass
from services._runtime.access.permission import NotPermitted, changeable, nothing_under, permitted
from services._runtime.decider import Decider
from services._runtime.observing.observer import Observer
from services._runtime.opening import Opened, opened
from services._runtime.outcomes import KeyReused, outcome_of
from services._runtime.store.destroying import Destruction
from services._runtime.store.port import (
    Append,
    ConcurrencyError,
    KnownRequest,
    Request,
    RequestRepeated,
    StreamAppend,
    StreamEvent,
    ValueTaken,
)
from services._runtime.store.recording import Recorder, head_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from services._runtime.access.permission import Beside, Load, May, Reach
    from services._runtime.decider import Context, Unique
    from services._runtime.store.port import EventStore, InboxEntry, NewEvent, Reservation, Timer

S = TypeVar("S")

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One command to one aggregate. `command` may be a function of the state, where it depends on it.

    `expected_version`: the version the caller decided on; None decides again on conflict, 0 demands a new stream.
    `follows`: it is what the steps before it entail, whosever the record is; who may take those needs no permission for this one.
    """

    decider: Decider[Any, Any, Any]
    aggregate_id: UUID
    command: object | Callable[[Any], object]
    expected_version: int | None = None
    follows: bool = False

    @property
    def stream_id(self) -> str:
        """The stream that the command goes to."""
        return self.decider.stream(self.aggregate_id)


@dataclass(frozen=True, slots=True)
class TimerChanges:
    """Timers that an event sets and timers that it makes pointless."""

    set: tuple[Timer, ...] = ()
    settle: tuple[UUID, ...] = ()


Timetable = Callable[[Event, Envelope], TimerChanges]
"""A service's rule from an event to its timers; pure."""


def no_timers(_event: Event, _envelope: Envelope) -> TimerChanges:
    """Set no timer: the timetable of a service in which nothing is due."""
    return TimerChanges()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did to one stream: the events after version `after`, up to `version`."""

    stream_id: str
    after: int
    version: int
    events: tuple[StreamEvent, ...] | tuple[NewEvent, ...]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a command did, stream by stream in the order of its steps; `replayed` where it had been done before."""

    outcomes: tuple[Outcome, ...]
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _Decided:
    append: StreamAppend
    timers: TimerChanges
    reservations: tuple[Reservation, ...]
    unique: tuple[Unique, ...]


class Commands:
    """Carries out commands against one service's store."""

    def __init__(
        self,
        store: EventStore,
        recorder: Recorder,
        timetable: Timetable = no_timers,
        *,
        observer: Observer | None = None,
        destruction: Destruction | None = None,
    ) -> None:
        """Store into `store`, seal with `recorder`, set timers by `timetable`; tell `observer`. `destruction` says how to erase."""
        self.store = store
        self._recorder = recorder
        self._timetable = timetable
        self._observer = observer or Observer()
        self.destruction = destruction or Destruction(store, recorder)

    async def read(
        self,
        decider: Decider[Any, S, Any],
        of: UUID,
        *,
        reach: Reach | None = None,
        classes: frozenset[DataClass] = EVERY,
        load: Load | None = None,
    ) -> Opened[S]:
        """Return the aggregate as it is now, its sealed fields of these classes opened where their keys exist.

        `reach` says whether a caller has it, and which of the classes they are told: no key of another is touched, and without events
        is what is not for them, like what is not recorded. By default it is opened for the service itself, which tells nobody.
        `load` reads the stream for a caller (behind the second fence); by default it is read as the machinery does.
        """
        stored = await (load or self.store.load)(decider.stream(of))
        told = EVERY if reach is None else await reach(stored)
        return await opened(self._recorder, decider, [] if told is None else stored, classes=classes, told=told or frozenset())

    async def execute(
        self,
        *steps: Step,
        context: Context,
        request: Request | None = None,
        inbox: InboxEntry | None = None,
        settles: tuple[UUID, ...] = (),
        may: May | None = None,
        beside: Beside | None = None,
    ) -> Receipt:
        """Decide and store all steps at once, or none.

        `may` must permit each record, as it was and as it becomes. A record that it does not permit may be changed
        where `beside` says so; where that leaves it is for its decider alone.

        Raises the decider's `Refusal`, `ConcurrencyError` where a caller's version is stale, `NotPermitted`,
        `KeyReused`, `AlreadyHandled`. A repeated request returns its first outcome.
        """
        total, aggregate = self._observer.metrics.commands.total, steps[0].decider.category
        try:
            receipt = await self._once(steps, request, lambda: self._carried_out(steps, context, request, inbox, settles, may, beside))
        except Exception as error:
            total.labels(aggregate, outcome_of(error)).inc()
            raise
        total.labels(aggregate, "repeated" if receipt.replayed else "stored").inc()
        return receipt

    async def _once(self, steps: Sequence[Step], request: Request | None, carry_out: Callable[[], Awaitable[Receipt]]) -> Receipt:
        """Return what the request did before, or have it carried out now."""
        if (repeated := await self._repeated(steps, request)) is not None:
            return repeated
        try:
            return await carry_out()
        except RequestRepeated as error:
            return await self._replayed(steps, cast("Request", request), error.known)
        except (Refusal, ConcurrencyError):
            # Its first sending may have been stored since it was looked for, and be the very reason for which this one is refused.
            if (repeated := await self._repeated(steps, request)) is not None:
                return repeated
            raise

    async def _carried_out(
        self,
        steps: Sequence[Step],
        context: Context,
        request: Request | None,
        inbox: InboxEntry | None,
        settles: tuple[UUID, ...],
        may: May | None,
        beside: Beside | None,
    ) -> Receipt:
        for attempt in range(1, _TRIES + 1):
            decided = [await self._decide(step, context, None if step.follows else may, beside) for step in steps]
            try:
                await self._append(_all_of(decided, request, inbox, settles))
            except ValueTaken as error:
                taken = next(one for each in decided for one in each.unique if one.kind == error.kind)
                raise taken.refusal() from None
            except ConcurrencyError as error:
                if attempt == _TRIES or any(s.stream_id == error.stream_id and s.expected_version is not None for s in steps):
                    raise
            else:
                return Receipt(tuple(_outcome(each.append) for each in decided))
        raise AssertionError  # the loop returns or raises

    async def _append(self, append: Append) -> None:
        began_ns = time.time_ns()
        with self._observer.metrics.commands.append_duration.time():
            await self.store.append(append)
        stored = (event.recorded.envelope for stream in append.streams for event in stream.events)
        self._observer.traces.stored(stored, began_ns=began_ns)

    async def _decide(self, step: Step, context: Context, may: May | None, beside: Beside | None) -> _Decided:
        stored = await self.store.load(step.stream_id)
        theirs = await changeable(stored, may, beside)
        # Of another's record is decided as of none, so that it is refused as that would be: in the decider's words, where it has its own.
        now = await opened(self._recorder, step.decider, stored if theirs else [])
        if step.expected_version is not None and step.expected_version != now.version:
            if not now.version:
                raise Unknown(nothing_under(step.stream_id)) if theirs else NotPermitted(step.stream_id)
            unseen = now.stored[step.expected_version :]
            raise ConcurrencyError(step.stream_id, step.expected_version, now.version, unseen)
        command = step.command(now.state) if callable(step.command) else step.command
        events = step.decider.decide(command, now.state)
        if not theirs:
            raise NotPermitted(step.stream_id)
        state = now.state
        for event in events:
            state = step.decider.evolve(state, event)
        unique = tuple(step.decider.unique(state))
        placement = step.decider.place(state)
        if may is not None and permitted(stored, may) and not may(placement):
            raise NotPermitted(step.stream_id)
        person = step.decider.partition(state)
        new = await self._recorder.record(
            events,
            head_of(step.stream_id, now.stored),
            context=context,
            placement=placement,
            partition_key=str(person or step.stream_id),
        )
        changes = [self._timetable(event, stored.recorded.envelope) for event, stored in zip(events, new, strict=True)]
        return _Decided(
            StreamAppend(step.stream_id, now.version, new),
            TimerChanges(tuple(t for c in changes for t in c.set), tuple(t for c in changes for t in c.settle)),
            self._recorder.reservations(step.stream_id, step.decider.unique(now.state), unique),
            unique,
        )

    async def _repeated(self, steps: Sequence[Step], request: Request | None) -> Receipt | None:
        """Return what this very request did before; None where nothing of it is stored."""
        known = None if request is None else await self.store.known_request(request.client, request.key)
        return None if request is None or known is None else await self._replayed(steps, request, known)

    async def _replayed(self, steps: Sequence[Step], request: Request, known: KnownRequest) -> Receipt:
        if known.body_hmac != request.body_hmac:
            raise KeyReused
        versions = {stream_id: (after, version) for stream_id, after, version in known.outcomes}
        # Which steps follow may depend on what has changed since: those that were taken are told, in the order of those that there are.
        taken = dict.fromkeys(step.stream_id for step in steps if step.stream_id in versions) | dict.fromkeys(versions)
        outcomes = []
        for stream_id in taken:
            after, version = versions[stream_id]
            events = await self.store.load(stream_id, after=after)
            outcomes.append(Outcome(stream_id, after, version, tuple(events[: version - after])))
        return Receipt(tuple(outcomes), replayed=True)


def _all_of(decided: Sequence[_Decided], request: Request | None, inbox: InboxEntry | None, settles: tuple[UUID, ...]) -> Append:
    return Append(
        streams=tuple(each.append for each in decided),
        request=request,
        inbox=inbox,
        timers=tuple(timer for each in decided for timer in each.timers.set),
        settled_timers=settles + tuple(timer for each in decided for timer in each.timers.settle),
        reservations=tuple(one for each in decided for one in each.reservations),
    )


def _outcome(append: StreamAppend) -> Outcome:
    return Outcome(append.stream_id, append.expected_version, append.expected_version + len(append.events), append.events)
