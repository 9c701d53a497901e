"""Names in memory: the same promises as on PostgreSQL."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from services.intake.projections.names import Named

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from uuid import UUID

    from services._runtime.access.deciding import Principal
    from services.intake.projections.names import Name, Told


class _Writing:
    def __init__(self, names: dict[UUID, Named], words: dict[Name, frozenset[str]], position: int) -> None:
        self.names = names
        self.words = words
        self.position = position

    async def write(self, position: int, told: Told) -> None:
        """See `Writing.write`."""
        self.words = {name: words for name, words in {**self.words, **told.words}.items() if words}
        for person in {name.beneficiary_id for name in told.words} - self.names.keys():
            self.names[person] = Named(person, told.whose[person], None, None)
        self.names |= told.named
        there = {name.beneficiary_id for name in self.words}
        self.names = {
            person: replace(one, organisation=told.whose.get(person, one.organisation))
            for person, one in self.names.items()
            if person in there
        }
        self.position = position


class MemoryNames:
    """Names of this process."""

    def __init__(self) -> None:
        """Start empty."""
        self._names: dict[UUID, Named] = {}
        self._words: dict[Name, frozenset[str]] = {}
        self._position = 0
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[_Writing]:
        """See `NameIndex.writing`."""
        async with self._lock:
            writing = _Writing(dict(self._names), dict(self._words), self._position)
            yield writing
            self._names, self._words, self._position = writing.names, writing.words, writing.position

    def to(self, _caller: Principal) -> MemoryNames:
        """See `NameAnswers.to`: memory has no second fence."""
        return self

    async def find(self, organisation: str, words: Collection[str], *, limit: int) -> list[Named]:
        """See `NameIndex.find`."""
        own: dict[UUID, set[str]] = {}
        for name, spelt in self._words.items():
            own.setdefault(name.beneficiary_id, set()).update(spelt)
        found = [
            one
            for one in self._names.values()
            if one.organisation == organisation
            and words
            and all(any(each.startswith(word) for each in own[one.beneficiary_id]) for word in words)
        ]
        return sorted(found, key=lambda one: (one.family_name or "", one.given_names or "", one.beneficiary_id))[:limit]

    async def forget(self, beneficiary_id: UUID) -> bool:
        """See `NameIndex.forget`."""
        async with self._lock:
            self._words = {name: words for name, words in self._words.items() if name.beneficiary_id != beneficiary_id}
            return self._names.pop(beneficiary_id, None) is not None

    async def position(self) -> int:
        """See `NameIndex.position`."""
        return self._position
