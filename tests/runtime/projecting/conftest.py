from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from services._runtime.projecting.memory import MemoryRows
from services._runtime.projecting.model import table_sql
from services._runtime.projecting.postgres import PostgresRows
from services._runtime.store.connecting import open_pool
from tests.runtime.projecting.models import COUNTS, PEOPLE

if TYPE_CHECKING:
    from tests.support.database import Cluster, Database

    Rows = MemoryRows | PostgresRows

TABLES = "".join(
    f"{table_sql(model)} select migrating.grant_table('read_model.{model.name}', 'select, insert, update, delete');"
    for model in (PEOPLE, COUNTS)
)


@pytest.fixture
async def tables(cluster: Cluster) -> AsyncIterator[Database]:
    """Give a database with empty tables for the tests' models."""
    async with cluster.fresh("intake") as database:
        owner: asyncpg.Connection[Any] = await asyncpg.connect(database.owner_dsn)
        await owner.execute("select set_config('ancora.application_role', 'ancora_intake', false)")
        await owner.execute(TABLES)
        await owner.close()
        yield database


@pytest.fixture
async def postgres_rows(tables: Database) -> AsyncIterator[PostgresRows]:
    """Give an empty store of rows in PostgreSQL, as the application's role sees it."""
    async with await open_pool(tables.dsn, size=4) as pool:
        yield PostgresRows(pool)


@pytest.fixture(params=["memory", "postgres"])
def rows(request: pytest.FixtureRequest) -> Rows:
    """Give an empty store of rows of each kind."""
    if request.param == "memory":
        return MemoryRows()
    found: PostgresRows = request.getfixturevalue("postgres_rows")
    return found
