"""The keyring on PostgreSQL: wrapped keys in the keys database, in the schema of one service."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

import asyncpg

from contracts.personal import EVERY, DataClass
from contracts.topics import SERVICES
from services._runtime.store.connecting import retryable
from services._runtime.store.key_encryption import derived
from services._runtime.store.key_wrapping import Bare, Wrapped
from services._runtime.store.keyring import Key, KeyUnreadable, SubjectErased, blinded, new_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from uuid import UUID

    from asyncpg import Pool, Record

    from services._runtime.store.key_wrapping import KeyWrapper

    Owner = tuple[str, DataClass]

REMEMBERED_S = 60.0
"""Seconds for which a process may go by a key without asking for it again: what is rotated is known everywhere after that."""

TRUSTED_S = 1.0
"""Seconds after which a process asks whose keys were destroyed meanwhile, before it goes by one that it remembers."""

COLUMNS = "key_id, subject, data_class, wrapped_sealing, wrapped_commitment, kek_id, wrapped_other"
_RETIRED, _ERASED = "AN040", "AN006"


class _Remembered(NamedTuple):
    key: Key
    until: float


class PostgresKeyring:
    """One service's keys. Any number of keys is one query; unwrapped ones are kept in memory for a while, at most `remembered` of them.

    None of them is used without having asked, within the last `TRUSTED_S` seconds, whose were destroyed.
    """

    def __init__(
        self, pool: Pool, service: str, wrapper: KeyWrapper, *, remembered: int = 4096, remembered_s: float = REMEMBERED_S
    ) -> None:
        """Use `pool` on the keys database as the service's application role, and `wrapper` to wrap."""
        table = key_table(service)
        self._pool = pool
        self._service = service
        self._wrapper = wrapper
        self._blinding = derived(wrapper.blinding, f"ancora unique values of {service}".encode())
        self._remembered = remembered
        self._remembered_s = remembered_s
        self._known: OrderedDict[Owner, _Remembered] = OrderedDict()
        self._known_ids: dict[UUID, Owner] = {}
        self._asked_at = float("-inf")
        self._erasures = 0
        self._erased: set[str] = set()
        self._find_erased = f"select number, subject from {service}.erased where number > $1 order by number"  # noqa: S608 - as below
        self._destroy = f"select unnest({service}.destroy($1))"
        self._find = (
            f"select {COLUMNS} from {table} "  # noqa: S608 - a service's name, checked above
            "where (subject, data_class) in (select * from unnest($1::text[], $2::text[]))"
        )
        self._find_ids = f"select {COLUMNS} from {table} where key_id = any($1::uuid[]) and data_class = any($2::text[])"  # noqa: S608 - as above
        self._insert = (
            f"insert into {table} (key_id, subject, data_class, wrapped_sealing, wrapped_commitment, kek_id) "  # noqa: S608 - as above
            "select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::bytea[], $6::text[]) "
            "on conflict do nothing returning key_id"
        )

    async def keys(self, wanted: Collection[tuple[str, DataClass]]) -> dict[tuple[str, DataClass], Key]:
        """Return the key of each (person, data class), made where missing. Raises `KeyUnreadable`, `SubjectErased`."""
        await self._forget_the_erased()
        if any(subject in self._erased for subject, _ in wanted):
            raise SubjectErased
        asked = time.monotonic()
        found = {owner: key for owner in wanted if (key := self._recalled(owner)) is not None}
        read = await self._stored(set(wanted) - found.keys())
        if missing := set(wanted) - found.keys() - read.keys():
            read |= await self._created(missing)
            # Whoever inserted first made the key: of the others, what is there is read, not what was offered.
            read |= await self._stored(missing - read.keys())
        self._remember(read.values(), asked)
        return found | read

    async def by_id(self, key_ids: Collection[UUID], classes: Collection[DataClass] = EVERY) -> dict[UUID, Key]:
        """Return the keys of these classes that exist under these ids. Raises `KeyUnreadable`."""
        await self._forget_the_erased()
        asked = time.monotonic()
        owners = {key_id: owner for key_id in key_ids if (owner := self._known_ids.get(key_id)) is not None}
        others = {key_id for key_id, (_, data_class) in owners.items() if data_class not in classes}
        recalled = {key_id: self._recalled(owner) for key_id, owner in owners.items() if key_id not in others}
        found = {key_id: key for key_id, key in recalled.items() if key is not None}
        if unknown := set(key_ids) - found.keys() - others:
            read = await self._unwrapped(await self._fetch(self._find_ids, list(unknown), list(classes)))
            self._remember(read, asked)
            found |= {key.key_id: key for key in read}
        return {key_id: key for key_id, key in found.items() if key.subject not in self._erased}

    async def destroy(self, subject: str) -> frozenset[UUID]:
        """Destroy all keys of somebody, for ever: the database makes no other, and this process forgets those that it has."""
        key_ids = frozenset(row[0] for row in await self._fetch(self._destroy, subject))
        self._forget(subject)
        return key_ids

    async def _forget_the_erased(self) -> None:
        """Forget what other processes destroyed, unless that was asked a moment ago."""
        now = time.monotonic()
        if now - self._asked_at < TRUSTED_S:
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
            self._known_ids.pop(self._known.pop(owner).key.key_id, None)

    def blinded(self, kind: str, value: str) -> bytes:
        """Return the HMAC of a value of a kind, by a key that lies outside the databases."""
        return blinded(self._blinding, kind, value)

    async def _fetch(self, query: str, *arguments: object) -> list[Record]:
        with retryable():
            return await self._pool.fetch(query, *arguments)

    async def _stored(self, owners: Collection[Owner]) -> dict[Owner, Key]:
        if not owners:
            return {}
        subjects, classes = zip(*owners, strict=True)
        read = await self._unwrapped(await self._fetch(self._find, list(subjects), list(classes)))
        return {(key.subject, key.data_class): key for key in read}

    async def _created(self, owners: Collection[Owner]) -> dict[Owner, Key]:
        """Offer a new key for each owner; return those that were taken. Raises `SubjectErased`."""
        # In one order everywhere, so that two callers with the same persons never wait for each other crosswise.
        offered = [new_key(*owner) for owner in sorted(owners)]
        try:
            rows = await self._offer(offered)
        except asyncpg.PostgresError as error:
            if error.sqlstate != _RETIRED:
                raise
            # The key-encryption key that is known here was retired meanwhile: there is another one.
            await self._wrapper.renew()
            try:
                rows = await self._offer(offered)
            except asyncpg.PostgresError as again:
                if again.sqlstate != _RETIRED:
                    raise
                raise KeyUnreadable(f"key-encryption key {self._wrapper.kek_id} was retired: give this process the present one") from None
        taken = {row[0] for row in rows}
        return {(key.subject, key.data_class): key for key in offered if key.key_id in taken}

    async def _offer(self, offered: Sequence[Key]) -> list[Record]:
        # All at once, so that one key-encryption key wraps the whole row.
        wrapped = await self._wrapper.wrap([part for key in offered for part in bare(self._service, key)])
        sealing, commitment = wrapped[::2], wrapped[1::2]
        try:
            return await self._fetch(
                self._insert,
                [key.key_id for key in offered],
                [key.subject for key in offered],
                [key.data_class for key in offered],
                [one.content for one in sealing],
                [one.content for one in commitment],
                [one.kek_id for one in sealing],
            )
        except asyncpg.PostgresError as error:
            if error.sqlstate == _ERASED:
                raise SubjectErased from None
            raise

    async def _unwrapped(self, rows: Sequence[Record]) -> list[Key]:
        return await unwrapped(self._service, rows, self._wrapper)

    def _recalled(self, owner: Owner) -> Key | None:
        remembered = self._known.get(owner)
        return None if remembered is None or remembered.until < time.monotonic() else remembered.key

    def _remember(self, keys: Iterable[Key], asked: float) -> None:
        until = asked + self._remembered_s
        for key in keys:
            if key.subject in self._erased:
                continue
            owner = key.subject, key.data_class
            self._known[owner] = _Remembered(key, until)
            self._known.move_to_end(owner)
            self._known_ids[key.key_id] = owner
        while len(self._known) > self._remembered:
            _, oldest = self._known.popitem(last=False)
            self._known_ids.pop(oldest.key.key_id, None)


