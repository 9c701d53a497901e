"""The keys of persons: one per person and data class, behind a port, with a twin in memory."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from contracts.errors import Refusal
from contracts.personal import EVERY
from services._runtime.errors import RuntimeFault
from services._runtime.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from contracts.personal import DataClass

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Key:
    """What seals one data class of one person. `key_id` stays when `sealing` is rotated; `commitment` never changes."""

    key_id: UUID
    subject: str
    data_class: DataClass
    sealing: bytes = field(repr=False)
    commitment: bytes = field(repr=False)
    other: bytes | None = field(default=None, repr=False)
    """While the key is being rotated: the sealing secret that it will have, or had: it opens what is sealed under it, and seals nothing."""


class KeyUnreadable(RuntimeFault):
    """A stored key cannot be opened: it was wrapped by another key-encryption key, or its bytes were changed."""


class SubjectErased(Refusal):
    """The personal data of whoever this is about were erased: nothing personal of theirs is recorded any more."""

    code = "personal-data-erased"

    def __init__(self) -> None:
        """Say so, in words that are the same wherever it is met."""
        super().__init__("the personal data were erased: nothing more is recorded of this person")


class Keyring(Protocol):
    """One service's keys. Whoever destroys a key makes what it sealed unreadable for ever."""

    async def keys(self, wanted: Collection[tuple[str, DataClass]]) -> dict[tuple[str, DataClass], Key]:
        """Return the key of each (person, data class), made where missing; two callers at once get the same key.

        Raises `SubjectErased` where one of them is somebody whose keys were destroyed: they never get another.
        """
        ...

    async def by_id(self, key_ids: Collection[UUID], classes: Collection[DataClass] = EVERY) -> dict[UUID, Key]:
        """Return the keys of these classes that exist under these ids; one of another class is not touched.

        Destroyed ones are absent, at the latest a second after, in every process.
        """
        ...

    async def destroy(self, subject: str) -> frozenset[UUID]:
        """Destroy all keys of somebody, for ever, and return the ids of all that they ever had. The same when repeated."""
        ...

    def blinded(self, kind: str, value: str) -> bytes:
        """Return the HMAC, 32 bytes, by which a value is found to be the same again, and not what it is.

        Its key is the service's own, lies outside its databases and outlives every rotation.
        """
        ...


def blinded(key: bytes, kind: str, value: str) -> bytes:
    """Return the HMAC of a value, apart from those of all other kinds."""
    return hmac.digest(key, f"{kind}\x1f{value}".encode(), "sha256")


def new_key(subject: str, data_class: DataClass) -> Key:
    """Return fresh random keys for a person's data class."""
    return Key(new_id(), subject, data_class, secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_BYTES))


class MemoryKeyring:
    """Keys of this process."""

    def __init__(self) -> None:
        """Start without keys."""
        self._keys: dict[tuple[str, DataClass], Key] = {}
        self._destroyed: dict[str, frozenset[UUID]] = {}
        self._blinding = secrets.token_bytes(KEY_BYTES)

    def blinded(self, kind: str, value: str) -> bytes:
        """Return the HMAC of a value of a kind, by a key of this process."""
        return blinded(self._blinding, kind, value)

    async def keys(self, wanted: Collection[tuple[str, DataClass]]) -> dict[tuple[str, DataClass], Key]:
        """Return the key of each (person, data class), made where missing. Raises `SubjectErased`."""
        if any(subject in self._destroyed for subject, _ in wanted):
            raise SubjectErased
        for subject, data_class in wanted:
            if (subject, data_class) not in self._keys:
                self._keys[subject, data_class] = new_key(subject, data_class)
        return {name: self._keys[name] for name in wanted}

    async def by_id(self, key_ids: Collection[UUID], classes: Collection[DataClass] = EVERY) -> dict[UUID, Key]:
        """Return the keys of these classes that exist under these ids."""
        return {key.key_id: key for key in self._keys.values() if key.key_id in key_ids and key.data_class in classes}

    async def destroy(self, subject: str) -> frozenset[UUID]:
        """Destroy all keys of somebody, for ever."""
        owned = [owner for owner in self._keys if owner[0] == subject]
        self._destroyed.setdefault(subject, frozenset(self._keys[owner].key_id for owner in owned))
        for owner in owned:
            del self._keys[owner]
        return self._destroyed[subject]
