"""A process manager for tests: what it did, how often, and ways in which a reaction can go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contracts.errors import Refusal
from contracts.intake import BeneficiaryReadmitted
from services._runtime.clock import SystemClock
from services._runtime.handling import Commands
from services._runtime.messaging.delivering import Delivery
from services._runtime.observing.observer import Observer
from services._runtime.reactions import Delivered, ProcessManager
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.port import Append, InboxEntry, StreamAppend
from services._runtime.store.recording import Recorder
from tests.support.recorded import new_events

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from uuid import UUID

    from services._runtime.messaging.parking import Parking
    from services._runtime.store.port import EventStore

    Trouble = Callable[[Delivered], Awaitable[None]]

NAME = "pathways.process-managers"


class NotAllowed(Refusal):
    """The facts do not allow it."""

    code = "not-allowed"


class Bug(Exception):
    """Something nobody thought of."""


class Reacting:
    """Opens a stream `effect-<event>` for each event, in one append with the inbox entry. `trouble` comes before that."""

    def __init__(self, store: EventStore, parking: Parking, observer: Observer | None = None) -> None:
        """React into `store`."""
        self._observer = observer or Observer()
        self.store = store
        self.parking = parking
        self.tried: list[UUID] = []
        self.trouble: Trouble | None = None
        self.commands = Commands(store, Recorder(MemoryKeyring()), observer=self._observer)
        self.manager = ProcessManager(NAME, ("intake",), {BeneficiaryReadmitted: self._react})

    def delivery(self, sources: Mapping[str, str], *, patience_s: float = 30.0) -> Delivery:
        """Return a delivery to this process manager."""
        clock = SystemClock()
        return Delivery(self.manager, self.commands, self.parking, clock, sources, patience_s=patience_s, observer=self._observer)

    async def effects(self, event_id: UUID) -> int:
        """Return how many events the reactions to an event stored."""
        return len(await self.store.load(f"effect-{event_id}"))

    async def order(self, *event_ids: UUID) -> list[UUID]:
        """Return those of the events that have an effect, in the order in which the effects were stored."""
        stored = {event_id: await self.store.load(f"effect-{event_id}") for event_id in event_ids}
        return sorted((one for one in event_ids if stored[one]), key=lambda one: stored[one][0].position)

    async def _react(self, arrived: Delivered, commands: Commands, entry: InboxEntry) -> None:
        cause = arrived.envelope.event_id
        self.tried.append(cause)
        if self.trouble is not None:
            await self.trouble(arrived)
        stream = f"effect-{cause}"
        stored = await commands.store.load(stream)
        events = new_events(stream, after=stored[-1].recorded if stored else None)
        await commands.store.append(Append((StreamAppend(stream, len(stored), events),), inbox=entry))
