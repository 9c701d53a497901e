"""Sessions on PostgreSQL: an unlogged table in the schema `private`, in no backup, so that no restore revives one that was ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services._runtime.access.roles import Role
from services._runtime.store.connecting import retryable
from services._runtime.web.identity import Caller
from services._runtime.web.sessions import Session

if TYPE_CHECKING:
    from datetime import datetime

    from asyncpg import Pool, Record

_ADD = """
insert into private.session (
    digest, sub, organisation, role, purpose, person, authenticated_at, began, renewed, seen, issuer_session
) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_FIND = "select * from private.session where digest = $1 or replaced = $1"
_NOTE = "update private.session set seen = greatest(seen, $2) where digest = $1"
_RENEW = "update private.session set digest = $2, replaced = $1, renewed = $3 where digest = $1 returning true"
_END = "delete from private.session where digest = $1 or replaced = $1"
_END_OF = """
with ended as (
    delete from private.session
    where coalesce($1::text, $2::text) is not null and ($1::text is null or sub = $1) and ($2::text is null or issuer_session = $2)
    returning 1
)
select count(*) from ended
"""
_SWEEP = "delete from private.session where began < $1 or seen < $2"


class PostgresSessionRows:
    """Sessions of all processes of a service."""

    def __init__(self, pool: Pool) -> None:
        """Use connections of the service's application role."""
        self._pool = pool

    async def add(self, session: Session) -> None:
        """See `SessionRows.add`."""
        who = session.caller
        told = (who.sub, who.organisation, who.role.value, who.purpose, who.person, who.authenticated_at)
        with retryable():
            await self._pool.execute(_ADD, session.digest, *told, session.began, session.renewed, session.seen, session.issuer_session)

    async def find(self, digest: bytes) -> Session | None:
        """See `SessionRows.find`."""
        with retryable():
            row = await self._pool.fetchrow(_FIND, digest)
        return None if row is None else _session(row)

    async def note(self, digest: bytes, seen: datetime) -> None:
        """See `SessionRows.note`."""
        with retryable():
            await self._pool.execute(_NOTE, digest, seen)

    async def renew(self, digest: bytes, fresh: bytes, now: datetime) -> bool:
        """See `SessionRows.renew`."""
        with retryable():
            return bool(await self._pool.fetchval(_RENEW, digest, fresh, now))

    async def end(self, digest: bytes) -> None:
        """See `SessionRows.end`."""
        with retryable():
            await self._pool.execute(_END, digest)

    async def end_of(self, *, sub: str | None, issuer_session: str | None) -> int:
        """See `SessionRows.end_of`."""
        with retryable():
            return int(await self._pool.fetchval(_END_OF, sub, issuer_session))

    async def sweep(self, *, began: datetime, seen: datetime) -> None:
        """See `SessionRows.sweep`."""
        with retryable():
            await self._pool.execute(_SWEEP, began, seen)


def _session(row: Record) -> Session:
    caller = Caller(
        row["sub"],
        row["organisation"],
        Role(row["role"]),
        row["purpose"],
        person=row["person"],
        authenticated_at=row["authenticated_at"],
    )
    return Session(
        row["digest"],
        caller,
        row["began"],
        row["renewed"],
        row["seen"],
        replaced=row["replaced"],
        issuer_session=row["issuer_session"],
    )
