"""One leader per kind of work: an epoch that every transaction of the work checks, so that a stale leader changes nothing."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg
import structlog

from services._runtime.store.connecting import LOST, UNAVAILABLE, connect
from services._runtime.store.port import NotLeader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Connection

log = structlog.get_logger(__name__)

SILENCE = timedelta(seconds=10)
"""After so long without a heartbeat a leader is taken for dead and its connection is ended."""

_RETRY = 1.0
_STALE = "AN010"


class Lease:
    """The lead of one kind of work, for as long as nobody took it over. Its connection is its own, used by one task at a time."""

    def __init__(self, connection: Connection, kind: str, epoch: int) -> None:
        """Hold `epoch` of `kind` on the connection that took it."""
        self.kind = kind
        self.epoch = epoch
        self._connection = connection
        self._turn = asyncio.Lock()

    async def call(self, query: str, *arguments: object) -> object:
        """Return one value of a statement that checks the epoch itself. Raises `NotLeader` when the lead is lost."""
        async with self._turn:
            try:
                return await self._connection.fetchval(query, *arguments)
            except (*LOST, asyncpg.PostgresError) as error:
                self._raise_if_lost(error)
                raise

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Run the body in a transaction that only the leader can commit. Raises `NotLeader` when the lead is lost."""
        async with self._turn:
            try:
                async with self._connection.transaction():
                    await self._connection.execute("select store.check_leader($1, $2)", self.kind, self.epoch)
                    yield self._connection
            except (*LOST, asyncpg.PostgresError) as error:
                self._raise_if_lost(error)
                raise

    async def heartbeat(self) -> None:
        """Say that this leader lives. Raises `NotLeader` when another took over, or the connection is gone."""
        query = "update store.leader set heartbeat_at = clock_timestamp() where kind = $1 and epoch = $2 returning true"
        if not await self.call(query, self.kind, self.epoch):
            raise NotLeader(f"epoch {self.epoch} no longer leads {self.kind}")

    async def release(self) -> None:
        """Give the lead up: with its connection closed, a successor need not wait."""
        with suppress(*LOST):
            await self._connection.close(timeout=5)

    def _raise_if_lost(self, error: Exception) -> None:
        """With the connection or the epoch the lead is gone; any other error is the statement's own."""
        stale = isinstance(error, asyncpg.PostgresError) and error.sqlstate == _STALE
        if stale or isinstance(error, LOST):
            raise NotLeader(f"epoch {self.epoch} no longer leads {self.kind} ({type(error).__name__})") from error


class Leadership:
    """A candidate for one kind of work in one database."""

    def __init__(self, dsn: str, kind: str, *, holder: str, silence: timedelta = SILENCE) -> None:
        """Stand for `kind` ("sequence", "relay" …) as `holder`, a name for people who look."""
        self.kind = kind
        self._dsn = dsn
        self._holder = holder
        self._silence = silence

    async def take(self) -> Lease | None:
        """Return the lead, or None where another leads and is alive."""
        connection = await connect(self._dsn, name=f"{self._holder} {self.kind}")
        epoch = None
        try:
            epoch = await connection.fetchval("select store.lead($1, $2, $3)", self.kind, self._holder, self._silence)
        finally:
            if epoch is None:
                connection.terminate()
        return None if epoch is None else Lease(connection, self.kind, epoch)

    @asynccontextmanager
    async def led(self) -> AsyncIterator[Lease]:
        """Wait for the lead, keep it alive during the body, give it up afterwards.

        A body that only works through the lease needs to watch nothing: it gets `NotLeader` from its next use.
        """
        lease = await self._win()
        log.info("leader.began", kind=self.kind, epoch=lease.epoch, holder=self._holder)
        beating = asyncio.create_task(self._beat(lease))
        try:
            yield lease
        finally:
            beating.cancel()
            await asyncio.wait([beating])
            await lease.release()
            log.info("leader.ended", kind=self.kind, epoch=lease.epoch, holder=self._holder)

    async def _win(self) -> Lease:
        while True:
            try:
                if (lease := await self.take()) is not None:
                    return lease
            except UNAVAILABLE as error:
                log.warning("leader.unreachable", kind=self.kind, reason=type(error).__name__)
            await asyncio.sleep(_RETRY)

    async def _beat(self, lease: Lease) -> None:
        with suppress(NotLeader):
            while True:
                await asyncio.sleep(self._silence.total_seconds() / 4)
                await lease.heartbeat()
