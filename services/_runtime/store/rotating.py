"""Rotation of keys, beside running services: sealing secrets of persons, and the key-encryption key that wraps them.

A sealing secret is rotated in stages. Each is stored in the key's row, so that whoever is killed resumes; between two of them lies the
time in which every process has learnt of the first:

- *offered*: a fresh secret is stored beside the present one, and opens what will be sealed under it;
- *used*: the two have changed places, and whatever is sealed from now on is sealed under the fresh one;
- *resealed*: everything else is sealed under it too;
- then no reader holds what was sealed before, and the old secret is forgotten.

So each ciphertext opens, at every moment and in every process, under a secret that is stored. Events, commitments and digests are not
touched, and the key's id stays.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from services._runtime.errors import RuntimeFault
from services._runtime.store.keyring import KEY_BYTES
from services._runtime.store.postgres_keyring import COLUMNS, REMEMBERED_S, bare, key_table, unwrapped
from services._runtime.store.sealing import resealed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from asyncpg import Connection, Record

    from services._runtime.store.key_wrapping import KeyWrapper
    from services._runtime.store.keyring import Key

GRACE_S = REMEMBERED_S + 30.0
"""Seconds after which no process goes by a secret that was replaced: it may remember it for a while, and the store refuses what was
recorded more than 5 s before or after its own clock."""

ROTATION_LOCK = 0x616E636F7262
"""An advisory lock of the service's database: whoever reads for long what is sealed shares it, and no secret is forgotten meanwhile."""

_NIL = UUID(int=0)

_SEALED = """
select s.event_id, s.key_id, s.ciphertext, e.stream_id, e.stream_version
from store.sealed s join store.events e using (event_id)
where (s.event_id, s.key_id) > ($1, $2) and s.key_id = any($3) order by s.event_id, s.key_id limit $4
"""
# Only what was read is replaced: what was erased meanwhile does not come back.
_RESEAL = """
update store.sealed s set ciphertext = n.fresh
from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[]) n (event_id, key_id, before, fresh)
where s.event_id = n.event_id and s.key_id = n.key_id and s.ciphertext = n.before
"""


class Place(NamedTuple):
    """Where a sealed part belongs."""

    event_id: UUID
    stream_id: str
    stream_version: int


class StillPresent(RuntimeFault):
    """The key-encryption key that wraps cannot be retired: another must take its place first."""


