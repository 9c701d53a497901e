"""Rows in memory: the twin of the PostgreSQL store, for tests and for folding without a database."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from services._runtime.projecting.model import Key, ReadModel, Row
from services._runtime.projecting.port import Advance, Build, Moved, Query, Read, superseded, unfinished

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping, Sequence

    from services._runtime.access.deciding import Principal


class MemoryRows:
    """A `RowStore` and a `Reader` over dictionaries."""

    def __init__(self) -> None:
        """Start without any model."""
        self._builds: dict[tuple[str, int], Build] = {}
        self._rows: dict[tuple[str, int], dict[Key, Any]] = {}

    async def open(self, model: ReadModel[Any]) -> Build:
        """See `RowStore.open`."""
        active = self._active(model.name)
        if active is None:
            return self._create(model, active=True)
        if active.version > model.version:
            return superseded(active, model)
        return active if active.version == model.version else await self.begin(model)

    async def begin(self, model: ReadModel[Any]) -> Build:
        """See `RowStore.begin`."""
        return unfinished(model, self._of(model.name)) or self._create(model, active=False)

    async def builds(self) -> list[Build]:
        """See `RowStore.builds`."""
        return [self._builds[key] for key in sorted(self._builds)]

    async def load(self, model: ReadModel[Row], build: int, keys: Collection[Key]) -> dict[Key, Row]:
        """See `RowStore.load`."""
        rows = self._rows.get((model.name, build), {})
        return {key: rows[key] for key in keys if key in rows}

    async def advance(self, steps: Sequence[Advance[Any]]) -> None:
        """See `RowStore.advance`."""
        for step in steps:
            found = self._builds.get((step.model.name, step.build))
            if found is None or found.position != step.expected:
                raise Moved(step.model.name)
        for step in steps:
            at = (step.model.name, step.build)
            rows = self._rows[at]
            rows |= {step.model.key_of(row): row for row in (*step.added, *step.replaced)}
            for key in step.deleted:
                del rows[key]
            changed = step.position if step.writes else self._builds[at].changed
            self._builds[at] = replace(self._builds[at], position=step.position, changed=changed, stopped=step.stopped)

    async def swap(self, model: ReadModel[Any], build: int) -> bool:
        """See `RowStore.swap`."""
        chosen, active = self._builds.get((model.name, build)), self._active(model.name)
        if chosen is None:
            raise Moved(model.name)
        if active is not None and active.position > chosen.position:
            return False
        for other in self._of(model.name):
            if other.build != build:
                del self._builds[model.name, other.build], self._rows[model.name, other.build]
        self._builds[model.name, build] = replace(chosen, active=True, changed=chosen.position)
        return True

    async def row(self, model: ReadModel[Row], key: Key) -> Read[Row | None]:
        """See `Reader.row`."""
        active = self._active(model.name)
        return Read(0, None) if active is None else Read(active.position, self._rows[model.name, active.build].get(key))

    async def rows(self, model: ReadModel[Row], query: Query = Query()) -> Read[tuple[Row, ...]]:  # noqa: B008 - frozen
        """See `Reader.rows`."""
        active = self._active(model.name)
        if active is None:
            return Read(0, ())
        order = query.order or model.key
        found = [row for row in self._rows[model.name, active.build].values() if _matches(row, query)]
        found.sort(key=lambda row: _place(row, order), reverse=query.descending)
        if query.after is not None:
            after = query.after
            found = [row for row in found if (_place(row, order) < after if query.descending else _place(row, order) > after)]
        return Read(active.position, tuple(found[: query.limit]))

    async def count(self, model: ReadModel[Any], query: Query = Query()) -> Read[int]:  # noqa: B008 - frozen
        """See `Reader.count`."""
        found = await self.rows(model, replace(query, after=None, limit=None))
        return Read(found.position, len(found.value))

    def to(self, _caller: Principal, *, record: str = "") -> MemoryRows:  # noqa: ARG002 - the port's
        """See `Answers.to`: memory has no second fence."""
        return self

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[MemoryRows]:
        """See `Reader.snapshot`: a copy as of now."""
        copy = MemoryRows()
        copy._builds = dict(self._builds)
        copy._rows = {at: dict(rows) for at, rows in self._rows.items()}
        yield copy

    def _of(self, name: str) -> list[Build]:
        return [build for build in self._builds.values() if build.model == name]

    def _active(self, name: str) -> Build | None:
        return next((build for build in self._of(name) if build.active), None)

    def _create(self, model: ReadModel[Any], *, active: bool) -> Build:
        number = 1 + max((build.build for build in self._of(model.name)), default=0)
        made = Build(model.name, number, model.version, position=0, changed=0, active=active)
        self._builds[model.name, number], self._rows[model.name, number] = made, {}
        return made


def _place(row: object, order: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in order)


def _matches(row: object, query: Query) -> bool:
    either = not query.either or any(_equals(row, one) for one in query.either)
    least = all((value := getattr(row, name)) is not None and value >= bound for name, bound in query.least.items())
    most = all((value := getattr(row, name)) is not None and value <= bound for name, bound in query.most.items())
    among = all(one in getattr(row, name) for name, one in query.among.items())
    return _equals(row, query.where) and either and least and most and among


def _equals(row: object, wanted_by_name: Mapping[str, object]) -> bool:
    return all(
        getattr(row, name) in wanted if isinstance(wanted, list | tuple | set | frozenset) else getattr(row, name) == wanted
        for name, wanted in wanted_by_name.items()
    )
