"""The HTTP server of a process, and what one connection may ask of it before there is a request: few bytes, little time."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from services._runtime.settings import RuntimeSettings

HEAD_BYTES = 32 * 1024
"""What a request's line and headers may take together; a session's cookies are a tenth of it."""

HEAD_S = 10.0
"""Seconds in which they must have come, from the connection on: who drips them, or says nothing, is let go."""

CONNECTIONS = 1_000
"""Connections that are served at once; further ones are told to come again. Streams count too."""

_GRACE_S = 3
"""Seconds that answers under way, streams among them, have to end after SIGTERM."""


def server_of(application: FastAPI, settings: RuntimeSettings, *, head_s: float = HEAD_S) -> Server:
    """Return the server of an application. Only a proxy that is named is believed when it says who called and how."""

    class Limited(_LimitedHead):
        """With this server's patience."""

        patience_s = head_s

    config = uvicorn.Config(
        application,
        host=settings.host,
        port=settings.port,
        http=Limited,
        ws="none",
        access_log=False,
        server_header=False,
        log_config=None,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=settings.proxies,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=_GRACE_S,
    )
    return Server(config)


class Server(uvicorn.Server):
    """A server that leaves signals to the process, which has more to end than answers."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class _LimitedHead(HttpToolsProtocol):
    """A connection whose parser is given no more than a head may take, and that ends where the head does not."""

    patience_s = HEAD_S

    _ends: asyncio.TimerHandle | None = None
    _awaited = 0
    _in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in the class above
        super().connection_made(transport)
        self._await_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._forget()
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._awaited = self._awaited + len(data) if self._in_head else 0
        if self._awaited > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The request's headers are too long.")

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._in_head = True
        self._forget()
        self._ends = asyncio.get_running_loop().call_later(self.patience_s, self.transport.close)

    def _forget(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None
