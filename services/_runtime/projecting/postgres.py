"""Rows in PostgreSQL: written with their position in one transaction, read with it in one snapshot."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg

from services._runtime.projecting import statements
from services._runtime.projecting.model import Key, ReadModel, Row, columns
from services._runtime.projecting.port import Advance, Build, Moved, Query, Read, superseded, unfinished
from services._runtime.projecting.rows import row_reader, values
from services._runtime.store.connecting import retryable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Sequence

    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]

COPY_FROM = 200
"""From so many new rows of a model on, COPY is faster than an upsert."""


class PostgresReader:
    """A `Reader` over a pool, or over the one connection of a snapshot."""

    def __init__(self, executor: Pool | Connection) -> None:
        """Read through `executor`."""
        self._executor = executor

    async def row(self, model: ReadModel[Row], key: Key) -> Read[Row | None]:
        """See `Reader.row`."""
        found = await self.rows(model, Query(where=dict(zip(model.key, key, strict=True))))
        return Read(found.position, found.value[0] if found.value else None)

    async def rows(self, model: ReadModel[Row], query: Query = Query()) -> Read[tuple[Row, ...]]:  # noqa: B008 - frozen
        """See `Reader.rows`."""
        sql, arguments = statements.select(model, query)
        with retryable():
            records = await self._executor.fetch(sql, *arguments)
        if not records:
            return Read(0, ())
        read = row_reader(model)
        here = 1 + [column.name for column in columns(model.row)].index(model.key[0])
        # The build's line comes alone, its row all NULL, where no row matches.
        rows = tuple(read(tuple(record)[1:]) for record in records if record[here] is not None)
        return Read(records[0][0], rows)

    async def count(self, model: ReadModel[Any], query: Query = Query()) -> Read[int]:  # noqa: B008 - frozen
        """See `Reader.count`."""
        sql, arguments = statements.count(model, query)
        with retryable():
            record = await self._executor.fetchrow(sql, *arguments)
        return Read(0, 0) if record is None else Read(record[0], record[1])

    async def builds(self) -> list[Build]:
        """See `Reader.builds`."""
        with retryable():
            return [Build(*record) for record in await self._executor.fetch(statements.BUILDS, None)]

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[PostgresReader]:
        """See `Reader.snapshot`."""
        if not isinstance(self._executor, asyncpg.Pool):
            yield self
            return
        with retryable():
            async with (
                self._executor.acquire() as connection,
                connection.transaction(isolation="repeatable_read", readonly=True),
            ):
                yield PostgresReader(connection)


class PostgresRows(PostgresReader):
    """A `RowStore`, and a `Reader`, over the schemas `projecting` and `read_model`."""

    def __init__(self, pool: Pool) -> None:
        """Keep rows in the database of `pool`."""
        super().__init__(pool)
        self._pool = pool

    async def open(self, model: ReadModel[Any]) -> Build:
        """See `RowStore.open`."""
        async with self._transaction() as connection:
            if await connection.fetchval(statements.OPEN_MODEL, model.name):
                await connection.execute(statements.NEW_BUILD, model.name, model.version)
            builds = await _locked(connection, model)
            active = next(build for build in builds if build.active)
            if active.version == model.version:
                return active
            if active.version > model.version:
                return superseded(active, model)
            return await _begun(connection, model, builds)

    async def begin(self, model: ReadModel[Any]) -> Build:
        """See `RowStore.begin`."""
        async with self._transaction() as connection:
            return await _begun(connection, model, await _locked(connection, model))

    async def load(self, model: ReadModel[Row], build: int, keys: Collection[Key]) -> dict[Key, Row]:
        """See `RowStore.load`."""
        with retryable():
            records = await self._pool.fetch(statements.load(model), build, *statements.transposed(len(model.key), keys))
        read = row_reader(model)
        return {model.key_of(row): row for row in (read(tuple(record)) for record in records)}

    async def advance(self, steps: Sequence[Advance[Any]]) -> None:
        """See `RowStore.advance`."""
        places = statements.transposed(6, [(s.model.name, s.build, s.expected, s.position, s.writes, s.stopped) for s in steps])
        async with self._transaction() as connection:
            if len(await connection.fetch(statements.ADVANCE, *places)) != len(steps):
                raise Moved(", ".join(step.model.name for step in steps))
            for step in steps:
                await _write(connection, step)

    async def swap(self, model: ReadModel[Any], build: int) -> bool:
        """See `RowStore.swap`."""
        async with self._transaction() as connection:
            active = await connection.fetchval(statements.LOCK_MODEL, model.name)
            positions: dict[int, int] = dict(await connection.fetch(statements.LOCK_BUILDS, model.name))  # type: ignore[arg-type] # two columns
            if build not in positions:
                raise Moved(model.name)
            if positions.get(active, 0) > positions[build]:
                return False
            await connection.execute(statements.ACTIVATE, model.name, build)
            await connection.execute(statements.SHOW_CHANGED, model.name, build)
            await connection.execute(statements.DROP_BUILDS, model.name, build)
            await connection.execute(statements.drop_rows(model), build)
            return True

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Connection]:
        with retryable():
            async with self._pool.acquire() as connection, connection.transaction():
                yield connection


async def _locked(connection: Connection, model: ReadModel[Any]) -> list[Build]:
    await connection.execute(statements.LOCK_MODEL, model.name)
    return [Build(*record) for record in await connection.fetch(statements.BUILDS, model.name)]


async def _begun(connection: Connection, model: ReadModel[Any], builds: Sequence[Build]) -> Build:
    found = unfinished(model, builds)
    if found is not None:
        return found
    await connection.execute(statements.NEW_BUILD, model.name, model.version)
    return Build(*(await connection.fetch(statements.BUILDS, model.name))[-1])


async def _write(connection: Connection, step: Advance[Any]) -> None:
    model, found = step.model, columns(step.model.row)
    written = [*step.replaced]
    if len(step.added) >= COPY_FROM:
        names = ["build", *(column.name for column in found)]
        lines = [(step.build, *values(model, row)) for row in step.added]
        await connection.copy_records_to_table(model.name, schema_name="read_model", columns=names, records=lines)
    else:
        written += step.added
    if written:
        arrays = statements.transposed(len(found), [values(model, row) for row in written])
        await connection.execute(statements.upsert(model), step.build, *arrays)
    if step.deleted:
        await connection.execute(statements.delete(model), step.build, *statements.transposed(len(model.key), step.deleted))
