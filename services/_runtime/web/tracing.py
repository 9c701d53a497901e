"""Around every request: its correlation id, security headers, one line of log without personal values, and no error left loose."""

from __future__ import annotations

import re
import time
import traceback
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from starlette.datastructures import Headers, MutableHeaders

from services._runtime.errors import RuntimeFault
from services._runtime.ids import new_id
from services._runtime.web.problems import problem_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
}
"""Set unless the answer has its own (a page brings its own content-security-policy)."""


class Tracing:
    """The outermost middleware. An exception that reaches it is logged by its type and place only: its text may quote anything."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation = _correlation(Headers(scope=scope))
        scope.setdefault("state", {})["correlation"] = correlation
        answer = _Answer(send, str(correlation))
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(correlation=str(correlation)):
            try:
                await self._app(scope, receive, answer.send)
            except Exception as error:  # noqa: BLE001 - the last place that can keep its text from the log
                _log_fault(error)
                if answer.status is not None:
                    raise RuntimeFault("the answer broke off; see request.failed") from None
                await problem_of(error).response(correlation)(scope, receive, answer.send)
            finally:
                _log_request(scope, answer.status, time.perf_counter() - started)


class _Answer:
    """Sends on, adding headers; remembers the status."""

    def __init__(self, send: Send, correlation: str) -> None:
        self._send = send
        self._correlation = correlation
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["x-correlation-id"] = self._correlation
            for name, text in SECURITY_HEADERS.items():
                headers.setdefault(name, text)
        await self._send(message)


def _correlation(headers: Headers) -> UUID:
    """Return the caller's correlation id or trace id where it is well formed, else a new one."""
    try:
        return UUID(headers["x-correlation-id"])
    except (KeyError, ValueError):
        trace = _TRACEPARENT.fullmatch(headers.get("traceparent", ""))
        return UUID(trace[1]) if trace else new_id()


def _log_request(scope: Scope, status: int | None, seconds: float) -> None:
    # The route's template, never the path or the query: an unknown path may hold anything.
    route = getattr(scope.get("route"), "path", "(none)")
    log.info("request", method=scope["method"], route=route, status=status, ms=round(seconds * 1000, 1))


def _log_fault(error: Exception) -> None:
    frames = traceback.extract_tb(error.__traceback__)[-5:]
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    cause = error.__cause__ or error.__context__
    log.error("request.failed", error=type(error).__qualname__, cause=type(cause).__qualname__ if cause else None, places=places)
