"""The limit on bodies: none above it reaches an endpoint, whatever its Content-Length says or leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from services._runtime.web.problems import Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 256 * 1024


class BodyLimit:
    """Reads a body to its end before the endpoint is called, and answers 413 as soon as it is too long."""

    def __init__(self, app: ASGIApp, max_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "0")
        too_long = announced.isdecimal() and int(announced) > self._max_bytes
        body = bytearray()
        more = True
        while more and not too_long:
            message = await receive()
            if message["type"] == "http.disconnect":
                return  # nobody waits for an answer, and half a body is no command
            body += message.get("body", b"")
            more = message.get("more_body", False)
            too_long = len(body) > self._max_bytes
        if too_long:
            problem = Problem("body-too-large", f"Send a body of at most {self._max_bytes // 1024} KiB.")
            await problem.response(scope["state"]["correlation"])(scope, receive, send)
            return
        await self._app(scope, _replay(bytes(body), receive), send)


def _replay(body: bytes, receive: Receive) -> Receive:
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return pending.pop() if pending else await receive()

    return replayed
