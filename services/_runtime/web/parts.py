"""What an application's endpoints share: put into the application once, found by the dependencies of each request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from fastapi import Request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from services._runtime.access.deciding import Principal
    from services._runtime.clock import Clock
    from services._runtime.handling import Commands
    from services._runtime.store.port import StreamEvent
    from services._runtime.store.reads import Reads
    from services._runtime.web.identity import TokenVerifier
    from services._runtime.web.rates import Rates
    from services._runtime.web.sessions import Sessions

Load = Callable[["Principal", str, str], Awaitable["list[StreamEvent]"]]
Offered = Callable[["Sequence[StreamEvent]", "Principal"], bool]
Joined = Callable[["Sequence[StreamEvent]", "Principal", "date", str], Awaitable[bool]]

_SECRET_BYTES = 32


def bearer_token(request: Request) -> str | None:
    """Return the token of the Authorization header, or None where there is none of the Bearer scheme."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """The parts. `commands` is None in a service that takes none. `demonstration`: whether the demonstration clock is allowed.

    `secret` keys the HMAC of request bodies: 32 bytes or more, the same in every process of the service.
    `sessions` are those of people who signed in by a browser; None where there are no pages.
    `rates` bound what each caller may ask for; None bounds nothing.
    `load` returns of a stream what a caller reaches, by itself or through another stream; None leaves that to the policies alone.
    `joined` tells whether a caller is a party to a record with these events, on a day, for an action; None where nobody ever is.
    `offered` tells whether a record with these events waits for the answer of the caller's organisation; None where nothing ever does.
    `reads` records every answer that tells of persons; without it no such answer leaves.
    """

    verifier: TokenVerifier
    clock: Clock
    commands: Commands | None = None
    secret: bytes = b""
    demonstration: bool = False
    sessions: Sessions | None = None
    rates: Rates | None = None
    load: Load | None = None
    joined: Joined | None = None
    offered: Offered | None = None
    reads: Reads | None = None

    def __post_init__(self) -> None:
        if self.commands is not None and len(self.secret) < _SECRET_BYTES:
            raise ValueError("an application that takes commands needs a secret of at least 32 bytes")


def web_of(request: Request) -> Web:
    """Return the application's parts."""
    return cast("Web", request.app.state.web)


def correlation_of(request: Request) -> UUID:
    """Return the request's correlation id, which the tracing middleware has set."""
    return cast("UUID", request.state.correlation)
