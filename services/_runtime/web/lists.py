"""Lists over HTTP, one shape for all: what a caller asks for, and the page they are answered with, counted and as of a position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field

from services._runtime.web.bodies import Day
from services._runtime.web.disclosing import disclosure_of
from services._runtime.web.queries import AS_OF, Cursor, Item, Limit, Page, Row, following, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from fastapi import Request, Response

    from services._runtime.projecting.lists import Listed
    from services._runtime.projecting.model import Key
    from services._runtime.projecting.port import Read

T = TypeVar("T", bound="int | UUID | date")

Territory = Annotated[str | None, Field(pattern=r"^[A-Z]{2}$", description="the province's code")]


class Asked(BaseModel):
    """Which page of a list; a list's own filters are added to it."""

    cursor: Cursor = None
    limit: Limit = 50

    def after(self, *types: type[int | UUID | date]) -> Key | None:
        """Return the key of the last row of the page before, whose parts are of these types; raises the `validation` problem."""
        return None if self.cursor is None else key_of(self.cursor, *types)


class AskedBetween(Asked):
    """Which page of a list, of rows between two days: which day of a row, its list says."""

    since: Annotated[Day | None, Field(description="on this day or later")] = None
    until: Annotated[Day | None, Field(description="on this day or earlier")] = None


class CountedPage(Page[Item]):
    """One page of a list, and how many items all its pages hold."""

    count: Annotated[int, Field(ge=0, description="how many items all pages hold")]


class Listing:
    """An answer to who asked for a list: tells whose rows it holds, and as of which position of the feed."""

    def __init__(self, request: Request, response: Response) -> None:
        """Answer `request` by `response`."""
        self._request = request
        self._response = response

    def page(
        self,
        found: Read[Listed[Row]],
        asked: Asked,
        *,
        key: Callable[[Row], tuple[int | UUID | date, ...]],
        whose: Callable[[Row], Iterable[UUID]],
        item: Callable[[Row], Any] | None = None,
    ) -> CountedPage[Any]:
        """Return the page, of each row its `item`, by default the row as it is.

        `key` is what the list is ordered by, `whose` the persons whom a row is about.
        """
        rows = found.value.rows
        disclosure_of(self._request).tell(person for row in rows for person in whose(row))
        self._response.headers[AS_OF] = str(found.position)
        items = list(rows) if item is None else [item(row) for row in rows]
        return CountedPage(items=items, next_cursor=following(rows, asked.limit, key), count=found.value.count)
