"""Wakes through PostgreSQL: NOTIFY on a connection of its own, after the commit, so that no append ever waits for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

import structlog

from services._runtime.store.connecting import UNAVAILABLE, connect
from services._runtime.store.waking import PAUSE, POLL, MemoryWakes

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from types import TracebackType

    from asyncpg import Connection

log = structlog.get_logger(__name__)

_RECONNECT = 1.0


class PostgresWakes:
    """Wakes listeners of every process on one database. While its connection is away, the slow poll goes on.

    Use as an asynchronous context manager; rings before that are kept.
    """

    def __init__(self, dsn: str, *, channel: str = "store", poll: float = POLL) -> None:
        """Notify and listen on `channel` of the database at `dsn`; wake everybody each `poll` seconds all the same."""
        self._dsn = dsn
        self._channel = channel
        self._bells = MemoryWakes(poll=poll)
        self._rung = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Wake all listeners soon, here and in other processes."""
        self._rung.set()

    def listen(self) -> AsyncGenerator[None, None]:
        """Yield at once, then after rings, and at least once a second."""
        return self._bells.listen()

    async def __aenter__(self) -> Self:
        """Begin, without waiting for the connection."""
        self._task = asyncio.create_task(self._keep_connected())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End and close the connection."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _keep_connected(self) -> None:
        while True:
            try:
                connection = await connect(self._dsn, name=f"wakes {self._channel}")
                try:
                    await self._serve(connection)
                finally:
                    connection.terminate()
            except UNAVAILABLE as error:
                log.warning("wakes.lost", channel=self._channel, reason=type(error).__name__)
                await asyncio.sleep(_RECONNECT)

    async def _serve(self, connection: Connection) -> None:
        await connection.add_listener(self._channel, self._heard)
        # A connection that ends while nobody rings would else go unnoticed.
        connection.add_termination_listener(lambda _ended: self._rung.set())
        self._bells.ring()
        while True:
            await self._rung.wait()
            self._rung.clear()
            await connection.execute("select pg_notify($1, '')", self._channel)
            await asyncio.sleep(PAUSE)

    def _heard(self, *_notification: object) -> None:
        self._bells.ring()