class Rotation:
    """Rotates one service's keys, as the owner of both databases. Every step may be repeated; several processes at it do no harm."""

    def __init__(
        self, keys: Connection, store: Connection, service: str, wrapper: KeyWrapper, *, grace_s: float = GRACE_S, batch: int = 1000
    ) -> None:
        """Use connections to the keys database and to the service's own, and `wrapper` for what is wrapped anew; `batch` rows at a time."""
        self._keys = keys
        self._store = store
        self._service = service
        self._wrapper = wrapper
        self._grace_s = grace_s
        self._batch = batch
        self._table = key_table(service)

    async def run(self, subject: str | None = None) -> int:
        """Take to their end the rotations that were begun, then rotate the keys of a person, or all; return how many these were.

        Takes three times `grace_s`, and longer where somebody verifies meanwhile.
        """
        await self.finish()
        offered = await self.offer(subject)
        await self.finish()
        return offered

    async def offer(self, subject: str | None = None) -> int:
        """Store a fresh sealing secret beside the present one for each key that is not being rotated; return how many."""
        count, last = 0, _NIL
        query = (
            f"select {COLUMNS} from {self._table} "  # noqa: S608 - a service's name, which `key_table` checked
            "where stage is null and key_id > $1 and ($2::text is null or subject = $2) order by key_id limit $3"
        )
        while rows := await self._keys.fetch(query, last, subject, self._batch):
            last = rows[-1]["key_id"]
            keys = await unwrapped(self._service, rows, self._wrapper)
            fresh = [replace(key, other=secrets.token_bytes(KEY_BYTES)) for key in keys]
            count += await self._replace(rows, fresh, "stage = 'offered', staged_at = clock_timestamp()")
        return count

    async def finish(self) -> None:
        """Take every key that is being rotated from stage to stage; waits as long as each needs."""
        for stage, step in (("offered", self.use), ("used", self.reseal), ("resealed", self.forget)):
            while (left_s := await self._left_s(stage)) is not None:
                await asyncio.sleep(left_s)
                await step()

    async def use(self) -> int:
        """Have writers use the secrets that every reader knows; return how many."""
        return await self._move("offered", "wrapped_sealing = wrapped_other, wrapped_other = wrapped_sealing, stage = 'used'")

    async def reseal(self) -> int:
        """Seal anew what is sealed under secrets that no writer uses any more; return how many parts were."""
        due = f"select {COLUMNS} from {self._table} where {self._due('used')}"  # noqa: S608 - as above
        keys = {key.key_id: key for key in await unwrapped(self._service, await self._keys.fetch(due), self._wrapper)}
        count, last = 0, (_NIL, _NIL)
        while rows := await self._store.fetch(_SEALED, *last, list(keys), self._batch):
            last = rows[-1][0], rows[-1][1]
            fresh = [(row, resealed(keys[row[1]], Place(row[0], row[3], row[4]), row[2])) for row in rows]
            changed = [(row[0], row[1], row[2], one) for row, one in fresh if one is not None]
            if changed:
                await self._store.execute(_RESEAL, *map(list, zip(*changed, strict=True)))
            count += len(changed)
        moved = f"update {self._table} set stage = 'resealed', staged_at = clock_timestamp() where key_id = any($1) and stage = 'used'"  # noqa: S608 - as above
        await self._keys.execute(moved, list(keys))
        return count

    async def forget(self) -> int:
        """Forget the secrets under which nothing is sealed any more, and nobody holds what was; return how many."""
        await self._store.execute("select pg_advisory_lock($1)", ROTATION_LOCK)
        try:
            return await self._move("resealed", "wrapped_other = null, stage = null")
        finally:
            await self._store.execute("select pg_advisory_unlock($1)", ROTATION_LOCK)

    async def retire(self, kek_ids: Sequence[str]) -> None:
        """Have the keys database refuse what these key-encryption keys wrap from now on: who is refused learns the present one."""
        if self._wrapper.kek_id in kek_ids:
            raise StillPresent(f"key-encryption key {self._wrapper.kek_id} is the present one")
        insert = f"insert into {self._service}.retired_kek (kek_id) select unnest($1::text[]) on conflict do nothing"
        async with self._keys.transaction():
            # Who is storing a key now comes before, and `rewrap` finds it; who comes after is refused.
            await self._keys.execute(f"lock table {self._table} in share row exclusive mode")
            await self._keys.execute(insert, list(kek_ids))

    async def rewrap(self) -> int:
        """Wrap every key by the present key-encryption key; return how many were not. Where all others are retired none is left."""
        count = 0
        query = f"select {COLUMNS} from {self._table} where kek_id <> $1 order by key_id limit $2"  # noqa: S608 - as above
        while rows := await self._keys.fetch(query, self._wrapper.kek_id, self._batch):
            count += await self._replace(rows, await unwrapped(self._service, rows, self._wrapper))
        return count

    async def _replace(self, rows: Sequence[Record], keys: Sequence[Key], also: str | None = None) -> int:
        """Store keys in the place of rows that are still as they were read; return how many were."""
        wrapped = iter(await self._wrapper.wrap([part for key in keys for part in bare(self._service, key)]))
        parts = [(next(wrapped), next(wrapped), next(wrapped) if key.other is not None else None) for key in keys]
        statement = (
            f"update {self._table} k set wrapped_sealing = n.sealing, wrapped_commitment = n.commitment, "  # noqa: S608 - as above
            f"wrapped_other = n.other, kek_id = n.kek_id{'' if also is None else f', {also}'} "
            "from unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[], $7::text[]) "
            "n (key_id, sealing_before, other_before, sealing, commitment, other, kek_id) "
            "where k.key_id = n.key_id and k.wrapped_sealing = n.sealing_before and k.wrapped_other is not distinct from n.other_before"
        )
        done: str = await self._keys.execute(
            statement,
            [row["key_id"] for row in rows],
            [row["wrapped_sealing"] for row in rows],
            [row["wrapped_other"] for row in rows],
            [sealing.content for sealing, _, _ in parts],
            [commitment.content for _, commitment, _ in parts],
            [None if other is None else other.content for _, _, other in parts],
            [sealing.kek_id for sealing, _, _ in parts],
        )
        return _count(done)

    async def _move(self, stage: str, change: str) -> int:
        moment = "null" if stage == "resealed" else "clock_timestamp()"
        statement = f"update {self._table} set {change}, staged_at = {moment} where {self._due(stage)}"  # noqa: S608 - as above
        return _count(await self._keys.execute(statement))

    def _due(self, stage: str) -> str:
        return f"stage = '{stage}' and staged_at <= clock_timestamp() - make_interval(secs => {self._grace_s})"

    async def _left_s(self, stage: str) -> float | None:
        """Return how long it is until all keys of a stage can go on; None where there are none."""
        since = f"select extract(epoch from clock_timestamp() - max(staged_at))::float8 from {self._table} where stage = $1"  # noqa: S608 - as above
        waited: float | None = await self._keys.fetchval(since, stage)
        return None if waited is None else max(0.0, self._grace_s - waited)


def _count(done: str) -> int:
    return int(done.rpartition(" ")[2])
