"""Where a runner reads events from: dense positions and a bigint cursor, whether a service's own feed or the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from contracts.upcasters import decode
from services._runtime.projecting.model import Fact

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from contracts.envelope import FeedEvent


class Source(Protocol):
    """Events in one order that never changes: what was read once at a position is there for ever."""

    async def read(self, after: int, limit: int) -> Sequence[tuple[int, FeedEvent]]:
        """Return at most `limit` events above position `after`, with their positions, in order."""
        ...

    async def head(self) -> int:
        """Return the last position, 0 where there is none."""
        ...

    def wakes(self) -> AsyncIterator[None]:
        """Yield at once, then when there may be more to read, and at least once a second all the same."""
        ...


def fact_of(event: FeedEvent) -> Fact:
    """Return the typed fact of a stored event, its personal fields None; raises where no contract reads it."""
    envelope = event.recorded.envelope
    return Fact(decode(envelope.type, envelope.schema_version, event.recorded.data), envelope, event.recorded.digest)
