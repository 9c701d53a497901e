"""The keyring on PostgreSQL: wrapped keys in the keys database, in the schema of one service."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING

import asyncpg

from contracts.personal import DataClass
from contracts.topics import SERVICES
from services._runtime.store.connecting import retryable
from services._runtime.store.keyring import Key, SubjectErased, new_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from uuid import UUID

    from asyncpg import Pool, Record

    from services._runtime.store.key_encryption import KeyEncryptionKey

    Owner = tuple[str, DataClass]

_ERASED = "AN005"

_COLUMNS = "key_id, subject, data_class, wrapped_sealing, wrapped_commitment, kek_id"


class PostgresKeyring:
    """One service's keys. Any number of keys is one query; unwrapped ones are kept in memory, at most `remembered` of them.

    No key that is in memory is used without having asked, within the last `trusted_s` seconds, whose were destroyed meanwhile.
    """

    def __init__(self, pool: Pool, service: str, kek: KeyEncryptionKey, *, remembered: int = 4096, trusted_s: float = 1.0) -> None:
        """Use `pool` on the keys database as the service's application role, and `kek` to wrap."""
        if service not in SERVICES:
            msg = f"{service!r} is not a service of Ancora"
            raise ValueError(msg)
        self._pool = pool
        self._service = service
        self._kek = kek
        self._remembered = remembered
        self._known: OrderedDict[Owner, Key] = OrderedDict()
        self._known_ids: dict[UUID, Key] = {}
        self._trusted_s = trusted_s
        self._asked_at = float("-inf")
        self._erasures = 0
        self._erased: set[str] = set()
        self._find_erased = f"select number, subject from {service}.erased where number > $1 order by number"  # noqa: S608 - as below
        self._destroy = f"select unnest({service}.destroy($1))"
        table = f"{service}.key"
        self._find = (
            f"select {_COLUMNS} from {table} "  # noqa: S608 - a service's name, checked above
            "where (subject, data_class) in (select * from unnest($1::text[], $2::text[]))"
        )
        self._find_ids = f"select {_COLUMNS} from {table} where key_id = any($1::uuid[])"  # noqa: S608 - as above
        self._insert = (
            f"insert into {table} ({_COLUMNS}) "  # noqa: S608 - as above
            "select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::text[]) "
            "on conflict do nothing returning key_id"
        )

    async def keys(self, wanted: Collection[tuple[str, DataClass]]) -> dict[tuple[str, DataClass], Key]:
        """Return the key of each (person, data class), made where missing. Raises `KeyUnreadable`, `SubjectErased`."""
        await self._forget_the_erased()
        if any(subject in self._erased for subject, _ in wanted):
            raise SubjectErased
        found = {owner: key for owner in wanted if (key := self._known.get(owner)) is not None}
        found |= await self._stored(set(wanted) - found.keys())
        if missing := set(wanted) - found.keys():
            found |= await self._created(missing)
            # Whoever inserted first made the key: of the others, what is there is read, not what was offered.
            found |= await self._stored(missing - found.keys())
        self._remember(found.values())
        return found

    async def by_id(self, key_ids: Collection[UUID]) -> dict[UUID, Key]:
        """Return the keys that exist under these ids. Raises `KeyUnreadable`."""
        await self._forget_the_erased()
        found = {key_id: key for key_id in key_ids if (key := self._known_ids.get(key_id)) is not None}
        if unknown := set(key_ids) - found.keys():
            rows = await self._fetch(self._find_ids, list(unknown))
            found |= {key.key_id: key for key in map(self._unwrap, rows)}
        self._remember(found.values())
        return {key_id: key for key_id, key in found.items() if key.subject not in self._erased}

    async def destroy(self, subject: str) -> frozenset[UUID]:
        """Destroy all keys of somebody, for ever: the database makes no other, and this process forgets those that it has."""
        key_ids = frozenset(row[0] for row in await self._fetch(self._destroy, subject))
        self._forget(subject)
        return key_ids

    async def _forget_the_erased(self) -> None:
        """Forget what other processes destroyed, unless that was asked a moment ago."""
        now = time.monotonic()
        if now - self._asked_at < self._trusted_s:
            return
        for number, subject in await self._fetch(self._find_erased, self._erasures):
            self._forget(subject)
            self._erasures = max(self._erasures, number)
        # Only now: whoever asks at the same time waits for an answer of their own.
        self._asked_at = now

    def _forget(self, subject: str) -> None:
        # Kept by name too: a key that was fetched before its destruction may be remembered only after it.
        self._erased.add(subject)
        for owner in [owner for owner in self._known if owner[0] == subject]:
            del self._known_ids[self._known.pop(owner).key_id]

    async def _fetch(self, query: str, *arguments: object) -> list[Record]:
        with retryable():
            return await self._pool.fetch(query, *arguments)

    async def _stored(self, owners: Collection[Owner]) -> dict[Owner, Key]:
        if not owners:
            return {}
        subjects, classes = zip(*owners, strict=True)
        rows = await self._fetch(self._find, list(subjects), list(classes))
        return {(key.subject, key.data_class): key for key in map(self._unwrap, rows)}

    async def _created(self, owners: Collection[Owner]) -> dict[Owner, Key]:
        """Offer a new key for each owner; return those that were taken."""
        # In one order everywhere, so that two callers with the same persons never wait for each other crosswise.
        offered = [new_key(*owner) for owner in sorted(owners)]
        try:
            rows = await self._fetch(
                self._insert,
                [key.key_id for key in offered],
                [key.subject for key in offered],
                [key.data_class for key in offered],
                [self._kek.wrap(key.sealing, self._belongs(key.key_id, key.subject, key.data_class, "sealing")) for key in offered],
                [self._kek.wrap(key.commitment, self._belongs(key.key_id, key.subject, key.data_class, "commitment")) for key in offered],
                [self._kek.kek_id] * len(offered),
            )
        except asyncpg.PostgresError as error:
            if error.sqlstate == _ERASED:
                raise SubjectErased from None
            raise
        taken = {row[0] for row in rows}
        return {(key.subject, key.data_class): key for key in offered if key.key_id in taken}

    def _unwrap(self, row: Record) -> Key:
        key_id, subject, data_class, sealing, commitment, kek_id = row
        return Key(
            key_id,
            subject,
            DataClass(data_class),
            self._kek.unwrap(sealing, self._belongs(key_id, subject, data_class, "sealing"), kek_id),
            self._kek.unwrap(commitment, self._belongs(key_id, subject, data_class, "commitment"), kek_id),
        )

    def _belongs(self, key_id: UUID, subject: str, data_class: str, use: str) -> str:
        """Return what a wrapped key is bound to, so that it opens in no other row, schema or column."""
        return f"{self._service}\x1f{key_id}\x1f{subject}\x1f{data_class}\x1f{use}"

    def _remember(self, keys: Iterable[Key]) -> None:
        for key in keys:
            if key.subject in self._erased:
                continue
            self._known[key.subject, key.data_class] = key
            self._known.move_to_end((key.subject, key.data_class))
            self._known_ids[key.key_id] = key
        while len(self._known) > self._remembered:
            _, oldest = self._known.popitem(last=False)
            del self._known_ids[oldest.key_id]
