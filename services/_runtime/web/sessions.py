"""Sessions of people who signed in by a browser: kept here, known there by a secret only, ended by either limit or by whoever may."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from services._runtime.clock import Clock
    from services._runtime.web.identity import Caller

IDLE = timedelta(minutes=30)
"""How long a session lasts that nobody uses. A page that is open and follows what happens is used."""

LONGEST = timedelta(hours=8)
"""How long a session lasts at most, whatever happens: a working day. A role that was taken away is gone by then at the latest."""

RENEWED_AFTER = timedelta(minutes=15)
"""How old a secret grows before the browser is given another."""

GRACE = timedelta(seconds=60)
"""How long a secret that was replaced is good, for what the browser had asked already."""

_NOTED_EVERY = timedelta(minutes=1)
"""How exact it is kept when a session was used: reads need not write each time, and one may end this much earlier."""


@dataclass(frozen=True, slots=True)
class Session:
    """One session. `digest` is of its secret, `replaced` of the secret before; the secrets themselves are the browser's alone.

    `issuer_session` is what the issuer calls its own session, by which it may end ours.
    """

    digest: bytes
    caller: Caller
    began: datetime
    renewed: datetime
    seen: datetime
    replaced: bytes | None = None
    issuer_session: str | None = None


class SessionRows(Protocol):
    """Where sessions are. Each method is atomic; all processes of a service see the same. Raises `Retryable` where it is away."""

    async def add(self, session: Session) -> None:
        """Keep a session."""

    async def find(self, digest: bytes) -> Session | None:
        """Return the session whose secret has, or had before the last renewal, this digest."""

    async def note(self, digest: bytes, seen: datetime) -> None:
        """Keep when the session with this digest was used last."""

    async def renew(self, digest: bytes, fresh: bytes, now: datetime) -> bool:
        """Replace a digest; False where another request has done it."""

    async def end(self, digest: bytes) -> None:
        """Forget the session whose secret has or had this digest."""

    async def end_of(self, *, sub: str | None, issuer_session: str | None) -> int:
        """Forget the sessions that match all that is given; return how many. Where nothing is given, none."""

    async def sweep(self, *, began: datetime, seen: datetime) -> None:
        """Forget what began or was seen last before these moments."""


class Sessions:
    """The rules of sessions, over rows. `clock` is the machine's."""

    def __init__(self, rows: SessionRows, clock: Clock) -> None:
        self._rows = rows
        self._clock = clock

    async def begin(self, caller: Caller, issuer_session: str | None) -> str:
        """Begin a session of the caller and return its secret: 256 random bits."""
        now = self._clock.now()
        await self._rows.sweep(began=now - LONGEST, seen=now - IDLE)
        secret = secrets.token_urlsafe(32)
        await self._rows.add(Session(_digest(secret), caller, now, now, now, issuer_session=issuer_session))
        return secret

    async def caller(self, secret: str) -> Caller | None:
        """Return whose session it is; None where it has ended, or never was.

        A secret that was replaced a while ago is a copy that somebody kept: it ends the session for everybody.
        """
        digest, now = _digest(secret), self._clock.now()
        session = await self._rows.find(digest)
        if session is None or now - session.began >= LONGEST or now - session.seen >= IDLE:
            return None
        if session.digest != digest and now - session.renewed > GRACE:
            await self._rows.end(digest)
            return None
        if now - session.seen >= _NOTED_EVERY:
            await self._rows.note(session.digest, now)
        return session.caller

    async def renewed(self, secret: str) -> str | None:
        """Return the secret that replaces this one, where it is old enough; of requests at once, one gets it.

        A process that dies before the browser has it signs the browser out, and nobody in.
        """
        digest, now = _digest(secret), self._clock.now()
        session = await self._rows.find(digest)
        if session is None or session.digest != digest or now - session.renewed < RENEWED_AFTER:
            return None
        fresh = secrets.token_urlsafe(32)
        return fresh if await self._rows.renew(digest, _digest(fresh), now) else None

    async def end(self, secret: str) -> None:
        """End the session of this secret, for every process at once."""
        await self._rows.end(_digest(secret))

    async def end_of(self, *, sub: str | None, issuer_session: str | None) -> int:
        """End the sessions that the issuer names: of one person, of one of its own sessions, or of both together."""
        return await self._rows.end_of(sub=sub, issuer_session=issuer_session)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "replace")).digest()
