"""Sessions in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from services._runtime.web.sessions import Session


class MemorySessionRows:
    """Sessions of one process."""

    def __init__(self) -> None:
        """Start without any."""
        self._sessions: list[Session] = []

    async def add(self, session: Session) -> None:
        """See `SessionRows.add`."""
        self._sessions.append(session)

    async def find(self, digest: bytes) -> Session | None:
        """See `SessionRows.find`."""
        return next((one for one in self._sessions if digest in (one.digest, one.replaced)), None)

    async def note(self, digest: bytes, seen: datetime) -> None:
        """See `SessionRows.note`."""
        self._sessions = [replace(one, seen=seen) if one.digest == digest else one for one in self._sessions]

    async def renew(self, digest: bytes, fresh: bytes, now: datetime) -> bool:
        """See `SessionRows.renew`."""
        known = any(one.digest == digest for one in self._sessions)
        self._sessions = [
            replace(one, digest=fresh, replaced=digest, renewed=now) if one.digest == digest else one for one in self._sessions
        ]
        return known

    async def end(self, digest: bytes) -> None:
        """See `SessionRows.end`."""
        self._sessions = [one for one in self._sessions if digest not in (one.digest, one.replaced)]

    async def end_of(self, *, sub: str | None, issuer_session: str | None) -> int:
        """See `SessionRows.end_of`."""
        if sub is None and issuer_session is None:
            return 0
        ended = [one for one in self._sessions if sub in (None, one.caller.sub) and issuer_session in (None, one.issuer_session)]
        self._sessions = [one for one in self._sessions if one not in ended]
        return len(ended)

    async def sweep(self, *, began: datetime, seen: datetime) -> None:
        """See `SessionRows.sweep`."""
        self._sessions = [one for one in self._sessions if one.began >= began and one.seen >= seen]
