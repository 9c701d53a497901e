"""Destroying what a service holds of somebody: keys, then ciphertexts, then what else it keeps in clear or finds them by."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from services._runtime.store.port import EventStore
    from services._runtime.store.recording import Recorder

Purge = Callable[[UUID], Awaitable[None]]
"""Takes out what a service keeps of somebody beside events, once nothing sealed of theirs can be opened. The same when repeated."""


async def nothing_to_purge(_subject_id: UUID) -> None:
    """Purge nothing: a service that keeps nothing of a person but events."""


@dataclass(frozen=True, slots=True)
class Destruction:
    """How one service destroys. `key_backups` is how long a backup may still hold a key that was destroyed."""

    store: EventStore
    recorder: Recorder
    purge: Purge = nothing_to_purge
    key_backups: timedelta = timedelta(days=35)

    async def destroy(self, subject_id: UUID) -> None:
        """Leave nothing readable of somebody. Cut off anywhere it is repeated, with the same result."""
        # The keys first: from then on nothing is readable, and no more can be sealed that the deletion would miss.
        await self.store.erase(await self.recorder.destroy(str(subject_id)))
        await self.purge(subject_id)
