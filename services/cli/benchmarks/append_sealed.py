"""A fact recorded and appended with its personal fields sealed, against the same fact without any: what privacy costs a command.

Both sides make envelope, digest and append. Ours seals two parts besides, under keys that the process remembers from having read the record
a moment before, and commits to them; the store keeps both ciphertexts. `append_sealed` is one caller after the other, each waiting until it
is stored: what a person notices. `append_sealed_crowded` is as many writers at once as connections: then commits are shared, the processor
is all that counts, and encrypting, which is most of the work that there is, shows; its bar only guards against its growing.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from contracts.personal import DataClass
from services._runtime.ids import new_id
from services._runtime.store.connecting import open_pool
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.postgres import PostgresEventStore
from services._runtime.store.postgres_waking import PostgresWakes
from services._runtime.store.recording import Recorder
from services.cli.benchmarks.making import enrolment, opening, without_person
from services.cli.benchmarks.measuring import Bar, Result, Run, compared, in_turn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.intake import BeneficiaryEnrolled
    from services.cli.benchmarks.counts import Counts
    from services.cli.benchmarks.ground import Ground

BAR = Bar(at_least=0.8)
CROWDED_BAR = Bar(at_least=0.4)
_ALONE = 8
"""Of so many events that are stored among others, one is stored alone: that takes as long."""


async def measure(ground: Ground, counts: Counts) -> list[Result]:
    """Measure it. Persons and their keys are made beforehand; sealing, digesting and storing are timed."""
    async with (
        ground.database("intake") as database,
        await open_pool(database.dsn, size=counts.writers) as pool,
        PostgresWakes(database.dsn) as wakes,
    ):
        store = PostgresEventStore(pool, "intake", wakes)

        alone = await _pairs(store, counts.appends // _ALONE, 1, counts.repeats)
        crowded = await _pairs(store, counts.appends, counts.writers, counts.repeats)
    return [compared("append_sealed", "events/s", BAR, alone), compared("append_sealed_crowded", "events/s", CROWDED_BAR, crowded)]


async def _pairs(store: PostgresEventStore, events: int, writers: int, repeats: int) -> list[tuple[float, float]]:
    async def ours() -> Run:
        return await _recorded(store, [enrolment(new_id()) for _ in range(events)], writers)

    async def floor() -> Run:
        return await _recorded(store, [without_person(enrolment(new_id())) for _ in range(events)], writers)

    return await in_turn(ours, floor, repeats=repeats)


async def _recorded(store: PostgresEventStore, events: list[BeneficiaryEnrolled], writers: int) -> Run:
    """Record and append each event in a stream of its own, so many writers at once."""
    keyring = MemoryKeyring()
    await keyring.keys([(str(event.beneficiary_id), each) for event in events for each in (DataClass.IDENTITY, DataClass.CONTACT)])
    recorder, waiting = Recorder(keyring), iter(events)
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(writers):
            group.create_task(_write(store, recorder, waiting))
    return Run.timed(len(events), time.perf_counter() - began)


async def _write(store: PostgresEventStore, recorder: Recorder, waiting: Iterator[BeneficiaryEnrolled]) -> None:
    for event in waiting:
        await store.append(await opening(recorder, event))
