"""The proxy does to connections what networks do."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from deploy.local.ports import LOOPBACK, PortBook
from tests.faults.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionResetError):
        while chunk := await reader.read(1024):
            writer.write(chunk)
    writer.close()


@asynccontextmanager
async def echo_behind_a_proxy(folder: Path) -> AsyncIterator[Proxy]:
    """Give a proxy before a server that answers with what it is sent."""
    async with await asyncio.start_server(_echo, LOOPBACK, 0) as server:
        proxy = Proxy(PortBook(folder / "ports.json").port_for("proxy"), server.sockets[0].getsockname()[1])
        await proxy.start()
        try:
            yield proxy
        finally:
            await proxy.stop()


class Client:
    """One connection through the proxy."""

    def __init__(self, streams: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        self._reader, self._writer = streams

    @classmethod
    async def of(cls, proxy: Proxy) -> Client:
        """Connect."""
        return cls(await asyncio.open_connection(LOOPBACK, proxy.port))

    async def says(self, word: bytes, *, within_s: float = 5.0) -> bytes:
        """Send a word, return the answer."""
        self._writer.write(word)
        return await asyncio.wait_for(self._reader.readexactly(len(word)), within_s)

    async def hears(self, count: int) -> bytes:
        """Return what comes without being asked."""
        return await asyncio.wait_for(self._reader.readexactly(count), 5)


async def test_a_cut_resets_connections_and_refuses_new_ones_until_it_is_restored(tmp_path: Path) -> None:
    """RST, not an orderly end; then connection refused."""
    async with echo_behind_a_proxy(tmp_path) as proxy:
        client = await Client.of(proxy)
        assert await client.says(b"before") == b"before"
        await proxy.cut()
        with pytest.raises(ConnectionResetError):
            await client.hears(1)
        with pytest.raises(ConnectionRefusedError):
            await Client.of(proxy)
        await proxy.restore()
        assert await (await Client.of(proxy)).says(b"after") == b"after"


async def test_a_stall_accepts_and_passes_nothing_on_and_loses_nothing(tmp_path: Path) -> None:
    """Old and new connections alike."""
    async with echo_behind_a_proxy(tmp_path) as proxy:
        old = await Client.of(proxy)
        proxy.stall()
        new = await Client.of(proxy)
        for client in (old, new):
            with pytest.raises(TimeoutError):
                await client.says(b"silence", within_s=0.05)
        await proxy.restore()
        assert [await client.hears(7) for client in (old, new)] == [b"silence", b"silence"]


async def test_a_delay_makes_every_chunk_late(tmp_path: Path) -> None:
    """On the way there and on the way back."""
    async with echo_behind_a_proxy(tmp_path) as proxy:
        client = await Client.of(proxy)
        proxy.delay(0.05)
        began = time.monotonic()
        assert await client.says(b"slow") == b"slow"
        assert time.monotonic() - began >= 0.1
