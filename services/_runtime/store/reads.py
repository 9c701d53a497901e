"""The record of reads: an event for each answer that tells of persons, in a store of its own, before the answer's first byte leaves."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.access import ACCESS_RECORDED
from contracts.access_codes import ReadOutcome
from services._runtime.clock import day_of
from services._runtime.decider import Context, Placement
from services._runtime.ids import new_id
from services._runtime.store.port import Append, StreamAppend
from services._runtime.store.recording import Head

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date
    from uuid import UUID

    from contracts.access import AnyAccessRecorded
    from contracts.personal import DataClass
    from services._runtime.access.deciding import Principal
    from services._runtime.clock import Clock
    from services._runtime.store.port import EventStore, NewEvent
    from services._runtime.store.recording import Recorder

MOST = 64
"""Records that are stored together at most."""

_FAILED = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One answer as it is about to leave; `subjects` and `classes` as in `contracts.access`."""

    caller: Principal
    action: str
    correlation: UUID
    subjects: Collection[UUID]
    classes: Collection[DataClass]
    status: int
    origin: str


class Reads:
    """Records reads, all that wait in one commit. One writer: its stream is this process's, of one day, and nobody else's."""

    def __init__(self, store: EventStore, service: str, recorder: Recorder, clock: Clock) -> None:
        """Record into `store`, which is that of the records of the reads of `service`, at the moments of `clock`."""
        self._store = store
        self._recorder = recorder
        self._clock = clock
        self._event = ACCESS_RECORDED[service]
        self._waiting: deque[tuple[Read, asyncio.Future[None]]] = deque()
        self._working: asyncio.Task[None] | None = None
        self._head: tuple[date, Head] | None = None

    async def record(self, read: Read) -> None:
        """Return when it is stored. Raises what the store raises: it may be stored then or not, and nothing may be answered."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((read, done))
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        await done

    async def _work(self) -> None:
        """Store group after group until nobody waits; nothing is awaited between the last look and the end."""
        try:
            while self._waiting:
                group = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
                asked = [(read, done) for read, done in group if not done.done()]
                await self._settle(asked)
        finally:
            self._working = None

    async def _settle(self, group: Sequence[tuple[Read, asyncio.Future[None]]]) -> None:
        try:
            await self._append([read for read, _ in group])
        except Exception as error:  # noqa: BLE001 - whatever it is, whoever waits is told
            # What is stored of these is not known: the next ones begin a stream of their own.
            self._head = None
            for _, done in group:
                if not done.done():
                    done.set_exception(error)
        else:
            for _, done in group:
                if not done.done():
                    done.set_result(None)

    async def _append(self, reads: Sequence[Read]) -> None:
        now = self._clock.now()
        today = day_of(now)
        if self._head is None or self._head[0] != today:
            self._head = today, Head(f"reads-{new_id()}")
        before = head = self._head[1]
        events: list[NewEvent] = []
        for read in reads:
            context = Context(
                actor=read.caller.sub,
                organisation=read.caller.organisation,
                role=read.caller.role,
                purpose=read.caller.purpose,
                correlation=read.correlation,
                now=now,
                occurred_on=today,
            )
            events += await self._recorder.record(
                [self._told(read)], head, context=context, placement=Placement(), partition_key=head.stream_id
            )
            last = events[-1].recorded
            head = Head(head.stream_id, last.envelope.stream_version, last.digest, last.envelope.recorded_at)
        if events:
            await self._store.append(Append(streams=(StreamAppend(before.stream_id, before.version, tuple(events)),)))
            self._head = today, head

    def _told(self, read: Read) -> AnyAccessRecorded:
        return self._event(
            role=read.caller.role.value,
            action=read.action,
            subjects=tuple(sorted(set(read.subjects))),
            classes=tuple(sorted(set(read.classes))),
            outcome=ReadOutcome.REFUSED if read.status >= _FAILED else ReadOutcome.ANSWERED,
            status=read.status,
            origin=read.origin,
        )
