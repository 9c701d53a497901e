"""Likenesses in memory: the same promises as on PostgreSQL."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from services.intake.projections.likenesses import Like

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from uuid import UUID

    from services.intake.projections.likenesses import Kept, Part, Told


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
        shared: dict[UUID, set[bytes]] = {}
        for part, kept in self._parts.items():
            person = part.beneficiary_id
            if person != apart_from and (apart_from, person) not in self._apart and (common := kept.keys & keys.keys()):
                shared.setdefault(person, set()).update(common)
        said = {person: sum(keys[key] for key in common) for person, common in shared.items()}
        most = sorted(said, key=lambda person: (-said[person], person))[:limit]
        return [self._like(person) for person in most]

    def _like(self, person: UUID) -> Like:
        parts = {part.part: kept for part, kept in self._parts.items() if part.beneficiary_id == person}
        organisation = next(kept.organisation for kept in parts.values())
        return Like(person, organisation, {part: kept.event_id for part, kept in parts.items()})

    async def forget(self, beneficiary_id: UUID) -> bool:
        """See `LikenessIndex.forget`."""
        async with self._lock:
            gone = [part for part in self._parts if part.beneficiary_id == beneficiary_id]
            for part in gone:
                del self._parts[part]
            return bool(gone)
