"""An aggregate whose personal data can be erased: its own decider, and the process beside it on the same stream.

One stream, so that no command can slip in beside an approval: whoever decided before it decides again, and is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, get_args

from contracts.erasure import ErasureEvent
from contracts.event import Event
from services._runtime.decider import Decider
from services._runtime.erasing import process
from services._runtime.erasing.commands import ErasureCommand
from services._runtime.erasing.process import NOT_ASKED, Done, Erasure, Events, Standing, UnderWay
from services._runtime.store.keyring import SubjectErased

if TYPE_CHECKING:
    from uuid import UUID

    from services._runtime.decider import Placement, Unique

C = TypeVar("C")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Erasable(Generic[S]):
    """What is recorded, and where the erasure of it stands."""

    held: S
    erasure: Erasure = NOT_ASKED


def erasable(
    decider: Decider[C, S, Any], events: Events, standing: Callable[[S], Standing]
) -> Decider[C | ErasureCommand, Erasable[S], Event]:
    """Return the decider that also conducts the erasure; once that is approved, every other command is refused.

    `standing` says what the rest of the record has to do with it.
    """

    def decide(command: C | ErasureCommand, state: Erasable[S]) -> Sequence[Event]:
        if isinstance(command, get_args(ErasureCommand)):
            return process.decide(cast("ErasureCommand", command), state.erasure, standing(state.held), events)
        if isinstance(state.erasure, UnderWay | Done):
            raise SubjectErased
        decided: Sequence[Event] = decider.decide(cast("C", command), state.held)
        return decided

    def evolve(state: Erasable[S], event: Event) -> Erasable[S]:
        if isinstance(event, _EVENTS):
            return replace(state, erasure=process.evolve(state.erasure, cast("ErasureEvent", event)))
        return replace(state, held=decider.evolve(state.held, event))

    def place(state: Erasable[S]) -> Placement:
        return decider.place(state.held)

    def partition(state: Erasable[S]) -> UUID | None:
        return decider.partition(state.held)

    def unique(state: Erasable[S]) -> Sequence[Unique]:
        # What is erased holds nothing any more: the approval itself gives it back.
        return () if isinstance(state.erasure, UnderWay | Done) else decider.unique(state.held)

    return Decider(decider.category, Erasable(decider.initial), decide, evolve, place, partition, unique)


_EVENTS = tuple(one for each in get_args(ErasureEvent) for one in (get_args(each) or (each,)))
