"""`store.append` against the Python `eventsourcing` library on the same PostgreSQL, in the mode that keeps its order safe.

The library's recorder gets its events ready-made too, without encryption and without digests: what is timed is its storing alone.
"""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from services._runtime.store.connecting import open_pool
from services._runtime.store.postgres import PostgresEventStore
from services._runtime.store.postgres_waking import PostgresWakes
from services.cli.benchmarks.making import enrolments
from services.cli.benchmarks.measuring import Bar, Result, Run, compared, in_turn
from services.cli.benchmarks.store_append import stored

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from services._runtime.store.port import Append
    from services.cli.benchmarks.counts import Counts
    from services.cli.benchmarks.ground import Ground

BAR = Bar(at_least=5)


async def measure(ground: Ground, counts: Counts) -> list[Result]:
    """Measure it; the peer has the number of threads with which it was fastest in a first round."""
    async with (
        ground.database("intake") as database,
        await open_pool(database.dsn, size=counts.writers) as pool,
        PostgresWakes(database.dsn) as wakes,
    ):
        store = PostgresEventStore(pool, "intake", wakes)
        with _peer(database.superuser_dsn, max(counts.peer_threads)) as recorder:

            async def ours() -> Run:
                return await stored(await enrolments(counts.peer_saves), store.append, counts.writers)

            async def saved(threads: int) -> Run:
                appends = await enrolments(counts.peer_saves)
                return await asyncio.to_thread(_save, recorder, [_stored_event(append) for append in appends], threads)

            first_round = {threads: (await saved(threads)).figure for threads in counts.peer_threads}
            fastest = max(first_round, key=first_round.__getitem__)
            pairs = await in_turn(ours, lambda: saved(fastest), repeats=counts.repeats)
    return [compared("store_peer", "events/s", BAR, pairs)]


@contextmanager
def _peer(dsn: str, connections: int) -> Iterator[PostgresApplicationRecorder]:
    """Give the library's recorder with its tables made. By default it locks the whole table for each save, so that order is safe."""
    server = urlsplit(dsn)
    with PostgresDatastore(
        dbname=server.path.lstrip("/"),
        host=server.hostname or "",
        port=server.port or 5432,
        user=unquote(server.username or ""),
        password=unquote(server.password or ""),
        pool_size=connections,
        connect_timeout=30,
    ) as datastore:
        recorder = PostgresApplicationRecorder(datastore)
        recorder.create_table()
        yield recorder


def _stored_event(append: Append) -> StoredEvent:
    """Return the same event as the library keeps one: as many bytes of state as ours has data and ciphertexts."""
    ((event,),) = (stream.events for stream in append.streams)
    envelope = event.recorded.envelope
    state = event.recorded.data + b"".join(part.ciphertext for part in event.sealed)
    return StoredEvent(originator_id=envelope.event_id, originator_version=1, topic=envelope.type, state=state)


def _save(recorder: PostgresApplicationRecorder, events: Sequence[StoredEvent], threads: int) -> Run:
    waiting = iter(events)

    def work() -> None:
        for event in waiting:
            recorder.insert_events([event])

    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as executor:
        for done in [executor.submit(work) for _ in range(threads)]:
            done.result()
    return Run.timed(len(events), time.perf_counter() - began)
