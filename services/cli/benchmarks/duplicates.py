"""Candidates for one person found by blinded keys, against comparing with everybody there is: how long it takes, and whether any is missed.

Invented people are kept as intake keeps them: keys as HMACs in PostgreSQL, identities sealed in the store. Some of them are then asked
about again, recorded with the usual noise (docs/explanation/duplicates.md). Ours looks for shared keys, opens at most 200 records at once
and compares those, as before each enrolment. The floor compares with everybody, who lie opened in memory: what a scan would cost if it
had nothing to open. `duplicates.recall` is how many of those to be decided on, by the floor, ours finds too.
"""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.intake import BeneficiaryEnrolled
from services._runtime.ids import new_id
from services._runtime.store.connecting import open_pool
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.postgres import PostgresEventStore
from services._runtime.store.postgres_waking import PostgresWakes
from services._runtime.store.recording import Recorder
from services.cli.benchmarks.invented_people import again, invent
from services.cli.benchmarks.making import opening
from services.cli.benchmarks.measuring import Bar, Result, Run, compared, in_turn
from services.intake.domain.blocking import identity_keys
from services.intake.domain.comparing import Known, compare
from services.intake.domain.duplicate_decisions import TO_BE_DECIDED
from services.intake.projections.duplicates import LikenessFinder
from services.intake.projections.likenesses import IDENTITY, Kept, Part, Told, blinded
from services.intake.projections.likenesses_postgres import PostgresLikenesses

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from uuid import UUID

    from services.cli.benchmarks.counts import Counts
    from services.cli.benchmarks.ground import Ground
    from services.intake.domain.commands import Identity

FASTER = Bar(at_least=10)
RECALL = Bar(at_least=0.98)
_SERVICE, _ORGANISATION = "intake", "ciac"
_SEED = 20_260_301
_TOGETHER = 100


@dataclass(frozen=True, slots=True)
class _Person:
    beneficiary_id: UUID
    identity: Identity
    known: Known


async def measure(ground: Ground, counts: Counts) -> list[Result]:
    """Measure it. People and their keys are made beforehand."""
    dice = random.Random(_SEED)  # noqa: S311 - the same people each time
    people = [_Person(new_id(), one, Known(one)) for one in (invent(dice) for _ in range(counts.people))]
    asked = [Known(again(one.identity, dice).identity) for one in dice.sample(people, counts.people_asked)]
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(ground.database(_SERVICE))
        pool = await stack.enter_async_context(await open_pool(database.dsn, size=counts.writers))
        wakes = await stack.enter_async_context(PostgresWakes(database.dsn))
        keyring = MemoryKeyring()
        recorder, store, index = Recorder(keyring), PostgresEventStore(pool, _SERVICE, wakes), PostgresLikenesses(pool)
        await _keep(people, store, recorder, index, keyring)
        await database.administer("analyze private.likeness_key, private.likeness, store.events, store.sealed")
        finder = LikenessFinder(index, store, recorder, keyring)
        found: list[set[UUID]] = []
        everybody: list[set[UUID]] = []
        pairs = await in_turn(_by_keys(finder, asked, found), _by_scan(people, asked, everybody), repeats=counts.long_repeats, warm_up=0)
    wanted = sum(len(one) for one in everybody)
    missed = sum(len(scanned - keyed) for scanned, keyed in zip(everybody, found, strict=True))
    recall = compared("duplicates.recall", "found of those a scan finds", RECALL, [(float(wanted - missed), float(wanted))])
    return [compared("duplicates", "searches/s", FASTER, pairs), recall]


async def _keep(
    people: Sequence[_Person], store: PostgresEventStore, recorder: Recorder, index: PostgresLikenesses, keyring: MemoryKeyring
) -> None:
    """Store everybody's enrolment, and keep their keys as the follower would."""
    for start in range(0, len(people), _TOGETHER):
        group = people[start : start + _TOGETHER]
        events = await asyncio.gather(*(_stored(one, store, recorder) for one in group))
        kept = {
            Part(one.beneficiary_id, IDENTITY): Kept(event_id, _ORGANISATION, frozenset(blinded(keyring, identity_keys(one.identity))))
            for one, event_id in zip(group, events, strict=True)
        }
        async with index.writing() as writing:
            await writing.write(start + len(kept), Told(kept, {}, ()))


async def _stored(one: _Person, store: PostgresEventStore, recorder: Recorder) -> UUID:
    """Store a person's enrolment; return the event's id."""
    append = await opening(recorder, _enrolment(one))
    await store.append(append)
    return append.streams[0].events[0].recorded.envelope.event_id


def _enrolment(one: _Person) -> BeneficiaryEnrolled:
    who = one.identity
    return BeneficiaryEnrolled(
        beneficiary_id=one.beneficiary_id,
        episode=1,
        organisation=_ORGANISATION,
        territory="PR",
        sex=who.sex,
        given_names=who.given_names,
        family_name=who.family_name,
        birth_date=who.birth_date,
        birth_date_precision=who.birth_date_precision,
        citizenship=who.citizenship,
    )


def _by_keys(finder: LikenessFinder, asked: Sequence[Known], found: list[set[UUID]]) -> Callable[[], Awaitable[Run]]:
    async def run() -> Run:
        found.clear()
        began = time.perf_counter()
        for one in asked:
            candidates = await finder.find(one, asking=_ORGANISATION, apart_from=None)
            found.append({each.candidate.other for each in candidates if each.candidate.band in TO_BE_DECIDED})
        return Run.timed(len(asked), time.perf_counter() - began)

    return run


def _by_scan(people: Sequence[_Person], asked: Sequence[Known], found: list[set[UUID]]) -> Callable[[], Awaitable[Run]]:
    async def run() -> Run:
        found.clear()
        began = time.perf_counter()
        found.extend({each.beneficiary_id for each in people if compare(one, each.known).band in TO_BE_DECIDED} for one in asked)
        return Run.timed(len(asked), time.perf_counter() - began)

    return run
