"""Which events of which tutors an extract of the register holds: those of an organisation up to one position of the service's feed.

The position is that of the lists: dense over all generations of the feed. What was recorded later changes no earlier cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from services._runtime.projecting.feed_source import FeedSource

if TYPE_CHECKING:
    from datetime import datetime

    from contracts.envelope import FeedEvent
    from services._runtime.access.deciding import Principal
    from services._runtime.store.fence import Fence
    from services._runtime.store.port import EventStore

_AT = "select generation, feed_position, chain, recorded_at from read_model.fed_at($1)"
_HEADS = "select tutor_id, version from read_model.register_heads($1) order by entry"
_TUTOR = "tutor-"
_BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A position: where the feed was, its chain there, and when the event there was recorded.

    `heads` are an organisation's tutors in the order of their entry, each with the version that their stream had.
    """

    generation: int
    feed_position: int
    chain: bytes
    recorded_at: datetime
    heads: tuple[tuple[UUID, int], ...]


class RegisterCuts(Protocol):
    """Where extracts are cut."""

    async def cut(self, caller: Principal, position: int) -> Cut | None:
        """Return the cut of the caller's organisation at a position of the feed; None where nothing was fed there."""
        ...


class FencedCuts:
    """`RegisterCuts` behind the second fence: the database tells a caller of their own organisation's tutors alone."""

    def __init__(self, fence: Fence) -> None:
        """Cut through `fence`."""
        self._fence = fence

    async def cut(self, caller: Principal, position: int) -> Cut | None:
        """See `RegisterCuts.cut`."""
        async with self._fence.answering(caller) as connection:
            at = await connection.fetchrow(_AT, position)
            heads = await connection.fetch(_HEADS, position)
        return None if at is None else Cut(**at, heads=tuple((row["tutor_id"], row["version"]) for row in heads))


class MemoryCuts:
    """`RegisterCuts` of a store in memory."""

    def __init__(self, store: EventStore) -> None:
        """Cut the feed of `store`."""
        self._source = FeedSource(store)

    async def cut(self, caller: Principal, position: int) -> Cut | None:
        """See `RegisterCuts.cut`."""
        fed, heads = None, dict[UUID, int]()
        for fed in await self._up_to(position):
            envelope = fed.recorded.envelope
            theirs = envelope.responsible_organisation == caller.organisation and envelope.stream_id.startswith(_TUTOR)
            if theirs:
                heads[UUID(envelope.stream_id.removeprefix(_TUTOR))] = envelope.stream_version
        if fed is None:
            return None
        return Cut(
            generation=fed.generation,
            feed_position=fed.feed_position,
            chain=fed.chain,
            recorded_at=fed.recorded.envelope.recorded_at,
            heads=tuple(heads.items()),
        )

    async def _up_to(self, position: int) -> list[FeedEvent]:
        """Return the feed up to a position; nothing where it has not come so far."""
        found: list[FeedEvent] = []
        while len(found) < position and (batch := await self._source.read(len(found), _BATCH)):
            found += [fed for _, fed in batch]
        return found[:position] if len(found) >= position else []
