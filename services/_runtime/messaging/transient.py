"""Which errors are the infrastructure's: the same is tried again, for as long as it takes, and nothing is parked for them."""

from __future__ import annotations

import asyncpg

from services._runtime.errors import NotYet, Retryable
from services._runtime.store.connecting import UNAVAILABLE
from services._runtime.store.port import ConcurrencyError

TRANSIENT = (
    Retryable,
    ConcurrencyError,
    *UNAVAILABLE,
    asyncpg.TransactionRollbackError,
    TimeoutError,
)


def is_transient(error: Exception) -> bool:
    """Tell whether trying the same again later may succeed, with no one else's event needed for it.

    A value that asyncpg cannot send is an `InterfaceError` as a broken connection is, but also a `ValueError`: that is a bug.
    """
    return isinstance(error, TRANSIENT) and not isinstance(error, NotYet | ValueError)
