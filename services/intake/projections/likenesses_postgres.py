"""Likenesses on PostgreSQL: unlogged tables in the schema `private` of intake's own database."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from services._runtime.store.connecting import retryable
from services.intake.domain.blocking import RULE
from services.intake.projections.following_postgres import Progress
from services.intake.projections.likenesses import Like

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from uuid import UUID

    from asyncpg import Pool
    from asyncpg.pool import PoolConnectionProxy

    from services.intake.projections.likenesses import Told

_PROGRESS = Progress("private.likeness_progress", RULE, ("delete from private.likeness", "delete from private.two_persons"))
_GONE = """
delete from private.likeness l using unnest($1::uuid[], $2::text[]) g (person, part)
where l.beneficiary_id = g.person and l.part = g.part
"""
_KEEP = """
insert into private.likeness (beneficiary_id, part, organisation, event_id)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[])
"""
_KEYS = "insert into private.likeness_key (key, beneficiary_id, part) select * from unnest($1::bytea[], $2::uuid[], $3::text[])"
_MOVED = """
update private.likeness l set organisation = m.organisation from unnest($1::uuid[], $2::text[]) m (person, organisation)
where l.beneficiary_id = m.person and l.organisation <> m.organisation
"""
_APART = "insert into private.two_persons (one, other) select * from unnest($1::uuid[], $2::uuid[]) on conflict do nothing"
_FIND = """
with shared as (
    select distinct k.beneficiary_id, k.key, asked.weight
    from unnest($1::bytea[], $2::integer[]) asked (key, weight) join private.likeness_key k on k.key = asked.key
    where k.beneficiary_id is distinct from $3
        and not exists (select from private.two_persons t where t.one = $3 and t.other = k.beneficiary_id)
), said as (
    select beneficiary_id, sum(weight) as weight from shared group by beneficiary_id order by 2 desc, 1 limit $4
)
select s.beneficiary_id, min(l.organisation), array_agg(l.part), array_agg(l.event_id)
from said s join private.likeness l on l.beneficiary_id = s.beneficiary_id
group by s.beneficiary_id, s.weight order by s.weight desc, 1
"""


class _Writing:
    def __init__(self, connection: PoolConnectionProxy, position: int) -> None:
        self._connection = connection
        self.position = position

    async def write(self, position: int, told: Told) -> None:
        """See `Writing.write`."""
        connection, parts = self._connection, list(told.kept)
        await connection.execute(_GONE, [part.beneficiary_id for part in parts], [part.part for part in parts])
        kept = [(part, one) for part, one in told.kept.items() if one.keys]
        if kept:
            ids, names = [part.beneficiary_id for part, _ in kept], [part.part for part, _ in kept]
            await connection.execute(_KEEP, ids, names, [one.organisation for _, one in kept], [one.event_id for _, one in kept])
            rows = [(key, *part) for part, one in kept for key in sorted(one.keys)]
            await connection.execute(_KEYS, *map(list, zip(*rows, strict=True)))
        if told.moved:
            await connection.execute(_MOVED, list(told.moved), list(told.moved.values()))
        if told.apart:
            await connection.execute(_APART, *map(list, zip(*told.apart, strict=True)))
        await _PROGRESS.reached(connection, position)
        self.position = position


class PostgresLikenesses:
    """Likenesses of one service's database. A crash empties them, and whoever writes next begins anew."""

    def __init__(self, pool: Pool) -> None:
        """Use `pool` as the service's application role."""
        self._pool = pool

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[_Writing]:
        """See `LikenessIndex.writing`."""
        async with _PROGRESS.held(self._pool) as (connection, position):
            yield _Writing(connection, position)

    async def find(self, keys: Mapping[bytes, int], *, apart_from: UUID | None, limit: int) -> list[Like]:
        """See `LikenessIndex.find`."""
        with retryable():
            rows = await self._pool.fetch(_FIND, list(keys), list(keys.values()), apart_from, limit)
        return [Like(person, organisation, dict(zip(parts, events, strict=True))) for person, organisation, parts, events in rows]

    async def forget(self, beneficiary_id: UUID) -> bool:
        """See `LikenessIndex.forget`."""
        with retryable():
            return bool(await self._pool.fetchval("select private.forget_likeness($1)", beneficiary_id))
