"""Names in memory: the same promises as on PostgreSQL."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from services.intake.projections.names import Named, Spelt

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection
    from uuid import UUID

    from services._runtime.access.deciding import Principal
    from services.intake.projections.names import Name, Told


class _Writing:
    def __init__(self, names: dict[Name, Spelt], whose: dict[UUID, str], position: int) -> None:
        self.names = names
        self.whose = whose
        self.position = position

    async def write(self, position: int, told: Told) -> None:
        """See `Writing.write`."""
        self.names = {name: spelt for name, spelt in {**self.names, **told.names}.items() if spelt.words}
        there, whose = {name.beneficiary_id for name in self.names}, {**self.whose, **told.whose}
        self.whose = {person: organisation for person, organisation in whose.items() if person in there}
        self.position = position


class MemoryNames:
    """Names of this process."""

    def __init__(self) -> None:
        """Start empty."""
        self._names: dict[Name, Spelt] = {}
        self._whose: dict[UUID, str] = {}
        self._position = 0
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[_Writing]:
        """See `NameIndex.writing`."""
        async with self._lock:
            writing = _Writing(dict(self._names), dict(self._whose), self._position)
            yield writing
            self._names, self._whose, self._position = writing.names, writing.whose, writing.position

    def to(self, _caller: Principal) -> MemoryNames:
        """See `NameAnswers.to`: memory has no second fence."""
        return self

    async def find(self, organisation: str, words: Collection[str], *, limit: int) -> list[Named]:
        """See `NameIndex.find`."""
        own = [self._named(person, whose) for person, whose in self._whose.items() if whose == organisation]
        found = [one for one in own if words and all(any(each.has(word) for each in (one.name, *one.others)) for word in words)]
        return sorted(found, key=lambda one: (one.name.family_name or "", one.name.given_names or "", one.beneficiary_id))[:limit]

    def _named(self, person: UUID, organisation: str) -> Named:
        names = {name.name_id: spelt for name, spelt in self._names.items() if name.beneficiary_id == person}
        document = names.pop(person, Spelt())
        return Named(person, organisation, document, tuple(spelt for _, spelt in sorted(names.items())))

    async def forget(self, beneficiary_id: UUID) -> bool:
        """See `NameIndex.forget`."""
        async with self._lock:
            self._names = {name: spelt for name, spelt in self._names.items() if name.beneficiary_id != beneficiary_id}
            return self._whose.pop(beneficiary_id, None) is not None

    async def position(self) -> int:
        """See `NameIndex.position`."""
        return self._position
