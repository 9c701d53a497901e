"""Around every request: its correlation id, security headers, a span, one line of log without personal values, no error left loose."""

from __future__ import annotations

import re
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from opentelemetry.trace import INVALID_SPAN, SpanKind, StatusCode
from starlette.datastructures import Headers, MutableHeaders

from services._runtime.errors import RuntimeFault
from services._runtime.ids import new_id
from services._runtime.observing.observer import Observer
from services._runtime.observing.places import places_of
from services._runtime.observing.tracing import remote
from services._runtime.web.problems import problem_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from opentelemetry.trace import Span, SpanContext
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger(__name__)

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""What is said of a request's method: any other is "other", for a caller may send any word as a method."""

_OUR_FAULT = 500

_PROBED = ("/health/", "/metrics")
"""Paths that probes ask all the time: no spans are made for them."""

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""Set unless the answer has its own (a page brings its own content-security-policy)."""

_ONLY_BY_TLS = "max-age=31536000; includeSubDomains"
"""What a browser that came by TLS remembers for a year: to come by nothing else."""


class Tracing:
    """The outermost middleware. An exception that reaches it is logged by its type and place only: its text may quote anything."""

    def __init__(self, app: ASGIApp, observer: Observer) -> None:
        self._app = app
        self._observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        correlation = _correlation(headers)
        scope.setdefault("state", {})["correlation"] = correlation
        answer = _Answer(send, str(correlation), encrypted=scope["scheme"] == "https")
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(correlation=str(correlation)), self._span(scope, headers, correlation) as span:
            try:
                await self._app(scope, receive, answer.send)
            except Exception as error:  # noqa: BLE001 - the last place that can keep its text from the log
                _log_fault(error)
                if answer.status is not None:
                    raise RuntimeFault("the answer broke off; see request.failed") from None
                await problem_of(error).response(correlation)(scope, receive, answer.send)
            finally:
                self._tell(scope, answer.status, time.perf_counter() - started, span)

    def _span(self, scope: Scope, headers: Headers, correlation: UUID) -> AbstractContextManager[Span]:
        if scope["path"].startswith(_PROBED):
            return nullcontext(INVALID_SPAN)
        return self._observer.traces.span(_method(scope), correlation, parent=_caller(headers, correlation), kind=SpanKind.SERVER)

    def _tell(self, scope: Scope, status: int | None, seconds: float, span: Span) -> None:
        # The route's template, never the path or the query: an unknown path may hold anything.
        method, route = _method(scope), getattr(scope.get("route"), "path", "(none)")
        log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
        self._observer.metrics.http.duration.labels(method, route, str(status or "none")).observe(seconds)
        span.update_name(f"{method} {route}")
        if status is None or status >= _OUR_FAULT:
            span.set_status(StatusCode.ERROR)
        span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status or 0})


class _Answer:
    """Sends on, adding headers; remembers the status."""

    def __init__(self, send: Send, correlation: str, *, encrypted: bool) -> None:
        self._send = send
        self._encrypted = encrypted
        self._correlation = correlation
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["x-correlation-id"] = self._correlation
            for name, text in SECURITY_HEADERS.items():
                headers.setdefault(name, text)
            if self._encrypted:
                headers["strict-transport-security"] = _ONLY_BY_TLS
        await self._send(message)


def _correlation(headers: Headers) -> UUID:
    """Return the caller's correlation id or trace id where it is well formed, else a new one."""
    try:
        return UUID(headers["x-correlation-id"])
    except (KeyError, ValueError):
        trace = _TRACEPARENT.fullmatch(headers.get("traceparent", ""))
        return UUID(trace[1]) if trace else new_id()


def _caller(headers: Headers, correlation: UUID) -> SpanContext | None:
    """Return the caller's span, where it is of the same trace."""
    told = _TRACEPARENT.fullmatch(headers.get("traceparent", ""))
    return remote(correlation, int(told[2], 16)) if told and told[1] == correlation.hex and int(told[2], 16) else None


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "other"


def _log_fault(error: Exception) -> None:
    cause = error.__cause__ or error.__context__
    log.error("request.failed", error=type(error).__qualname__, cause=type(cause).__qualname__ if cause else None, places=places_of(error))
