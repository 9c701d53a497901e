"""Errors as RFC 9457 problems. This file holds the one table of HTTP statuses; nothing in it repeats what a caller sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from contracts.envelope import timestamp
from contracts.errors import Invalid, Refusal, Unknown
from services._runtime.errors import EventTooLarge, Retryable
from services._runtime.outcomes import KeyReused
from services._runtime.store.port import ClockSkew, ConcurrencyError

if TYPE_CHECKING:
    from uuid import UUID

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its HTTP status and its title, both the same at every occurrence."""

    status: int
    title: str


KINDS: Mapping[str, Kind] = {
    "malformed-json": Kind(400, "The body is not JSON"),
    "idempotency-key-missing": Kind(400, "The Idempotency-Key is missing or malformed"),
    "header-malformed": Kind(400, "A header is malformed"),
    "unauthenticated": Kind(401, "A valid access token is needed"),
    "forbidden": Kind(403, "The caller may not do this"),
    "not-found": Kind(404, "There is nothing at this address"),
    "unknown": Kind(404, "Nothing is recorded under this id"),
    "method-not-allowed": Kind(405, "The address does not take this method"),
    "body-too-slow": Kind(408, "The body did not come in time"),
    "already-exists": Kind(409, "A record with this id exists"),
    "refused": Kind(409, "The facts do not allow this command"),
    "stale-version": Kind(412, "The record has changed since"),
    "body-too-large": Kind(413, "The body is too large"),
    "media-type": Kind(415, "The body must be JSON"),
    "invalid": Kind(422, "The command contradicts itself or the reference data"),
    "validation": Kind(422, "The request does not have the agreed form"),
    "idempotency-key-reused": Kind(422, "The Idempotency-Key was used for another request"),
    "if-match-missing": Kind(428, "The version the command was decided on is missing"),
    "too-many-requests": Kind(429, "The caller asks for more than anybody needs"),
    "internal": Kind(500, "Something went wrong on our side"),
    "too-late": Kind(503, "The command waited too long to be stored"),
    "unavailable": Kind(503, "A part that is needed does not answer now"),
}
"""The table. A refusal's problem has the refusal's own code as its type, and the status and title of its kind here."""

_AWAY = 503
_BY_STATUS = {400: "malformed-json", 404: "not-found", 405: "method-not-allowed", 413: "body-too-large", 415: "media-type"}


class Problem(Exception):
    """An answer that is a problem. `detail` tells the caller what to do; `members` are extension members.

    Neither may hold a personal value, nor anything the caller sent but names of fields and ids.
    """

    def __init__(
        self, kind: str, detail: str, *, code: str | None = None, headers: Mapping[str, str] | None = None, **members: object
    ) -> None:
        super().__init__(detail)
        self.kind = KINDS[kind]
        self.code = code or kind
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members

    def response(self, correlation: UUID) -> JSONResponse:
        """Return the problem as an answer to the request with this correlation id."""
        content: dict[str, Any] = {
            "type": f"urn:ancora:problem:{self.code}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": f"urn:uuid:{correlation}",
            "trace_id": correlation.hex,
            **self.members,
        }
        return JSONResponse(content, self.kind.status, self.headers, MEDIA_TYPE)


_AGAIN = "Repeat the request in a moment, with the same Idempotency-Key."
_FIXED: Mapping[type[Exception], tuple[str, str]] = {
    KeyReused: ("idempotency-key-reused", "Send a new Idempotency-Key with a new request; repeat a key only with the same body."),
    EventTooLarge: ("body-too-large", "The fact would be too large to be stored. Shorten its texts."),
    ClockSkew: ("too-late", f"Nothing was stored. {_AGAIN}"),
    Retryable: ("unavailable", _AGAIN),
    Exception: ("internal", f"{_AGAIN} If it goes on, report the trace_id."),
}
"""Errors whose answer depends on nothing but their class; the first class that fits counts."""


def problem_of(error: Exception) -> Problem:
    """Return the problem that an error means for the caller; an error that is none of theirs becomes `internal`, without details."""
    match error:
        case Problem():
            return error
        case Refusal():
            return Problem(_kind_of(error), str(error), code=error.code)
        case ConcurrencyError():
            return _stale(error)
        case HTTPException():
            return _of_framework(error)
        case _:
            kind, detail = next(answer for of, answer in _FIXED.items() if isinstance(error, of))
            return Problem(kind, detail, headers={"Retry-After": "1"} if KINDS[kind].status == _AWAY else None)


def _kind_of(refusal: Refusal) -> str:
    match refusal:
        case Unknown():
            return "unknown"
        case Invalid():
            return "invalid"
        case _:
            return "refused"


def _stale(error: ConcurrencyError) -> Problem:
    envelopes = [event.recorded.envelope for event in error.unseen]
    return Problem(
        "stale-version",
        "Read the record again, decide again, and send its present version in If-Match with a new Idempotency-Key.",
        headers={"ETag": f'"{error.actual}"'},
        current_version=error.actual,
        unseen=[{"type": e.type, "version": e.stream_version, "recorded_at": timestamp(e.recorded_at)} for e in envelopes],
    )


_FRAMEWORK_DETAILS = {
    "malformed-json": "Send the body as UTF-8 JSON.",
    "not-found": "Check the address against /openapi.json.",
    "method-not-allowed": "Use one of the methods in the Allow header.",
    "body-too-large": "Send a smaller body.",
    "media-type": "Send the body as application/json.",
}


def _of_framework(error: HTTPException) -> Problem:
    kind = _BY_STATUS.get(error.status_code, "internal")
    return Problem(kind, _FRAMEWORK_DETAILS.get(kind, "Report the trace_id."), headers=error.headers)
