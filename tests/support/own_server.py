"""A PostgreSQL server for one test module that does to it what nobody may do to a shared one: crash it, provision it."""

from __future__ import annotations

import asyncio
import signal
import tempfile
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from deploy.local.paths import Home
from deploy.local.ports import LOOPBACK, PortBook
from deploy.local.postgres import SUPERUSER, PostgresServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class OwnServer:
    """A server that can be crashed and started again."""

    def __init__(self, server: PostgresServer, port: int) -> None:
        """Drive a started server."""
        self._server = server
        self._port = port

    @property
    def admin_dsn(self) -> str:
        """The superuser's address."""
        return f"postgresql://{SUPERUSER}:{self._server.password}@{LOOPBACK}:{self._port}/postgres"

    async def crash_and_restart(self) -> None:
        """End it as a power cut would, without a checkpoint; start it again on what is on its disk."""
        process = self._server.pid_file.process()
        assert process is not None
        process.send_signal(signal.SIGQUIT)
        await asyncio.to_thread(process.wait, 20)
        self._port = await self._server.start(lambda _state: None)
        await self._accepting()

    async def _accepting(self) -> None:
        """Wait until the server has recovered: it may say ready a moment before it lets anybody in."""
        async with asyncio.timeout(20):
            while True:
                try:
                    connection = await asyncpg.connect(self.admin_dsn)
                except asyncpg.CannotConnectNowError:
                    await asyncio.sleep(0.05)
                    continue
                await connection.close()
                return


@asynccontextmanager
async def own_server() -> AsyncIterator[OwnServer]:
    """Start a server in a temporary folder; end it and remove everything after."""
    with tempfile.TemporaryDirectory(prefix="ancora-test-") as folder:
        home = Home(Path(folder) / "home")
        home.prepare()
        server = PostgresServer(home, PortBook(home.root / "ports.json"))
        try:
            yield OwnServer(server, await server.start(lambda _state: None))
        finally:
            await asyncio.to_thread(server.stop)
            server.clear()
