"""Names in memory: the same promises as on PostgreSQL."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping, Sequence
    from uuid import UUID

    from services._runtime.access.deciding import Principal
    from services.intake.projections.names import Named


class _Writing:
    def __init__(self, names: dict[UUID, Named], position: int) -> None:
        self.names = names
        self.position = position

    async def write(self, position: int, named: Sequence[Named], moved: Mapping[UUID, str], unnamed: Collection[UUID]) -> None:
        """See `Writing.write`."""
        self.names |= {one.beneficiary_id: one for one in named}
        self.names |= {
            person: replace(self.names[person], organisation=organisation) for person, organisation in moved.items() if person in self.names
        }
        for person in unnamed:
            self.names.pop(person, None)
        self.position = position


class MemoryNames:
    """Names of this process."""

    def __init__(self) -> None:
        """Start empty."""
        self._names: dict[UUID, Named] = {}
        self._position = 0
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[_Writing]:
        """See `NameIndex.writing`."""
        async with self._lock:
            writing = _Writing(dict(self._names), self._position)
            yield writing
            self._names, self._position = writing.names, writing.position

    def to(self, _caller: Principal) -> MemoryNames:
        """See `NameAnswers.to`: memory has no second fence."""
        return self

    async def find(self, organisation: str, words: Collection[str], *, limit: int) -> list[Named]:
        """See `NameIndex.find`."""
        found = [
            one
            for one in self._names.values()
            if one.organisation == organisation and words and all(any(own.startswith(word) for own in one.words) for word in words)
        ]
        return sorted(found, key=lambda one: (one.family_name or "", one.given_names or "", one.beneficiary_id))[:limit]

    async def forget(self, beneficiary_id: UUID) -> bool:
        """See `NameIndex.forget`."""
        async with self._lock:
            return self._names.pop(beneficiary_id, None) is not None

    async def position(self) -> int:
        """See `NameIndex.position`."""
        return self._position
