"""Given/when/then for deciders: `given([...]).when(command).then([...])`, or `.refused(AlreadyEnrolled)`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import pytest

from contracts.errors import Refusal
from contracts.event import Event
from services._runtime.decider import Decider

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class When(Generic[S, E]):
    """A command decided on the state that the given events lead to."""

    _decide: Callable[[], Sequence[E]]
    _fold: Callable[[Sequence[E]], S]

    def then(self, expected: Sequence[Event]) -> S:
        """Assert that exactly these events follow, and return the state after them."""
        decided = list(self._decide())
        assert decided == list(expected)
        return self._fold(decided)

    def then_types(self, *expected: type[Event]) -> Sequence[E]:
        """Assert the classes of the events that follow, and return the events."""
        decided = self._decide()
        assert [type(event) for event in decided] == list(expected)
        return decided

    def refused(self, refusal: type[Refusal]) -> Refusal:
        """Assert that the command is refused by exactly this refusal, and return it."""
        with pytest.raises(Refusal) as caught:
            self._decide()
        assert caught.type is refusal, f"refused by {caught.type.__name__}: {caught.value}"
        return caught.value


class Given(Generic[C, S, E]):
    """A specification of one decider. Call it with the events that happened."""

    def __init__(self, decider: Decider[C, S, E]) -> None:
        self._decider = decider

    def __call__(self, events: Sequence[Event]) -> _History[C, S, E]:
        """Begin with these events, which must be the decider's."""
        return _History(self._decider, cast("tuple[E, ...]", tuple(events)))


@dataclass(frozen=True)
class _History(Generic[C, S, E]):
    _decider: Decider[C, S, E]
    _events: tuple[E, ...]

    def state(self, further: Sequence[E] = ()) -> S:
        """Return the state that the events lead to."""
        state = self._decider.initial
        for event in (*self._events, *further):
            state = self._decider.evolve(state, event)
        return state

    def when(self, command: C) -> When[S, E]:
        """Decide the command, lazily."""
        return When(lambda: self._decider.decide(command, self.state()), self.state)


def given(decider: Decider[Any, S, E]) -> Given[Any, S, E]:
    """Begin the specification of a decider."""
    return Given(decider)
