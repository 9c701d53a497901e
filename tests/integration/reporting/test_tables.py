"""The migrated tables are those of the read models, and the application's role can do with them what the runner does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services._runtime.projecting.hashing import compare
from services._runtime.projecting.model import columns
from services._runtime.projecting.postgres import PostgresRows
from services._runtime.projecting.rebuild import rebuild
from services._runtime.projecting.runner import Runner
from services._runtime.store.connecting import open_pool
from services.reporting.projections import MODELS
from services.reporting.projections.activity import recent_days
from services.reporting.projections.latest_activity import latest
from services.reporting.projections.person_timeline import timeline_of
from services.reporting.projections.territory_progress import TERRITORY_PROGRESS, progress_of
from tests.support.read_models import ListSource, feed_of
from tests.support.reporting_examples import admitted, enrolled, left, person

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Pool

    from tests.support.database import Cluster

COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), NOT attnotnull, coalesce(collname, '') = 'C'
FROM pg_attribute LEFT JOIN pg_collation c ON c.oid = attcollation
WHERE attrelid = $1::regclass AND attnum > 1 AND NOT attisdropped ORDER BY attnum
"""
TYPES = {"timestamptz": "timestamp with time zone"}


@pytest.fixture
async def pool(cluster: Cluster) -> AsyncIterator[Pool]:
    """Give reporting's database as its application's role sees it."""
    async with cluster.fresh("reporting") as database, await open_pool(database.dsn, size=4) as opened:
        yield opened


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.name))
async def test_each_table_has_the_columns_of_its_row(pool: Pool, model: object) -> None:
    for one in MODELS:
        if one is not model:
            continue
        found = [tuple(record) for record in await pool.fetch(COLUMNS, f"read_model.{one.name}")]
        assert found == [
            (column.name, TYPES.get(kind, kind), column.nullable, collated == 'COLLATE "C"')
            for column in columns(one.row)
            for kind, _, collated in (column.sql.partition(" "),)
        ]


async def test_rows_in_postgresql_equal_their_replay_before_and_after_a_rebuild(pool: Pool) -> None:
    """I5, I12."""
    events = [one for number in range(300) for one in (enrolled(number, "BG"), admitted(number, "PR"), left(number))]
    source, rows = ListSource(feed_of("intake", events)), PostgresRows(pool)
    runner = Runner(MODELS, source, rows, batch=250)
    while await runner.step():
        pass
    for model in MODELS:
        assert (await compare(model, source, rows)).equal, model.name
        await rebuild(model, source, rows, batch=400)
        assert (await compare(model, source, rows)).equal, model.name
    await pool.execute("UPDATE read_model.territory_progress SET counted = counted + 1")
    assert not (await compare(TERRITORY_PROGRESS, source, rows)).equal


async def test_the_queries_answer_from_postgresql(pool: Pool) -> None:
    source, rows = ListSource(feed_of("intake", [enrolled(1), admitted(1), admitted(2, "BG")])), PostgresRows(pool)
    runner = Runner(MODELS, source, rows)
    while await runner.step():
        pass
    assert [row.counted for row in (await progress_of(rows, "ancora-2.0")).value] == [1, 1]
    page = await timeline_of(rows, person(1), after=None, limit=1)
    assert (page.position, [entry.type for entry in page.value.entries]) == (3, ["intake.beneficiary_enrolled"])
    last = page.value.entries[-1]
    following = await timeline_of(rows, person(1), after=(last.recorded_at, last.event_id), limit=9)
    assert [entry.type for entry in following.value.entries] == ["intake.programme_admitted"]
    assert [event.territory for event in (await latest(rows, 2)).value] == ["BG", "PR"]
    assert sum(row.events for row in (await recent_days(rows, 7)).value) == 3
