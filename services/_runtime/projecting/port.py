"""Where rows are kept, as a port: what the runner needs to write them and what queries need to read them.

PostgreSQL and memory pass one behavioural suite.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from services._runtime.errors import Retryable
from services._runtime.projecting.model import Key, ReadModel, Row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from services._runtime.access.deciding import Principal

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Build:
    """One build of a model: its rows are what folding the source up to `position` gives.

    `active` is the one that queries read. `changed` is the last position at which a row changed. `stopped` says why the model
    cannot go on, None while it can.
    """

    model: str
    build: int
    version: int
    position: int
    changed: int
    active: bool
    stopped: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance(Generic[Row]):
    """The step of one build from the position it was read at to `position`: rows to add, to replace, to delete."""

    model: ReadModel[Row]
    build: int
    expected: int
    position: int
    added: Sequence[Row] = ()
    replaced: Sequence[Row] = ()
    deleted: Sequence[Key] = ()
    stopped: str | None = None

    @property
    def writes(self) -> bool:
        """Tell whether any row changes."""
        return bool(self.added or self.replaced or self.deleted)


class Moved(Retryable):
    """A build is no longer where it was read: another process advanced or replaced it. Nothing was written."""


def superseded(active: Build, model: ReadModel[Any]) -> Build:
    """Return the active build as one that a process with older code must leave alone."""
    return replace(active, stopped=f"version {active.version} is active; this process has version {model.version}")


def unfinished(model: ReadModel[Any], builds: Iterable[Build]) -> Build | None:
    """Return the inactive build of the model's version that a rebuild left, if there is one."""
    return next((build for build in builds if not build.active and build.version == model.version), None)


class RowStore(Protocol):
    """The rows of one service's read models, written by its runner."""

    async def open(self, model: ReadModel[Any]) -> Build:
        """Return the build to continue: the active one if it has the model's version, else a newer one beside it.

        Creates what is missing; a model that never was gets its first build active at once, at position 0. Where a newer
        version than the model's is active, that build is returned as stopped: older code leaves it alone.
        """
        ...

    async def begin(self, model: ReadModel[Any]) -> Build:
        """Return an inactive build of the model's version: the unfinished one if there is one, else a new one at position 0."""
        ...

    async def builds(self) -> list[Build]:
        """Return every build, by model and build."""
        ...

    async def load(self, model: ReadModel[Row], build: int, keys: Collection[Key]) -> dict[Key, Row]:
        """Return the rows under these keys; absent ones are missing."""
        ...

    async def advance(self, steps: Sequence[Advance[Any]]) -> None:
        """Write all steps and their positions in one transaction; raises `Moved` and writes nothing if any build has moved."""
        ...

    async def swap(self, model: ReadModel[Any], build: int) -> bool:
        """Make `build` the active one and delete the other builds' rows, in one transaction.

        Returns False, changing nothing, while the active build is further than this one.
        """
        ...


@dataclass(frozen=True, slots=True)
class Read(Generic[T_co]):
    """An answer and the position it is as of, taken in one snapshot."""

    position: int
    value: T_co


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which rows, in which order.

    `where` holds equalities; a set, list or tuple means any of its values. Of `either`, where there are any, one must hold too.
    `least` is what a column is at least and `most` what it is at most, which what is None is neither; `among` is a value that a column
    of several holds.

    Ordered by `order` (columns that are never None; by default the key), descending if told; `after` is the order's values in
    the last row of the page before.
    """

    where: Mapping[str, object] = field(default_factory=dict)
    either: tuple[Mapping[str, object], ...] = ()
    least: Mapping[str, Any] = field(default_factory=dict)
    most: Mapping[str, Any] = field(default_factory=dict)
    among: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    descending: bool = False
    after: Key | None = None
    limit: int | None = None


class Reader(Protocol):
    """Reads the active builds. Each answer is wholly of one build and one position."""

    async def row(self, model: ReadModel[Row], key: Key) -> Read[Row | None]:
        """Return the row under a key, or None."""
        ...

    async def rows(self, model: ReadModel[Row], query: Query = ...) -> Read[tuple[Row, ...]]:
        """Return the rows that a query names."""
        ...

    async def count(self, model: ReadModel[Any], query: Query = ...) -> Read[int]:
        """Return how many rows a query names, of all its pages."""
        ...

    async def builds(self) -> list[Build]:
        """Return every build, by model and build."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Reader]:
        """Give a reader whose answers are all of one moment."""
        ...


class Answers(Protocol):
    """What callers are answered from."""

    def to(self, caller: Principal, *, record: str = "") -> Reader:
        """Give a reader for a caller's eyes; what is read one record at a time is read of the `record` that is named here."""
        ...
