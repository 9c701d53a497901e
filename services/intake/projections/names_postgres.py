"""Names on PostgreSQL: unlogged tables in the schema `private` of intake's own database."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from services._runtime.store.connecting import retryable
from services.intake.projections.names import RULE, Named

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping, Sequence
    from uuid import UUID

    from asyncpg import Pool
    from asyncpg.pool import PoolConnectionProxy

    from services._runtime.access.deciding import Principal
    from services._runtime.store.fence import Fence
    from services.intake.projections.names import NameFinder

_BEGIN = "insert into private.progress (rule, position) values ($1, 0) on conflict do nothing"
_TAKE = "select rule, position from private.progress for update"
_CLEAR = "delete from private.person"
_REACHED = "update private.progress set rule = $1, position = $2"
_FORGET = "delete from private.person where beneficiary_id = any($1::uuid[])"
_NAME = """
insert into private.person (beneficiary_id, organisation, given_names, family_name)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
"""
_WORDS = "insert into private.name_word (beneficiary_id, organisation, word) select * from unnest($1::uuid[], $2::text[], $3::text[])"
_MOVED = """
with moved as (
    update private.person p set organisation = m.organisation from unnest($1::uuid[], $2::text[]) m (beneficiary_id, organisation)
    where p.beneficiary_id = m.beneficiary_id and p.organisation <> m.organisation
    returning p.beneficiary_id, p.organisation
)
update private.name_word w set organisation = m.organisation from moved m where w.beneficiary_id = m.beneficiary_id
"""
_FIND = """
select p.beneficiary_id, p.organisation, p.given_names, p.family_name from private.person p
where p.organisation = $1 and p.beneficiary_id in (
    select w.beneficiary_id from unnest($2::text[]) asked (word)
    join private.name_word w on w.organisation = $1 and w.word >= asked.word and w.word < asked.word || chr(1114111)
        and starts_with(w.word, asked.word)
    group by w.beneficiary_id having count(distinct asked.word) = cardinality($2::text[])
)
order by coalesce(p.family_name, '') collate "C", coalesce(p.given_names, '') collate "C", p.beneficiary_id limit $3
"""


class _Writing:
    def __init__(self, connection: PoolConnectionProxy, position: int) -> None:
        self._connection = connection
        self.position = position

    async def write(self, position: int, named: Sequence[Named], moved: Mapping[UUID, str], unnamed: Collection[UUID]) -> None:
        """See `Writing.write`."""
        connection = self._connection
        await connection.execute(_FORGET, [*(one.beneficiary_id for one in named), *unnamed])
        if named:
            ids, organisations = [one.beneficiary_id for one in named], [one.organisation for one in named]
            await connection.execute(_NAME, ids, organisations, [one.given_names for one in named], [one.family_name for one in named])
            words = [(one.beneficiary_id, one.organisation, word) for one in named for word in sorted(one.words)]
            await connection.execute(_WORDS, *map(list, zip(*words, strict=True)))
        if moved:
            await connection.execute(_MOVED, list(moved), list(moved.values()))
        await connection.execute(_REACHED, RULE, position)
        self.position = position


class FencedNames:
    """`NameAnswers` behind the second fence: of the names in clear, the database gives a caller those of their organisation."""

    def __init__(self, fence: Fence) -> None:
        """Find through `fence`."""
        self._fence = fence

    def to(self, caller: Principal) -> NameFinder:
        """See `NameAnswers.to`."""
        return _FencedFinder(self._fence, caller)


class _FencedFinder:
    def __init__(self, fence: Fence, caller: Principal) -> None:
        self._fence = fence
        self._caller = caller

    async def find(self, organisation: str, words: Collection[str], *, limit: int) -> list[Named]:
        """See `NameFinder.find`."""
        async with self._fence.answering(self._caller) as connection:
            rows = await connection.fetch(_FIND, organisation, sorted(set(words)), limit) if words else []
        return [Named(*row) for row in rows]


class PostgresNames:
    """Names of one service's database. A crash empties them, and whoever writes next begins anew."""

    def __init__(self, pool: Pool) -> None:
        """Use `pool` as the service's application role."""
        self._pool = pool

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[_Writing]:
        """See `NameIndex.writing`."""
        with retryable():
            async with self._pool.acquire() as connection, connection.transaction():
                row = await connection.fetchrow(_TAKE)
                if row is None:
                    await connection.execute(_BEGIN, RULE)
                    row = await connection.fetchrow(_TAKE)
                assert row is not None  # noqa: S101 - it was inserted, by us or by another
                if row["rule"] != RULE or row["position"] == 0:
                    # Another rule, or nothing yet.
                    await connection.execute(_CLEAR)
                yield _Writing(connection, row["position"] if row["rule"] == RULE else 0)

    async def find(self, organisation: str, words: Collection[str], *, limit: int) -> list[Named]:
        """See `NameIndex.find`."""
        with retryable():
            rows = await self._pool.fetch(_FIND, organisation, sorted(set(words)), limit) if words else []
        return [Named(*row) for row in rows]

    async def forget(self, beneficiary_id: UUID) -> bool:
        """See `NameIndex.forget`."""
        with retryable():
            return bool(await self._pool.fetchval("select private.forget($1)", beneficiary_id))

    async def position(self) -> int:
        """See `NameIndex.position`."""
        with retryable():
            return int(await self._pool.fetchval("select coalesce(max(position), 0) from private.progress") or 0)
