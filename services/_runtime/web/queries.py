"""Reads of one record of a service, where the policies permit it, with its version as ETag; and pages of lists by cursor."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

import fastapi
from fastapi import Request, Response, Security
from pydantic import BaseModel, Field

from contracts.errors import Unknown
from services._runtime.web.callers import BEARER, admitted, count_record, permitting, permitting_beside
from services._runtime.web.parts import web_of
from services._runtime.web.validation import invalid_fields

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from services._runtime.access.permission import Beside, May
    from services._runtime.decider import Decider
    from services._runtime.handling import Commands, Opened
    from services._runtime.store.port import StreamEvent
    from services._runtime.web.identity import Caller
    from services._runtime.web.parts import Web

S = TypeVar("S")
Item = TypeVar("Item")

Limit = Annotated[int, fastapi.Query(ge=1, le=200, description="how many items a page holds")]
Cursor = Annotated[str | None, fastapi.Query(max_length=512, description="`next_cursor` of the page before")]


@dataclass(frozen=True, slots=True)
class Query:
    """One read as it came: who calls, and the service's records."""

    caller: Caller
    _may: May
    _beside: Beside | None
    _commands: Commands
    _response: Response
    _web: Web

    @property
    def now(self) -> datetime:
        """The moment of the read: the demonstration's, where the caller set it."""
        return self.caller.now or self._web.clock.now()

    async def open(self, decider: Decider[Any, S, Any], aggregate_id: UUID, *, through: str = "") -> Opened[S]:
        """Return the record as it is now and set ETag to its version; raises `Unknown`, for another's record as for none.

        `through` is the stream of the record that opens this one to the caller, where another does.
        Raises the problem `too-many-requests` where the caller has read too many different ones.
        """
        count_record(self._web, self.caller, aggregate_id)
        opened = await self._commands.read(decider, aggregate_id, may=self._may, beside=self._beside, load=self._load(through))
        if not opened.version:
            raise Unknown
        self._response.headers["ETag"] = f'"{opened.version}"'
        return opened

    def _load(self, through: str) -> Callable[[str], Awaitable[list[StreamEvent]]] | None:
        """Return what loads behind the second fence, where there is one."""
        load = self._web.load
        return None if load is None else lambda stream_id: load(self.caller, stream_id, through)


def query(action: str) -> Callable[..., Any]:
    """Return the dependency that gives an endpoint its `Query`, for callers who may take the action."""

    async def read(request: Request, response: Response, _token: Annotated[object, Security(BEARER)]) -> Query:
        caller = await admitted(request, action)
        web = web_of(request)
        if web.commands is None:
            raise RuntimeError("the application was created without commands")
        return Query(caller, permitting(caller, action), permitting_beside(web, caller, action), web.commands, response, web)

    return read


class Page(BaseModel, Generic[Item]):
    """One page of a list; without `next_cursor` it is the last."""

    items: list[Item]
    next_cursor: Annotated[str | None, Field(description="send as `cursor` to read on; absent on the last page")] = None


def cursor_of(*key: str | int) -> str:
    """Return the opaque cursor for the row with this key, the last of a page."""
    return urlsafe_b64encode(json.dumps(key).encode()).rstrip(b"=").decode()


def key_of(cursor: str, *types: type[str | int]) -> tuple[Any, ...]:
    """Return the key in a cursor, whose parts are of these types; raises the `validation` problem for one that is not ours."""
    try:
        key = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, NotBase64):
        key = None
    if not isinstance(key, list) or [type(part) for part in key] != list(types):
        raise invalid_fields({"query.cursor": "the next_cursor of an earlier page"})
    return tuple(key)
