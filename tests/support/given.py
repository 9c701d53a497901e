"""Given/when/then for deciders: `given([...]).when(command).then([...])`, or `.refused(AlreadyEnrolled)`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

import pytest
from pydantic import BaseModel

from contracts.errors import Refusal
from contracts.event import Event
from services._runtime.decider import Decider

C = TypeVar("C")
S = TypeVar("S")
E = TypeVar("E", bound=Event)
_TEXT = 4
"""Characters from which on a word is told from part of another."""


@dataclass(frozen=True)
class When(Generic[S, E]):
    """A command decided on the state that the given events lead to."""

    _events: Sequence[Event]
    _command: object
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

    def refused(self, refusal: type[Refusal], *, on_record: Collection[date] = ()) -> Refusal:
        """Assert that the command is refused by exactly this refusal, and return it.

        `on_record` are days that the command has from other records, not from who sent it.
        """
        with pytest.raises(Refusal) as caught:
            self._decide()
        assert caught.type is refusal, f"refused by {caught.type.__name__}: {caught.value}"
        self._check_nothing_sent_comes_back(caught.value, on_record)
        return caught.value

    def _check_nothing_sent_comes_back(self, refusal: Refusal, on_record: Collection[date]) -> None:
        """I6: no day, id or text of the command is in the refusal's words; a day that is recorded may be told, whoever sends it again."""
        recorded = {said for event in self._events for _, said in _said(dict(event)) if isinstance(said, date)}.union(on_record)
        words = str(refusal)
        repeated = [name for name, said in _said(self._command) if said not in recorded and str(said) in words]
        assert not repeated, f"{type(refusal).__name__} says again what was sent as {', '.join(repeated)}"


def _said(value: object, name: str = "") -> Iterator[tuple[str, date | UUID | str]]:
    """Yield the days, ids and texts of a command or an event, with the fields they are of. A code is no text: it is of a closed list."""
    match value:
        case date() | UUID():
            yield name, value
        case str() if len(value) >= _TEXT and not value.islower():
            yield name, value
        case tuple() | list() | frozenset() | set():
            for each in value:
                yield from _said(each, name)
        case Mapping():
            for key, each in value.items():
                yield from _said(each, name or str(key))
        case _ if is_dataclass(value):
            for field in fields(value):
                yield from _said(getattr(value, field.name), field.name)
        case BaseModel():
            yield from _said(dict(value), name)


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
        return When(self._events, command, lambda: self._decider.decide(command, self.state()), self.state)


def given(decider: Decider[Any, S, E]) -> Given[Any, S, E]:
    """Begin the specification of a decider."""
    return Given(decider)
