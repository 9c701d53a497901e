"""Process managers without their medium: what is delivered to them, and how they answer with commands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contracts.event import Event
from contracts.upcasters import decode
from services._runtime.clock import day_of
from services._runtime.decider import Context
from services._runtime.handling import Commands
from services._runtime.store.port import InboxEntry

if TYPE_CHECKING:
    from datetime import datetime

    from contracts.envelope import Envelope, FeedEvent


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event of another service (or our own) as it came off the wire: typed, in its newest version, personal fields None."""

    event: Event
    envelope: Envelope
    source: str
    generation: int
    feed_position: int
    received_at: datetime

    def context(self, actor: str) -> Context:
        """Return the context of a command that this event causes: same correlation, organisation, purpose and clock.

        A demonstration event is answered at its own moment, for its reaction belongs to its time.
        """
        cause = self.envelope
        moment = self.received_at if cause.clock.value == "system" else cause.recorded_at
        return Context(
            actor=actor,
            organisation=cause.responsible_organisation or cause.actor_organisation,
            role="process-manager",
            purpose=cause.purpose,
            correlation=cause.correlation,
            now=moment,
            occurred_on=day_of(moment),
            clock=cause.clock,
            causation=cause.event_id,
            caused_at=cause.recorded_at,
        )


Reaction = Callable[[Delivered, Commands, InboxEntry], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ProcessManager:
    """One consumer: its name (also its inbox's), the services whose topics it reads, and what it does on which event.

    A reaction executes at most one set of steps, with the inbox entry; a reaction that does nothing just returns.
    """

    name: str
    sources: tuple[str, ...]
    reactions: Mapping[type[Event], Reaction]


def delivered(feed_event: FeedEvent, received_at: datetime) -> Delivered:
    """Return what a process manager sees of a feed event, received now. Raises as `decode` does."""
    envelope = feed_event.recorded.envelope
    event = decode(envelope.type, envelope.schema_version, feed_event.recorded.data)
    return Delivered(event, envelope, feed_event.source, feed_event.generation, feed_event.feed_position, received_at)
