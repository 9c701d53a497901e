"""The record of reads in tests: kept in memory, and looked into afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from contracts.topics import access_of
from contracts.upcasters import decode
from services._runtime.clock import SystemClock
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.memory import MemoryEventStore, MemorySequencer
from services._runtime.store.reads import Reads
from services._runtime.store.recording import Recorder

if TYPE_CHECKING:
    from contracts.access import AnyAccessRecorded
    from contracts.envelope import Envelope


class ReadsInMemory(Reads):
    """A service's record of reads, in memory."""

    def __init__(self, service: str) -> None:
        """Begin with an empty one."""
        self.kept = MemoryEventStore(access_of(service))
        super().__init__(self.kept, service, Recorder(MemoryKeyring()), SystemClock())

    async def recorded(self) -> list[tuple[Envelope, AnyAccessRecorded]]:
        """Return what was recorded so far, in order."""
        while await MemorySequencer(self.kept).sequence():
            pass
        found = [event.recorded for event in await self.kept.feed(after=0, limit=10_000)]
        told = [(one.envelope, decode(one.envelope.type, one.envelope.schema_version, one.data)) for one in found]
        return cast("list[tuple[Envelope, AnyAccessRecorded]]", told)
