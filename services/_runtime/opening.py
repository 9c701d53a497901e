"""Opening: from a stream's stored events to the aggregate as it is now, with as much of its personal data as is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from contracts.event import Event
from contracts.personal import EVERY, DataClass
from services._runtime.store.port import StreamEvent

if TYPE_CHECKING:
    from services._runtime.decider import Decider
    from services._runtime.store.recording import Recorder

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Opened(Generic[S]):
    """An aggregate as it is now: its state, its version (0 = nothing recorded) and its readable events.

    `withheld` are the classes of personal data that were asked for and stayed shut, whether anything is recorded of them or not.
    """

    state: S
    version: int
    events: list[Event] = field(default_factory=list)
    stored: list[StreamEvent] = field(default_factory=list)
    withheld: frozenset[DataClass] = frozenset()


async def opened(
    recorder: Recorder,
    decider: Decider[Any, S, Any],
    stored: list[StreamEvent],
    *,
    classes: frozenset[DataClass] = EVERY,
    told: frozenset[DataClass] = EVERY,
) -> Opened[S]:
    """Return the aggregate of these events: of the classes that are asked for, those are opened of which somebody is told."""
    events = await recorder.read(stored, classes & told)
    state = decider.initial
    for event in events:
        state = decider.evolve(state, event)
    return Opened(state, stored[-1].recorded.envelope.stream_version if stored else 0, events, stored, classes - told)
