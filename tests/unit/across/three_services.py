"""Intake, pathways and tutors in memory, and between them a carrier that delays, interleaves and repeats as Kafka may.

Deciders, process managers, stores and inboxes are the services' own. A topic keeps the order of one person's events and no other:
each consumer reads each person from each topic as far as it has come, and perhaps again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from contracts.errors import Refusal
from contracts.event import event_class
from services._runtime.clock import SimulatedClock, day_of
from services._runtime.decider import Context
from services._runtime.errors import NotYet
from services._runtime.handling import Commands, Step
from services._runtime.ids import new_id
from services._runtime.reactions import ProcessManager, delivered
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.memory import MemoryEventStore, MemorySequencer
from services._runtime.store.port import AlreadyHandled, InboxEntry
from services._runtime.store.recording import Recorder
from services.intake.app.process_managers import PROCESS_MANAGERS as OF_INTAKE
from services.pathways.adapters.methodology_files import read_governance
from services.pathways.app.methodologies import versions_in_use
from services.pathways.app.process_managers import process_manager
from services.tutors.app.process_managers import PROCESS_MANAGERS as OF_TUTORS
from tests.unit.pathways.cases import METHODOLOGIES, PATHWAY

if TYPE_CHECKING:
    from uuid import UUID

    from contracts.envelope import FeedEvent
    from services._runtime.decider import Decider, Placement

SERVICES = ("intake", "pathways", "tutors")
_MANAGERS = {
    "intake": OF_INTAKE,
    "pathways": process_manager(PATHWAY, versions_in_use(METHODOLOGIES, read_governance())),
    "tutors": OF_TUTORS,
}


@dataclass
class _Service:
    store: MemoryEventStore
    commands: Commands
    sequencer: MemorySequencer
    manager: ProcessManager
    read: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    """By topic and key, how many of its records were read."""


class ThreeServices:
    """All three, on one clock that a test moves."""

    def __init__(self, today: date) -> None:
        """Begin at noon of a day with nothing recorded."""
        self.clock = SimulatedClock(datetime.combine(today, time(12), UTC))
        self._services = {name: self._service(name) for name in SERVICES}
        self._topics: dict[str, defaultdict[str, list[FeedEvent]]] = {name: defaultdict(list) for name in SERVICES}

    def _service(self, name: str) -> _Service:
        store = MemoryEventStore(name, clock=self.clock)
        return _Service(store, Commands(store, Recorder(MemoryKeyring())), MemorySequencer(store), _MANAGERS[name])

    @property
    def today(self) -> date:
        """The day it is."""
        return day_of(self.clock.now())

    async def tell(self, service: str, *steps: Step, by: str) -> bool:
        """Carry out what somebody of an organisation commands; return whether it was: not on a record that is another's by then."""

        def may(placement: Placement) -> bool:
            return placement.responsible_organisation in (None, by)

        try:
            await self._services[service].commands.execute(*steps, context=self._context(by), may=may)
        except Refusal:
            return False
        return True

    async def answer(self, step: Step, *, by: str) -> bool:
        """Carry out an answer to a transfer, which is given by who is not responsible yet."""
        try:
            await self._services["intake"].commands.execute(step, context=self._context(by))
        except Refusal:
            return False
        return True

    async def state(self, service: str, decider: Decider[Any, Any, Any], of: UUID) -> Any:  # noqa: ANN401 - any aggregate's
        """Return an aggregate as it is now."""
        return (await self._services[service].commands.read(decider, of)).state

    async def version(self, service: str, decider: Decider[Any, Any, Any], of: UUID) -> int:
        """Return an aggregate's version."""
        return len(await self._services[service].store.load(decider.stream(of)))

    async def published(self) -> list[FeedEvent]:
        """Sequence what was stored and put it into the topics; return it."""
        news: list[FeedEvent] = []
        for name, service in self._services.items():
            before = (await service.store.feed_head())[1]
            while await service.sequencer.sequence():
                pass
            news += (fed := await service.store.feed(after=before, limit=1000))
            for event in fed:
                self._topics[name][event.recorded.envelope.partition_key].append(event)
        return news

    async def deliver(self, consumer: str, topic: str, key: str, count: int) -> bool:
        """Deliver the next records of a key; return whether any was handled. One whose cause is still to come waits with all behind it."""
        service, moved = self._services[consumer], False
        if topic not in service.manager.sources:
            return False
        for event in self._topics[topic][key][service.read[topic, key] :][:count]:
            if not await self._handled(service, event):
                break
            service.read[topic, key] += 1
            moved = True
        return moved

    def go_back(self, consumer: str, topic: str, key: str, count: int) -> None:
        """Forget that the last records were read: they come again."""
        read = self._services[consumer].read
        read[topic, key] = max(0, read[topic, key] - count)

    async def settle(self) -> list[FeedEvent]:
        """Deliver everything, and return what was stored by it; what still waits for its cause then waits for ever, and is an error."""
        moved, news = True, await self.published()
        while moved:
            moved = False
            for consumer in SERVICES:
                for topic in SERVICES:
                    for key in list(self._topics[topic]):
                        moved = await self.deliver(consumer, topic, key, 1000) or moved
            news += await self.published()
        for consumer, service in self._services.items():
            for topic in set(service.manager.sources) & set(SERVICES):
                for key, events in self._topics[topic].items():
                    assert service.read[topic, key] == len(events), f"{consumer} would park a record of {topic}"
        return news

    async def _handled(self, service: _Service, event: FeedEvent) -> bool:
        envelope = event.recorded.envelope
        reaction = service.manager.reactions.get(event_class(envelope.type, envelope.schema_version))
        entry = InboxEntry(service.manager.name, envelope.event_id)
        if reaction is None or await service.store.handled(entry.consumer, entry.event_id):
            return True
        refused = None
        try:
            await reaction(delivered(event, self.clock.now()), service.commands, entry)
        except NotYet:
            return False
        except AlreadyHandled:
            return True
        except Refusal as refusal:
            refused = refusal.code
        await service.store.record_outcome(InboxEntry(entry.consumer, entry.event_id, refused))
        return True

    def _context(self, by: str) -> Context:
        return Context(
            actor=f"somebody.{by}",
            organisation=by,
            role="test",
            purpose="integration",
            correlation=new_id(),
            now=self.clock.now(),
            occurred_on=self.today,
        )
