"""Lists behind the second fence: a reader for each caller, to whom the database gives no row of another's."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from services._runtime.projecting.port import Query, Read
from services._runtime.projecting.postgres import PostgresReader

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from services._runtime.access.deciding import Principal
    from services._runtime.projecting.model import Key, ReadModel, Row
    from services._runtime.projecting.port import Build, Reader
    from services._runtime.store.fence import Fence


class FencedRows:
    """`Answers` over PostgreSQL."""

    def __init__(self, fence: Fence) -> None:
        """Read through `fence`."""
        self._fence = fence

    def to(self, caller: Principal, *, record: str = "") -> Reader:
        """See `Answers.to`."""
        return _FencedReader(self._fence, caller, record)


class _FencedReader:
    """A `Reader` of what one caller reaches."""

    def __init__(self, fence: Fence, caller: Principal, record: str) -> None:
        self._fence = fence
        self._caller = caller
        self._record = record

    async def row(self, model: ReadModel[Row], key: Key) -> Read[Row | None]:
        """See `Reader.row`."""
        async with self.snapshot() as moment:
            return await moment.row(model, key)

    async def rows(self, model: ReadModel[Row], query: Query = Query()) -> Read[tuple[Row, ...]]:  # noqa: B008 - frozen
        """See `Reader.rows`."""
        async with self.snapshot() as moment:
            return await moment.rows(model, query)

    async def count(self, model: ReadModel[Any], query: Query = Query()) -> Read[int]:  # noqa: B008 - frozen
        """See `Reader.count`."""
        async with self.snapshot() as moment:
            return await moment.count(model, query)

    async def builds(self) -> list[Build]:
        """See `Reader.builds`."""
        async with self.snapshot() as moment:
            return await moment.builds()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[PostgresReader]:
        """See `Reader.snapshot`."""
        async with self._fence.answering(self._caller, self._record) as connection:
            yield PostgresReader(connection)
