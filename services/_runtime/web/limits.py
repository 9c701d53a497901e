"""Limits on one request: how long its body may be and how long it may take to come, and how long its answer may take to begin."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect

from services._runtime.errors import Retryable
from services._runtime.web.problems import Problem
from services._runtime.web.tables import CSV, XLSX

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 256 * 1024

MAX_FILE_BYTES = 1024 * 1024
"""What a body may be long that says it is a file with a table, for the endpoints that take one."""

BODY_S = 20.0
"""Seconds in which a body must have come: a line that drips keeps nobody's place."""

ANSWER_S = 30.0
"""Seconds in which an answer must have begun. What it did until then is stored whole or not at all, and repeating it is safe."""


class BodyLimit:
    """Reads a body to its end before the endpoint is called, and answers 413 as soon as it is too long, 408 when it takes too long.

    None above the limit reaches an endpoint, whatever its Content-Length says or leaves out.
    """

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES, within_s: float = BODY_S) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._within_s = within_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await self._read(Headers(scope=scope), receive)
        except ClientDisconnect:
            return  # nobody waits for an answer, and half a body is no command
        except Problem as problem:
            await problem.response(scope["state"]["correlation"])(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    async def _read(self, headers: Headers, receive: Receive) -> bytes:
        """Return the whole body; raises the problems `body-too-large` and `body-too-slow` as soon as it is."""
        most = self._most(headers)
        announced = headers.get("content-length", "0")
        if announced.isdecimal():
            _bound(int(announced), most)
        body, more = bytearray(), True
        try:
            async with asyncio.timeout(self._within_s):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientDisconnect
                    body += message.get("body", b"")
                    more = message.get("more_body", False)
                    _bound(len(body), most)
        except TimeoutError:
            raise Problem("body-too-slow", "Send the body at once.", headers={"Connection": "close"}) from None
        return bytes(body)

    def _most(self, headers: Headers) -> int:
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        return max(self._max_bytes, MAX_FILE_BYTES) if media_type in (CSV, XLSX) else self._max_bytes


def _bound(length: int, most: int) -> None:
    if length > most:
        raise Problem("body-too-large", f"Send a body of at most {most // 1024} KiB.")


class TimeLimit:
    """Answers 503 when no answer has begun in time. One that has begun may go on for as long as its reader does."""

    def __init__(self, app: ASGIApp, within_s: float = ANSWER_S) -> None:
        self._app = app
        self._within_s = within_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = asyncio.timeout(self._within_s)

        async def begun(message: Message) -> None:
            limit.reschedule(None)
            await send(message)

        try:
            async with limit:
                await self._app(scope, receive, begun)
        except TimeoutError:
            if not limit.expired():
                raise
            raise Retryable("the answer did not begin in time") from None


def _replay(body: bytes, receive: Receive) -> Receive:
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return pending.pop() if pending else await receive()

    return replayed
