"""Notes about invented persons, sealed under keys on a real PostgreSQL: for tests of what becomes of keys and of what they sealed."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from contracts.intake import ContactChanged, NoteAdded
from services._runtime.clock import SystemClock
from services._runtime.decider import Context, Placement
from services._runtime.ids import new_id
from services._runtime.store.connecting import connect, open_pool
from services._runtime.store.key_encryption import KeyEncryptionKey
from services._runtime.store.port import Append, StreamAppend
from services._runtime.store.postgres_keyring import PostgresKeyring
from services._runtime.store.recording import Recorder, head_of
from services._runtime.store.rotating import Rotation
from services.cli.verification.findings import Findings
from services.cli.verification.stores import check_store
from tests.support.store_worlds import PostgresWorld

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    import asyncpg

    from services._runtime.store.key_wrapping import KeyWrapper
    from tests.support.database import Cluster, Database

KEK = bytes(range(32))
REMEMBERED_S = 0.8
GRACE_S = 1.2
"""Longer than keys are remembered here, and what is appended is appended at once."""


@dataclass(frozen=True)
class SealedWorld:
    """A store and its keys in databases of their own."""

    world: PostgresWorld
    keys: Database
    pool: asyncpg.Pool

    def keyring(self, wrapper: KeyWrapper | None = None) -> PostgresKeyring:
        """Return a keyring as another process has it."""
        return PostgresKeyring(self.pool, "intake", wrapper or KeyEncryptionKey(KEK), remembered_s=REMEMBERED_S)

    async def write(self, recorder: Recorder, person: UUID, text: str) -> None:
        """Record a note about a person, and their telephone number."""
        stream = f"person-{person}"
        stored = await self.world.store.load(stream)
        events = (NoteAdded(beneficiary_id=person, text=text), ContactChanged(beneficiary_id=person, phone=text))
        context = Context(
            actor="worker-7",
            organisation="ciac",
            role="case-worker",
            purpose="integration",
            correlation=new_id(),
            now=SystemClock().now(),
            occurred_on=date(2026, 2, 28),
        )
        new = await recorder.record(events, head_of(stream, stored), context=context, placement=Placement(), partition_key=str(person))
        await self.world.store.append(Append((StreamAppend(stream, len(stored), new),)))

    async def texts(self, recorder: Recorder, person: UUID) -> list[str | None]:
        """Return what can be read of a person's notes and numbers."""
        events = await recorder.read(await self.world.store.load(f"person-{person}"))
        return [event.text if isinstance(event, NoteAdded) else getattr(event, "phone", None) for event in events]

    async def ciphertexts(self) -> set[bytes]:
        """Return everything that is sealed."""
        return {row[0] for row in await self.world.pool.fetch("select ciphertext from store.sealed")}

    async def events(self) -> list[asyncpg.Record]:
        """Return the store's events as they lie there."""
        return list(await self.world.pool.fetch("select * from store.events order by position"))

    async def findings(self, wrapper: KeyWrapper | None = None) -> Findings:
        """Verify the store with the keys that there are."""
        while await (await self.world.sequencer()).sequence():
            pass
        findings = Findings()
        async with self.world.pool.acquire() as connection:
            await check_store("intake", connection, self.keyring(wrapper), findings)
        return findings

    @asynccontextmanager
    async def rotation(self, wrapper: KeyWrapper | None = None) -> AsyncIterator[Rotation]:
        """Give a rotation, as the owner carries it out."""
        keys, store = await connect(self.keys.owner_dsn), await connect(self.world.database.owner_dsn)
        yield Rotation(keys, store, "intake", wrapper or KeyEncryptionKey(KEK), grace_s=GRACE_S, batch=7)
        await keys.close()
        await store.close()


@asynccontextmanager
async def sealed_world(cluster: Cluster) -> AsyncIterator[SealedWorld]:
    """Give empty databases."""
    async with AsyncExitStack() as stack:
        world = await PostgresWorld.opened(cluster, stack)
        keys = await stack.enter_async_context(cluster.fresh("keys"))
        pool = await stack.enter_async_context(await open_pool(keys.dsn))
        yield SealedWorld(world, keys, pool)