def key_table(service: str) -> str:
    """Return the table of a service's keys; raises `ValueError` for what is no service."""
    if service not in SERVICES:
        msg = f"{service!r} is not a service of Ancora"
        raise ValueError(msg)
    return f"{service}.key"


def belongs(service: str, key: Key, use: str) -> str:
    """Return what a wrapped key is bound to, so that it opens in no other row, schema or column."""
    return f"{service}\x1f{key.key_id}\x1f{key.subject}\x1f{key.data_class}\x1f{use}"


def bare(service: str, key: Key) -> list[Bare]:
    """Return a key's secrets as they are wrapped: sealing, commitment and, while it is being rotated, the other sealing secret."""
    other = [] if key.other is None else [Bare(key.other, belongs(service, key, "sealing"))]
    return [Bare(key.sealing, belongs(service, key, "sealing")), Bare(key.commitment, belongs(service, key, "commitment")), *other]


async def unwrapped(service: str, rows: Sequence[Record], wrapper: KeyWrapper) -> list[Key]:
    """Return the keys in rows of `COLUMNS`, opened all at once. Raises `KeyUnreadable`."""
    shut = [Key(row[0], row[1], DataClass(row[2]), b"", b"") for row in rows]
    parts = [
        Wrapped(content, belongs(service, key, use), row[5])
        for key, row in zip(shut, rows, strict=True)
        for use, content in (("sealing", row[3]), ("commitment", row[4]), ("sealing", row[6]))
        if content is not None
    ]
    opened = iter(await wrapper.unwrap(parts))
    return [
        Key(key.key_id, key.subject, key.data_class, next(opened), next(opened), next(opened) if row[6] is not None else None)
        for key, row in zip(shut, rows, strict=True)
    ]
