"""Connections to PostgreSQL as the machinery wants them: a pool whose connections keep no state from one user to the next."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import asyncpg

from services._runtime.errors import Retryable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from asyncpg import Pool

SETTINGS = {"jit": "off", "timezone": "UTC"}
"""Compiling costs more than any of our queries; moments are UTC whatever the server is set to."""

LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    # What asyncpg says when a connection is used between the server's farewell and the end of its socket.
    asyncpg.InternalClientError,
)
"""What a connection raises that broke or was ended: by the network, a timeout, an administrator, a restart."""

UNAVAILABLE = (*LOST, asyncpg.InsufficientResourcesError)
"""What a server raises that is away, or has no room at the moment: on its disk, in its memory, for one more connection."""

_TRY_AGAIN = (*UNAVAILABLE, asyncpg.TransactionRollbackError)


@contextmanager
def retryable() -> Iterator[None]:
    """Turn what may succeed when tried again — a lost connection, a deadlock, a full server — into `Retryable`."""
    try:
        yield
    except _TRY_AGAIN as error:
        # asyncpg calls an argument of the wrong type an interface error too: that is a bug, and stays one.
        if isinstance(error, ValueError):
            raise
        raise Retryable(f"PostgreSQL did not carry it out ({type(error).__name__})") from error


async def open_pool(dsn: str, *, size: int = 10, name: str = "ancora") -> Pool:
    """Return an open pool of at most `size` connections, named `name` for whoever looks at the server.

    Its users must leave no session state (SET, LISTEN, advisory locks): in exchange a statement is one round trip, not two.
    """
    return await asyncpg.create_pool(
        dsn, min_size=1, max_size=size, reset=_keep, server_settings=SETTINGS | {"application_name": name}, command_timeout=60
    )


async def connect(dsn: str, *, name: str = "ancora") -> asyncpg.Connection:
    """Return a connection of its own, for listening or leading."""
    return await asyncpg.connect(dsn, server_settings=SETTINGS | {"application_name": name}, command_timeout=60)


async def _keep(_connection: asyncpg.Connection) -> None:
    """Reset nothing: asyncpg itself rolls back what was left open, and there is no other state."""
