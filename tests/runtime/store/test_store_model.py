"""Any sequence of appends, repeats, takeovers and sequencing against a model of twenty lines: one machine for each implementation."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from contracts.envelope import NO_DIGEST, RecordedEvent, chain
from services._runtime.ids import new_event_id
from services._runtime.store.port import (
    AlreadyHandled,
    Append,
    ConcurrencyError,
    InboxEntry,
    NotLeader,
    Request,
    RequestRepeated,
    Sequencer,
    StreamAppend,
)
from tests.support.recorded import new_events, new_stream, recorded
from tests.support.store_worlds import MemoryWorld, PostgresWorld

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tests.runtime.store.conftest import World
    from tests.support.database import Cluster

T = TypeVar("T")

STREAMS = 3
some_stream = st.integers(0, STREAMS - 1)
perhaps = st.none() | st.integers(0, 1)


@dataclass
class Model:
    """What a store holds, as plainly as it can be said."""

    streams: dict[str, list[RecordedEvent]]
    requests: set[int] = field(default_factory=set)
    inbox: set[int] = field(default_factory=set)
    waiting: list[RecordedEvent] = field(default_factory=list)
    feed: list[RecordedEvent] = field(default_factory=list)

    def refusal(self, append: Append, key: int | None, delivery: int | None) -> type[Exception] | None:
        """Return what an append should be refused with."""
        if key in self.requests:
            return RequestRepeated
        if delivery in self.inbox:
            return AlreadyHandled
        fits = all(len(self.streams[stream.stream_id]) == stream.expected_version for stream in append.streams)
        return None if fits else ConcurrencyError

    def store(self, append: Append, key: int | None, delivery: int | None) -> None:
        """Hold what an append stores."""
        for stream in sorted(append.streams, key=lambda stream: stream.stream_id):
            self.streams[stream.stream_id] += recorded(stream.events)
            self.waiting += recorded(stream.events)
        self.requests |= set() if key is None else {key}
        self.inbox |= set() if delivery is None else {delivery}


class StoreMachine(RuleBasedStateMachine):
    """Does to a store whatever clients, deliveries and sequencers may do, and compares it with the model after each step."""

    server: ClassVar[Cluster | None] = None

    def __init__(self) -> None:
        """Open a world of its own: in memory, or on the class's server."""
        super().__init__()
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._world = self._run(_opened(self.server, self._stack))
        self._names = sorted(new_stream() for _ in range(STREAMS))
        self._deliveries = [new_event_id() for _ in range(2)]
        self._model = Model({name: [] for name in self._names})
        self._leader: Sequencer = self._run(self._world.sequencer())
        self._stale: Sequencer | None = None

    def teardown(self) -> None:
        """Close the world."""
        self._run(self._stack.aclose())
        self._runner.close()

    @rule(
        chosen=st.lists(some_stream, min_size=1, max_size=STREAMS, unique=True),
        off=st.sampled_from([0, 0, 0, 0, 1, -1]),
        count=st.integers(0, 3),
        sealed=st.integers(0, 2),
        key=perhaps,
        delivery=perhaps,
    )
    def append(self, chosen: list[int], off: int, count: int, sealed: int, key: int | None, delivery: int | None) -> None:
        """Append to one or several streams, the last of them perhaps at a wrong version."""
        streams = [self._stream(self._names[index], count, sealed) for index in chosen]
        if off:
            streams[-1] = self._stream(self._names[chosen[-1]], count, sealed, off)
        append = Append(
            tuple(streams),
            request=None if key is None else Request("client", f"key-{key}", b"h"),
            inbox=None if delivery is None else InboxEntry("consumer", self._deliveries[delivery]),
        )
        expected = self._model.refusal(append, key, delivery)
        assert self._outcome(self._world.store.append(append)) == expected
        if expected is None:
            self._model.store(append, key, delivery)

    @rule(limit=st.integers(1, 4))
    def sequence(self, limit: int) -> None:
        """Move a part of the outbox into the feed."""
        moved, self._model.waiting = self._model.waiting[:limit], self._model.waiting[limit:]
        self._model.feed += moved
        assert self._run(self._leader.sequence(limit=limit)) == len(moved)

    @rule()
    def take_over(self) -> None:
        """Let another sequencer lead."""
        self._stale, self._leader = self._leader, self._run(self._world.sequencer())

    @rule()
    def sequence_although_stale(self) -> None:
        """Let the sequencer that led before try."""
        if self._stale is not None:
            assert self._outcome(self._stale.sequence()) is NotLeader

    @invariant()
    def streams_are_as_the_model_says(self) -> None:
        """Every stream holds what was accepted, in order."""
        for name, events in self._model.streams.items():
            assert recorded(self._run(self._world.store.load(name))) == events

    @invariant()
    def the_feed_is_as_the_model_says(self) -> None:
        """The feed is dense, in order, chained, and its head is its last."""
        feed = self._run(self._world.store.feed(after=0, limit=1000))
        assert [event.recorded for event in feed] == self._model.feed
        link = NO_DIGEST
        for position, event in enumerate(feed, start=1):
            link = chain(link, 1, position, event.recorded.digest)
            assert (event.feed_position, event.chain) == (position, link)
        assert self._run(self._world.store.feed_head()) == (1, len(feed), link)

    def _stream(self, name: str, count: int, sealed: int, off: int = 0) -> StreamAppend:
        """Return `count` events for the version that is `off` by so many from the stream's."""
        held = self._model.streams[name]
        version = max(0, len(held) + off)
        imagined = [*held, *recorded(new_events(name, max(0, off), after=held[-1] if held else None))]
        return StreamAppend(name, version, new_events(name, count, after=imagined[version - 1] if version else None, sealed=sealed))

    def _outcome(self, work: Coroutine[object, object, object]) -> type[Exception] | None:
        try:
            self._run(work)
        except (AlreadyHandled, ConcurrencyError, NotLeader, RequestRepeated) as error:
            return type(error)
        return None

    def _run(self, work: Coroutine[object, object, T]) -> T:
        return self._runner.run(work)


async def _opened(server: Cluster | None, stack: AsyncExitStack) -> World:
    return MemoryWorld() if server is None else await PostgresWorld.opened(server, stack, size=2)


def test_a_store_does_what_the_model_says(server: Cluster | None) -> None:
    """I1, I3, I4: for any sequence of operations."""

    class Machine(StoreMachine):
        """The machine of this implementation."""

    Machine.server = server
    bounds = settings(
        max_examples=60 if server is None else 8,
        stateful_step_count=20,
        suppress_health_check=[HealthCheck.too_slow],
    )
    run_state_machine_as_test(Machine, settings=bounds)
