"""Names on PostgreSQL: unlogged tables in the schema `private` of intake's own database."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from services._runtime.store.connecting import retryable
from services.intake.projections.following_postgres import Progress
from services.intake.projections.names import RULE, Named, Spelt

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from uuid import UUID

    from asyncpg import Pool
    from asyncpg.pool import PoolConnectionProxy

    from services._runtime.access.deciding import Principal
    from services._runtime.store.fence import Fence
    from services.intake.projections.names import NameFinder, Told

_PROGRESS = Progress("private.progress", RULE, ("delete from private.person",))
_NAMED = """
insert into private.person (beneficiary_id, organisation, given_names, family_name)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
on conflict (beneficiary_id) do update set given_names = excluded.given_names, family_name = excluded.family_name
"""
_THERE = """
insert into private.person (beneficiary_id, organisation) select * from unnest($1::uuid[], $2::text[]) on conflict do nothing
"""
_OTHERS = """
update private.person p set other_names = jsonb_strip_nulls(p.other_names || told.names)
from unnest($1::uuid[], $2::jsonb[]) told (person, names) where p.beneficiary_id = told.person
"""
_UNSAID = """
delete from private.name_word w using unnest($1::uuid[], $2::uuid[]) n (person, name)
where w.beneficiary_id = n.person and w.name_id = n.name
"""
_WORDS = """
insert into private.name_word (beneficiary_id, organisation, name_id, word)
select p.beneficiary_id, p.organisation, w.name, w.word
from unnest($1::uuid[], $2::uuid[], $3::text[]) w (person, name, word) join private.person p on p.beneficiary_id = w.person
"""
_NAMELESS = """
delete from private.person p using unnest($1::uuid[]) n (person)
where p.beneficiary_id = n.person and not exists (select from private.name_word w where w.beneficiary_id = n.person)
"""
_MOVED = """
with moved as (
    update private.person p set organisation = m.organisation from unnest($1::uuid[], $2::text[]) m (beneficiary_id, organisation)
    where p.beneficiary_id = m.beneficiary_id and p.organisation <> m.organisation
    returning p.beneficiary_id, p.organisation
)
update private.name_word w set organisation = m.organisation from moved m where w.beneficiary_id = m.beneficiary_id
"""
_FIND = """
select p.beneficiary_id, p.organisation, p.given_names, p.family_name, p.other_names from private.person p
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

    async def write(self, position: int, told: Told) -> None:
        """See `Writing.write`."""
        if told.names:
            await self._name(told)
        if told.whose:
            await self._connection.execute(_MOVED, list(told.whose), list(told.whose.values()))
        await _PROGRESS.reached(self._connection, position)
        self.position = position

    async def _name(self, told: Told) -> None:
        """Write each name of which something is told in the place of what was known of it."""
        connection, persons = self._connection, sorted({name.beneficiary_id for name in told.names})
        named = [(one.beneficiary_id, spelt) for one, spelt in told.names.items() if one.name_id == one.beneficiary_id]
        if named:
            rows = [(person, told.whose[person], spelt.given_names, spelt.family_name) for person, spelt in named]
            await connection.execute(_NAMED, *map(list, zip(*rows, strict=True)))
        await connection.execute(_THERE, persons, [told.whose[person] for person in persons])
        others = _others(told)
        await connection.execute(_OTHERS, list(others), list(map(json.dumps, others.values())))
        await connection.execute(_UNSAID, *map(list, zip(*told.names, strict=True)))
        if words := [(*name, word) for name, spelt in told.names.items() for word in sorted(spelt.words)]:
            await connection.execute(_WORDS, *map(list, zip(*words, strict=True)))
        await connection.execute(_NAMELESS, persons)


def _others(told: Told) -> dict[UUID, dict[str, tuple[str | None, str | None] | None]]:
    """Return what is told of each person's other names, by their ids; null where one is a person's no more."""
    others: dict[UUID, dict[str, tuple[str | None, str | None] | None]] = {}
    for name, spelt in told.names.items():
        if name.name_id != name.beneficiary_id:
            others.setdefault(name.beneficiary_id, {})[str(name.name_id)] = (spelt.given_names, spelt.family_name) if spelt.words else None
    return others


async def _found(connection: Pool | PoolConnectionProxy, organisation: str, words: Collection[str], limit: int) -> list[Named]:
    rows = await connection.fetch(_FIND, organisation, sorted(set(words)), limit) if words else []
    return [
        Named(person, whose, Spelt(given, family), tuple(Spelt(*each) for _, each in sorted(json.loads(others).items())))
        for person, whose, given, family, others in rows
    ]


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
            return await _found(connection, organisation, words, limit)


class PostgresNames:
    """Names of one service's database. A crash empties them, and whoever writes next begins anew."""

    def __init__(self, pool: Pool) -> None:
        """Use `pool` as the service's application role."""
        self._pool = pool

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[_Writing]:
        """See `NameIndex.writing`."""
        async with _PROGRESS.held(self._pool) as (connection, position):
            yield _Writing(connection, position)

    async def find(self, organisation: str, words: Collection[str], *, limit: int) -> list[Named]:
        """See `NameIndex.find`."""
        with retryable():
            return await _found(self._pool, organisation, words, limit)

    async def forget(self, beneficiary_id: UUID) -> bool:
        """See `NameIndex.forget`."""
        with retryable():
            return bool(await self._pool.fetchval("select private.forget($1)", beneficiary_id))

    async def position(self) -> int:
        """See `NameIndex.position`."""
        with retryable():
            return int(await self._pool.fetchval("select coalesce(max(position), 0) from private.progress") or 0)
