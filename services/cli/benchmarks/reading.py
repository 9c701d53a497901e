"""A record read as a service answers it, and the read recorded, against the same read without the record: what I9 costs a reader.

Both sides load a person's record behind the second fence, open its sealed fields and fold it. Ours then records the read, in the
database of such records, and goes on when that is stored: as an answer does before its first byte leaves. `reading` is as many readers
at once as connections, who share commits; `reading_alone` is one reader after the other, each waiting for a commit of their own: its bar
only guards against its growing.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.event import Event
from contracts.personal import DataClass
from contracts.topics import access_of
from services._runtime.access.roles import Role
from services._runtime.clock import SystemClock
from services._runtime.decider import Decider, Placement
from services._runtime.handling import Commands
from services._runtime.ids import new_id
from services._runtime.store.connecting import open_pool
from services._runtime.store.fence import Fence
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.postgres import PostgresEventStore
from services._runtime.store.postgres_waking import PostgresWakes
from services._runtime.store.reads import Read, Reads
from services._runtime.store.recording import Recorder
from services.cli.benchmarks.making import enrolment, opening
from services.cli.benchmarks.measuring import Bar, Result, Run, compared, in_turn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from datetime import datetime
    from uuid import UUID

    from services._runtime.store.port import StreamEvent
    from services.cli.benchmarks.counts import Counts
    from services.cli.benchmarks.ground import Ground

BAR = Bar(at_least=0.5)
ALONE_BAR = Bar(at_least=0.1)
_SERVICE = "intake"
_ALONE = 8
"""Of so many reads that are made among others, one is made alone."""


@dataclass(frozen=True, slots=True)
class _CaseWorker:
    role: Role = Role.CASE_WORKER
    organisation: str = "ciac"
    purpose: str = "integration"
    sub: str = "worker-1"
    person: UUID | None = None
    now: datetime | None = None


_CALLER = _CaseWorker()
_RECORD: Decider[Any, Event | None, Any] = Decider(
    category="person",
    initial=None,
    decide=lambda _command, _state: [],
    evolve=lambda _state, event: event,
    place=lambda _state: Placement(),
    partition=lambda _state: None,
)
"""A record that is its last event: how a person's own is folded is not what is measured."""


async def measure(ground: Ground, counts: Counts) -> list[Result]:
    """Measure it. Persons and their keys are made beforehand."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(ground.database(_SERVICE))
        access = await stack.enter_async_context(ground.database(access_of(_SERVICE)))
        pool, answers, access_pool = [
            await stack.enter_async_context(await open_pool(dsn, size=counts.writers))
            for dsn in (database.dsn, database.answers_dsn, access.dsn)
        ]
        wakes = await stack.enter_async_context(PostgresWakes(database.dsn))
        access_wakes = await stack.enter_async_context(PostgresWakes(access.dsn))
        recorder, clock = Recorder(MemoryKeyring()), SystemClock()
        store = PostgresEventStore(pool, _SERVICE, wakes)
        commands, fence = Commands(store, recorder), Fence(answers, clock)
        reads = Reads(PostgresEventStore(access_pool, access_of(_SERVICE), access_wakes), _SERVICE, recorder, clock)
        persons = [new_id() for _ in range(counts.persons_read)]
        for person in persons:
            await store.append(await opening(recorder, enrolment(person)))

        async def load(stream_id: str) -> list[StreamEvent]:
            return await fence.load(_CALLER, stream_id)

        async def unrecorded(person: UUID) -> None:
            await commands.read(_RECORD, person, load=load)

        async def recorded(person: UUID) -> None:
            await unrecorded(person)
            await reads.record(_read(person))

        def pair(times: int, readers: int) -> tuple[Callable[[], Awaitable[Run]], Callable[[], Awaitable[Run]]]:
            return _timed(recorded, persons, times, readers), _timed(unrecorded, persons, times, readers)

        together = await in_turn(*pair(counts.reads, counts.writers), repeats=counts.repeats)
        alone = await in_turn(*pair(counts.reads // _ALONE, 1), repeats=counts.repeats)
    return [compared("reading", "reads/s", BAR, together), compared("reading_alone", "reads/s", ALONE_BAR, alone)]


def _timed(read: Callable[[UUID], Awaitable[None]], persons: list[UUID], times: int, readers: int) -> Callable[[], Awaitable[Run]]:
    async def run() -> Run:
        waiting = iter([persons[number % len(persons)] for number in range(times)])
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(readers):
                group.create_task(_all(read, waiting))
        return Run.timed(times, time.perf_counter() - began)

    return run


async def _all(read: Callable[[UUID], Awaitable[None]], waiting: Iterator[UUID]) -> None:
    for person in waiting:
        await read(person)


def _read(person: UUID) -> Read:
    return Read(
        caller=_CALLER,
        action="intake.read",
        correlation=new_id(),
        subjects=(person,),
        classes=(DataClass.IDENTITY, DataClass.CONTACT),
        status=200,
        origin="192.0.2.0/24",
    )
