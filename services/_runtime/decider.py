"""What a decider is: pure functions over one aggregate, and the context in which a command is decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, Self, TypeVar
from uuid import UUID

from contracts.envelope import ClockKind, Precision
from contracts.errors import Refusal
from contracts.event import Event

if TYPE_CHECKING:
    from datetime import date, datetime

    from contracts.envelope import Envelope

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a fact belongs: copied into the envelope of each event of the stream.

    `territory` is a province's code (PR), `municipality` an ISTAT code, `programme` a programme's code where the stream has one.
    """

    responsible_organisation: str | None = None
    territory: str | None = None
    municipality: str | None = None
    programme: str | None = None

    @classmethod
    def after(cls, envelope: Envelope) -> Self:
        """Return where a stream was after one of its events: each envelope says so."""
        return cls(
            responsible_organisation=envelope.responsible_organisation,
            territory=envelope.territory,
            municipality=envelope.municipality,
            programme=envelope.programme,
        )


@dataclass(frozen=True, slots=True)
class Unique:
    """A value that one aggregate of the service alone may hold. `refusal` is what another is told who wants it."""

    kind: str
    value: str = field(repr=False)
    refusal: Callable[[], Refusal]


def nothing_unique(_state: object) -> tuple[Unique, ...]:
    """Reserve nothing: most aggregates may hold what others hold."""
    return ()


@dataclass(frozen=True, slots=True)
class Decider(Generic[C, S, E]):
    """One aggregate: `category` starts its stream ids, `place` says where its facts belong, `partition` which key orders them.

    `decide(command, state)` returns events or raises a `Refusal`; `evolve(state, event)` returns the next state. Both pure.
    `place` and `partition` are asked of the state after the command's events. `events` are all classes it can hold.
    """

    category: str
    initial: S
    decide: Callable[[C, S], Sequence[E]]
    evolve: Callable[[S, E], S]
    place: Callable[[S], Placement]
    partition: Callable[[S], UUID | None]
    """The person's id where the stream belongs to one person; None keys the stream by its own id."""
    unique: Callable[[S], Sequence[Unique]] = nothing_unique
    """What the aggregate holds in this state that no other may: one value at most of each kind.

    It is reserved with the events that lead to the state, and given back with those that lead away from it.
    """

    def stream(self, aggregate_id: UUID) -> str:
        """Return the stream id of one aggregate, such as `person-6f1c…`."""
        return f"{self.category}-{aggregate_id}"

    def aggregate(self, stream_id: str) -> UUID:
        """Return whose stream it is; raises `ValueError` for one of another category."""
        return UUID(stream_id.removeprefix(f"{self.category}-"))


def in_turn(decider: Decider[C, S, E]) -> Decider[Sequence[C], S, E]:
    """Return the decider that takes several commands as one: each is decided on what those before it lead to, and all hold or none."""

    def decide(commands: Sequence[C], state: S) -> Sequence[E]:
        events: list[E] = []
        for command in commands:
            for event in decider.decide(command, state):
                events.append(event)
                state = decider.evolve(state, event)
        return events

    return Decider(decider.category, decider.initial, decide, decider.evolve, decider.place, decider.partition, decider.unique)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who commands, from a verified token, and when. `now` comes from the clock port; `occurred_on` is a day in Rome.

    `caused_at` is the cause's `recorded_at`, so that an effect is never recorded before its cause.
    """

    actor: str
    organisation: str
    role: str
    purpose: str
    correlation: UUID
    now: datetime
    occurred_on: date
    precision: Precision = Precision.DAY
    clock: ClockKind = ClockKind.SYSTEM
    causation: UUID | None = None
    caused_at: datetime | None = None
