"""Likenesses in memory: the same promises as on PostgreSQL."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from services.intake.projections.likenesses import Kept, Like, Part

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from uuid import UUID

    from services.intake.projections.likenesses import Told


class _Writing:
    def __init__(self, parts: dict[Part, Kept], apart: set[tuple[UUID, UUID]], position: int) -> None:
        self.parts = parts
        self.apart = apart
        self.position = position

    async def write(self, position: int, told: Told) -> None:
        """See `Writing.write`."""
        for part, kept in told.kept.items():
            self.parts.pop(part, None)
            if kept.keys:
                self.parts[part] = kept
        for part, kept in self.parts.items():
            self.parts[part] = replace(kept, organisation=told.moved.get(part.beneficiary_id, kept.organisation))
        self.apart |= set(told.apart)
        self.position = position


class MemoryLikenesses:
    """Likenesses of this process."""

    def __init__(self) -> None:
        """Start empty."""
        self._parts: dict[Part, Kept] = {}
        self._apart: set[tuple[UUID, UUID]] = set()
        self._position = 0
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[_Writing]:
        """See `LikenessIndex.writing`."""
        async with self._lock:
            writing = _Writing(dict(self._parts), set(self._apart), self._position)
            yield writing
            self._parts, self._apart, self._position = writing.parts, writing.apart, writing.position

    async def find(self, keys: Mapping[bytes, int], *, apart_from: UUID | None, limit: int) -> list[Like]:
        """See `LikenessIndex.find`."""
        said: dict[UUID, int] = {}
        for part, kept in self._parts.items():
            person = part.beneficiary_id
            if person != apart_from and (apart_from, person) not in self._apart and (shared := kept.keys & keys.keys()):
                said[person] = said.get(person, 0) + sum(keys[key] for key in shared)
        most = sorted(said, key=lambda person: (-said[person], person))[:limit]
        return [self._like(person) for person in most]

    def _like(self, person: UUID) -> Like:
        identity, code = self._parts.get(Part(person, identity=True)), self._parts.get(Part(person, identity=False))
        organisation = next(kept.organisation for kept in (identity, code) if kept is not None)
        said, coded = (None if kept is None else kept.event_id for kept in (identity, code))
        return Like(person, organisation, said, coded)

    async def forget(self, beneficiary_id: UUID) -> bool:
        """See `LikenessIndex.forget`."""
        async with self._lock:
            gone = [self._parts.pop(Part(beneficiary_id, identity), None) for identity in (True, False)]
            return any(one is not None for one in gone)
