"""What is counted of a command: that it was stored or repeated, or why it was not."""

from __future__ import annotations

from collections.abc import Mapping

from contracts.errors import Invalid, Refusal, Unknown
from services._runtime.access.permission import NotPermitted
from services._runtime.errors import EventTooLarge, Retryable
from services._runtime.store.port import AlreadyHandled, ConcurrencyError


class KeyReused(Exception):
    """An idempotency key came back with another body."""


_OUTCOMES: Mapping[type[Exception], str] = {
    NotPermitted: "not-permitted",
    Unknown: "unknown",
    Invalid: "invalid",
    Refusal: "refused",
    ConcurrencyError: "conflict",
    AlreadyHandled: "repeated",
    KeyReused: "key-reused",
    EventTooLarge: "too-large",
    Retryable: "unavailable",
    Exception: "failed",
}
"""What is counted for a command that raised; the first class that fits counts."""


def outcome_of(error: Exception) -> str:
    """Return it, for a command that raised."""
    return next(outcome for kind, outcome in _OUTCOMES.items() if isinstance(error, kind))
