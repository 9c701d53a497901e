"""The pure half of the runner: which rows a batch touches, and what they become. Stops exactly where a fact cannot be folded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

from services._runtime.projecting.model import Fact, Key, ReadModel, Row
from services._runtime.projecting.port import Advance
from services._runtime.projecting.source import fact_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from contracts.envelope import FeedEvent
    from services._runtime.projecting.port import Build


@dataclass(frozen=True, slots=True)
class Stop:
    """The position that could not be folded, and why: the event's type and the error's kind, never its values."""

    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """A read of the source, decoded once for all models: what no model reads is passed without decoding."""

    reached: int
    facts: tuple[tuple[int, Fact | Stop, str], ...]


@dataclass(frozen=True, slots=True)
class Touches(Generic[Row]):
    """What one model takes from a batch: its facts with the keys they touch, up to `reached`."""

    reached: int
    facts: tuple[tuple[int, Fact, tuple[Key, ...]], ...]
    stop: Stop | None

    def keys(self) -> set[Key]:
        """Return every key touched."""
        return {key for _, _, keys in self.facts for key in keys}


def decoded(entries: Sequence[tuple[int, FeedEvent]], models: Iterable[ReadModel[Any]]) -> Batch:
    """Decode the entries that any of the models reads."""
    wanted: set[str] | None = set()
    for model in models:
        wanted = None if wanted is None or model.types is None else wanted | model.types
    facts = []
    for position, event in entries:
        name = event.recorded.envelope.type
        if wanted is None or name in wanted:
            facts.append((position, _decode(position, event), name))
    return Batch(entries[-1][0], tuple(facts))


def touched(model: ReadModel[Row], batch: Batch) -> Touches[Row]:
    """Return what the model takes from a batch, up to its end or to the first fact it cannot take."""
    taken: list[tuple[int, Fact, tuple[Key, ...]]] = []
    types = model.types
    for position, fact, name in batch.facts:
        if types is not None and name not in types:
            continue
        if isinstance(fact, Stop):
            return Touches(position - 1, tuple(taken), fact)
        try:
            taken.append((position, fact, tuple(model.keys_of(fact))))
        except Exception as error:  # noqa: BLE001 - whatever a model raises stops that model and no other
            return Touches(position - 1, tuple(taken), _stop(position, name, error))
    return Touches(batch.reached, tuple(taken), None)


def folded(model: ReadModel[Row], build: Build, touches: Touches[Row], before: Mapping[Key, Row]) -> Advance[Row]:
    """Fold the facts over the rows as they were, and return what to write."""
    after: dict[Key, Row | None] = dict(before)
    reached, stop = touches.reached, touches.stop
    for position, fact, keys in touches.facts:
        try:
            # Rows change together or not at all: a fact that fails on its second key must not leave the first one changed.
            after |= [(key, model.evolve(after.get(key), fact, key)) for key in keys]
        except Exception as error:  # noqa: BLE001 - as above
            reached, stop = position - 1, _stop(position, fact.envelope.type, error)
            break
    added, replaced, deleted = _changes(before, after)
    return Advance(
        model=model,
        build=build.build,
        expected=build.position,
        position=reached,
        added=added,
        replaced=replaced,
        deleted=deleted,
        stopped=None if stop is None else stop.reason,
    )


def _changes(before: Mapping[Key, Row], after: Mapping[Key, Row | None]) -> tuple[list[Row], list[Row], list[Key]]:
    """Return the rows that are new, those that another one takes the place of, and the keys of those that are gone."""
    added: list[Row] = []
    replaced: list[Row] = []
    deleted: list[Key] = []
    for key, row in after.items():
        old = before.get(key)
        if row is None:
            if old is not None:
                deleted.append(key)
        elif old is None:
            added.append(row)
        elif row != old:
            replaced.append(row)
    return added, replaced, deleted


def _decode(position: int, event: FeedEvent) -> Fact | Stop:
    try:
        return fact_of(event)
    except Exception as error:  # noqa: BLE001 - an event that no contract reads stops the models that wanted it
        return _stop(position, event.recorded.envelope.type, error)


def _stop(position: int, type_name: str, error: Exception) -> Stop:
    return Stop(position, f"cannot fold {type_name} at position {position}: {type(error).__name__}")
