"""A TCP proxy between the services and one real part: it cuts, stalls and delays connections, as networks do."""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress

from deploy.local.ports import LOOPBACK

_CHUNK = 64 * 1024
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Proxy:
    """Passes connections on to one port of this machine, until it is told to do otherwise; `restore` heals everything."""

    def __init__(self, port: int, upstream: int) -> None:
        """Listen on `port`, pass on to `upstream`."""
        self.port = port
        self._upstream = upstream
        self._server: asyncio.Server | None = None
        self._flows = asyncio.Event()
        self._flows.set()
        self._delay_s = 0.0
        self._open: set[asyncio.StreamWriter] = set()
        self._passing: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._accept, LOOPBACK, self.port)

    async def stop(self) -> None:
        """End all connections and listen no more."""
        await self.cut()
        for task in self._passing:
            task.cancel()
        await asyncio.gather(*self._passing, return_exceptions=True)

    async def cut(self) -> None:
        """Reset every connection, and refuse new ones until `restore`."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in tuple(self._open):
            _reset(writer)

    def stall(self) -> None:
        """Accept everything and pass on nothing until `restore`: the silence of a network that drops packets."""
        self._flows.clear()

    def delay(self, seconds: float) -> None:
        """Pass each chunk on so much later."""
        self._delay_s = seconds

    async def restore(self) -> None:
        """Be a good network again."""
        self._delay_s = 0.0
        self._flows.set()
        if self._server is None:
            await self.start()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection(LOOPBACK, self._upstream)
        except OSError:
            _reset(writer)
            self._open.discard(writer)
            return
        self._open.add(far_writer)
        ways = [asyncio.create_task(self._pass(reader, far_writer)), asyncio.create_task(self._pass(far_reader, writer))]
        self._passing.update(ways)
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in (writer, far_writer):
                one.close()
                self._open.discard(one)
            for way in ways:
                way.cancel()
                self._passing.discard(way)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                await self._flows.wait()
                if self._delay_s:
                    await asyncio.sleep(self._delay_s)
                writer.write(chunk)
                await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as a broken one ends: with RST, what was under way lost."""
    connection: socket.socket | None = writer.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()
