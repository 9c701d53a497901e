"""`ancora verify` of a store and its feed, a million events, against reading the same rows and hashing the same bytes.

Ours recomputes each event's digest from its fields, each stream's links, and the feed's chain, and compares them with what is stored.
The floor reads the same columns by the same cursors, joins their values as bytes, and hashes those: twice for each event, as ours does.
Not timed: what `verify` further does with Kafka, the journal and the read models, which it compares with what is timed here.
"""

from __future__ import annotations

import time
from hashlib import sha256
from typing import TYPE_CHECKING

from services._runtime.store.connecting import open_pool
from services._runtime.store.keyring import MemoryKeyring
from services.cli.benchmarks.history import SOURCE
from services.cli.benchmarks.measuring import Bar, Result, Run, compared, in_turn
from services.cli.verification.findings import Findings
from services.cli.verification.stores import BATCH, EVENTS, FEED, check_store

if TYPE_CHECKING:
    from asyncpg import Record
    from asyncpg.pool import PoolConnectionProxy

    from services.cli.benchmarks.counts import Counts
    from services.cli.benchmarks.ground import Ground

BAR = Bar(at_least=0.3)


class NotAsWritten(Exception):
    """The history that was written for the measure does not verify, so that its figure would mean nothing."""


async def measure(ground: Ground, counts: Counts) -> list[Result]:
    """Measure it."""
    database = await ground.history(counts.long_history)
    async with await open_pool(database.dsn, size=1) as pool, pool.acquire() as connection:
        pairs = await in_turn(lambda: _verified(connection), lambda: _hashed(connection), repeats=counts.long_repeats, warm_up=0)
    return [compared("verifying", "events/s", BAR, pairs)]


async def _verified(connection: PoolConnectionProxy) -> Run:
    findings = Findings()
    began = time.perf_counter()
    await check_store(SOURCE, connection, MemoryKeyring(), findings)
    seconds = time.perf_counter() - began
    if findings.found:
        raise NotAsWritten(str(findings.found[0]))
    return Run.timed(findings.checked[f"{SOURCE}.events"], seconds)


async def _hashed(connection: PoolConnectionProxy) -> Run:
    began = time.perf_counter()
    events = await _hashed_rows(connection, EVENTS)
    await _hashed_rows(connection, FEED)
    return Run.timed(events, time.perf_counter() - began)


async def _hashed_rows(connection: PoolConnectionProxy, query: str) -> int:
    read = 0
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        cursor = await connection.cursor(query)
        while rows := await cursor.fetch(BATCH):
            for row in rows:
                sha256(_bytes_of(row)).digest()
            read += len(rows)
    return read


def _bytes_of(row: Record) -> bytes:
    return b"".join([value if isinstance(value, bytes) else str(value).encode() for value in row])
