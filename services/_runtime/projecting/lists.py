"""Lists of rows as callers are answered with them: one page, and how many rows all pages hold, of one moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic

from services._runtime.projecting.model import Row
from services._runtime.projecting.port import Query, Read

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from services._runtime.projecting.model import ReadModel
    from services._runtime.projecting.port import Reader


@dataclass(frozen=True, slots=True)
class Listed(Generic[Row]):
    """A page of rows, and how many there are on all pages."""

    rows: tuple[Row, ...]
    count: int


async def listed(reader: Reader, model: ReadModel[Row], query: Query) -> Read[Listed[Row]]:
    """Return the page that the query names, and its count."""
    async with reader.snapshot() as moment:
        page, counted = await moment.rows(model, query), await moment.count(model, query)
    return Read(page.position, Listed(page.value, counted.value))


def narrowed(query: Query, filters: Mapping[str, object], *, day: str = "", since: date | None = None, until: date | None = None) -> Query:
    """Return a query that also demands these values of columns, None of which demands nothing, and a `day` between two."""
    least: dict[str, Any] = {} if since is None else {day: since}
    most: dict[str, Any] = {} if until is None else {day: until}
    where = {**query.where, **{name: value for name, value in filters.items() if value is not None}}
    return replace(query, where=where, least={**query.least, **least}, most={**query.most, **most})
