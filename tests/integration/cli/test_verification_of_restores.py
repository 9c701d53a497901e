"""What `verify` says of a store behind the journal, of one that came back, and of one that gave up what had been seen."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from services._runtime.handling import no_timers
from services._runtime.ids import new_id
from services._runtime.messaging.journal import Ingestion
from services._runtime.messaging.journal_memory import MemoryJournal
from services._runtime.messaging.journal_postgres import PostgresJournalWriter
from services._runtime.messaging.restoring import give_up, take_back
from services._runtime.store.connecting import open_pool
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.postgres_waking import PostgresWakes
from services._runtime.store.reopening import reopening
from services.cli.verification.findings import Findings
from services.cli.verification.journal import check_journal
from services.cli.verification.stores import check_store
from tests.runtime.messaging.restores import Restore, happens
from tests.runtime.messaging.worlds import SOURCE, record_of, transactions_of
from tests.support.store_worlds import MemoryWorld, PostgresWorld

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from asyncpg import Pool

    from tests.support.database import Cluster


@dataclass
class Whole:
    """A restore, and the database that holds the journal of it."""

    restore: Restore
    reporting: Pool
    writer: PostgresJournalWriter

    async def verified(self, relayed: tuple[int, int]) -> Findings:
        """Return what the checks of store and journal find, with the relay at this (generation, position)."""
        findings = Findings()
        head: int = await self.reporting.fetchval("select coalesce(max(position), 0) from messaging.journal")
        async with self.restore.restored.pool.acquire() as connection:
            fed = {SOURCE: await check_store(SOURCE, connection, MemoryKeyring(), findings)}
        async with self.reporting.acquire() as connection:
            await check_journal(connection, head, fed, {SOURCE: relayed}, findings)
        return findings

    async def journalled(self, world: MemoryWorld | PostgresWorld, generation: int = 1) -> None:
        """Write into both journals what a store has fed in a generation."""
        events = await world.store.feed(after=0, limit=100, generation=generation)
        ingestion = Ingestion([(record_of(event), event) for event in events])
        await self.restore.journal.write(ingestion)
        await self.writer.write(ingestion)


@pytest.fixture
async def whole(cluster: Cluster) -> AsyncIterator[Whole]:
    """Give a store that was restored after two of its five events, one of them sealed since."""
    async with AsyncExitStack() as stack:
        restore = Restore(MemoryWorld(), await PostgresWorld.opened(cluster, stack), MemoryJournal())
        database = await stack.enter_async_context(cluster.fresh("reporting"))
        pool = await open_pool(database.dsn, size=2)
        stack.push_async_callback(pool.close)
        wakes = await stack.enter_async_context(PostgresWakes(database.dsn, channel="journal"))
        found = Whole(restore, pool, PostgresJournalWriter(transactions_of(pool), wakes, consumer="ingester"))
        stream = f"person-{new_id()}"
        await happens(restore.both, stream, 2)
        await happens((restore.lost,), stream, 3, sealed=1)
        await found.journalled(restore.lost)
        yield found


async def test_a_store_behind_the_journal_is_a_finding_that_says_what_to_run(whole: Whole) -> None:
    """I10: what is missing is missing in the store, not too much in the journal."""
    findings = await whole.verified((1, 2))
    (behind,) = (one for one in findings.found if one.check == "store.behind")
    assert behind.where == "intake generation 1"
    assert behind.expected == "feed position 5, which the journal has"
    assert "`ancora reopen intake`" in behind.found


async def test_a_store_that_came_back_is_as_it_was_recorded(whole: Whole) -> None:
    """Commitments that never left it are no finding where the store says which events came back."""
    restore = whole.restore
    async with reopening(restore.restored.database.owner_dsn) as store:
        await take_back(await restore.past(), restore.journal, store, consumer=None, timetable=no_timers)
    await happens((restore.restored,), f"person-{new_id()}", 2)
    await whole.journalled(restore.restored, generation=2)
    findings = await whole.verified((2, 2))
    assert findings.found == []
    assert findings.checked == {"intake.events": 7, "intake.feed": 7, "journal": 7}


async def test_commitments_may_be_missing_from_events_that_came_back_only(whole: Whole) -> None:
    """I10: elsewhere it is a change."""
    restore = whole.restore
    await happens((restore.restored,), f"person-{new_id()}", 1, sealed=1, sequenced=False)
    async with await open_pool(restore.restored.database.superuser_dsn, size=1) as superuser:
        await superuser.execute("alter table store.events disable trigger unalterable")
        await superuser.execute("update store.events set commitments = '' where commitment <> ''")
    assert "store.commitment" in {one.check for one in (await whole.verified((1, 2))).found}


async def test_what_was_given_up_is_counted_and_no_finding(whole: Whole) -> None:
    """The generation ended before it: a person decided that, and the store keeps the decision."""
    restore = whole.restore
    await happens((restore.restored,), f"person-{new_id()}", 1)
    async with reopening(restore.restored.database.owner_dsn) as store:
        await give_up(await restore.past(), restore.journal, store)
    await whole.journalled(restore.restored, generation=2)
    findings = await whole.verified((2, 1))
    assert findings.found == []
    assert findings.checked["intake.lost"] == 3


async def test_an_older_generation_that_is_not_whole_in_the_journal_is_a_finding(whole: Whole) -> None:
    """I12: nothing of what came before a restore may be missing."""
    restore = whole.restore
    await restore.restored.open_generation()
    await happens((restore.restored,), f"person-{new_id()}", 1)
    await restore.restored.open_generation()
    findings = await whole.verified((3, 0))
    assert [(one.where, one.expected) for one in findings.found if one.check == "journal.missing"] == [
        ("intake generation 2", "feed position 1")
    ]
