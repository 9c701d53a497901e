"""Reads of one record of a service, where the policies permit it, with its version as ETag; and pages of lists by cursor."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar
from uuid import UUID

import fastapi
from fastapi import Request, Response, Security
from pydantic import BaseModel, Field

from contracts.errors import Unknown
from contracts.personal import EVERY
from services._runtime.access.permission import nothing_under
from services._runtime.store.sealing import owners
from services._runtime.web.callers import BEARER, admitted, count_record, person_in, reaching
from services._runtime.web.disclosing import WITHHELD, Disclosure, disclosure_of
from services._runtime.web.parts import web_of
from services._runtime.web.validation import invalid_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from contracts.personal import DataClass
    from services._runtime.access.permission import Reach
    from services._runtime.decider import Decider
    from services._runtime.handling import Commands
    from services._runtime.opening import Opened
    from services._runtime.store.port import StreamEvent
    from services._runtime.web.identity import Caller
    from services._runtime.web.parts import Web

S = TypeVar("S")
Item = TypeVar("Item")
Row = TypeVar("Row")

NAMED = frozenset({"person", "tutor"})
"""Categories of records whose own id is a person's: who asks for one names the person."""

AS_OF = "Ancora-As-Of-Position"
"""The header that says up to which position of the service's feed a list is told."""

OPENING: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            WITHHELD: {
                "description": "classes of personal data of which the caller is not told: their fields are null, whatever is recorded",
                "schema": {"type": "string", "pattern": "^[a-z]+(,[a-z]+)*$", "examples": ["evidence,health"]},
            }
        }
    }
}
"""What is said of the answer of an endpoint that opens sealed values."""

_AT_ONCE = 8
"""Records that one answer opens at the same time."""

Limit = Annotated[int, fastapi.Query(ge=1, le=200, description="how many items a page holds")]
Cursor = Annotated[str | None, fastapi.Query(max_length=512, description="`next_cursor` of the page before")]


@dataclass(frozen=True, slots=True)
class Query:
    """One read as it came: who calls, and the service's records."""

    caller: Caller
    _reach: Reach
    _commands: Commands
    _response: Response
    _web: Web
    _disclosure: Disclosure

    @property
    def now(self) -> datetime:
        """The moment of the read: the demonstration's, where the caller set it."""
        return self.caller.now or self._web.clock.now()

    async def open(
        self, decider: Decider[Any, S, Any], aggregate_id: UUID, *, through: str = "", holding: Collection[DataClass] = EVERY
    ) -> Opened[S]:
        """Return the record as it is now and set ETag to its version; raises `Unknown`, for another's record as for none.

        `through` is the stream of the record that opens this one to the caller, where another does. `holding` are the classes of
        personal data that the answer holds at most, where it holds fewer than the record does. Only those are opened of which the caller
        is told by the policies, and the answer says which of the others are withheld.
        Raises the problem `too-many-requests` where the caller has read too many different ones.
        """
        if decider.category in NAMED:
            self._disclosure.ask(aggregate_id)
        count_record(self._web, self.caller, aggregate_id)
        opened = await self._commands.read(decider, aggregate_id, reach=self._reach, classes=frozenset(holding), load=self._load(through))
        if not opened.version:
            raise Unknown
        self._response.headers["ETag"] = f'"{opened.version}"'
        self._tell(decider, opened)
        return opened

    async def open_each(
        self, decider: Decider[Any, S, Any], ids: Iterable[UUID], *, holding: Collection[DataClass] = EVERY
    ) -> list[Opened[S]]:
        """Return many records that the caller may have, for one answer made of all of them: each is told as theirs whom it is about.

        `holding` as in `open`. What is not there is left out.
        None is counted as a record that the caller read, for the answer shows none of them as it is.
        """
        turn = asyncio.Semaphore(_AT_ONCE)

        async def one(aggregate_id: UUID) -> Opened[S]:
            async with turn:
                return await self._commands.read(decider, aggregate_id, reach=self._reach, classes=frozenset(holding), load=self._load(""))

        found = [opened for opened in await asyncio.gather(*(one(each) for each in ids)) if opened.version]
        for opened in found:
            self._tell(decider, opened)
        return found

    async def look(self, decider: Decider[Any, S, Any], aggregate_id: UUID) -> Opened[S]:
        """Return the record as it is now, to answer whether something is possible and nothing of what it holds.

        Raises `Unknown`, for another's record as for none.
        """
        opened = await self._commands.read(decider, aggregate_id, reach=self._reach, classes=frozenset())
        if not opened.version:
            raise Unknown(nothing_under(decider.stream(aggregate_id)))
        self._disclosure.tell((aggregate_id,))
        return opened

    def _tell(self, decider: Decider[Any, S, Any], opened: Opened[S]) -> None:
        """Tell whose the record is, which classes of it were opened, and which stay shut."""
        held = owners(opened.events)
        whose = decider.partition(opened.state)
        subjects = {UUID(subject) for subject, _ in held} | (set() if whose is None else {whose})
        self._disclosure.tell(subjects, {data_class for _, data_class in held}, opened.withheld)

    def _load(self, through: str) -> Callable[[str], Awaitable[list[StreamEvent]]] | None:
        """Return what loads behind the second fence, where there is one."""
        load = self._web.load
        return None if load is None else lambda stream_id: load(self.caller, stream_id, through)


def query(action: str, *, person: str | None = None, recorded: bool = True) -> Callable[..., Any]:
    """Return the dependency that gives an endpoint its `Query`, for callers who may take the action.

    `recorded` is false where the endpoint is a command's, which reads for itself and tells nobody.
    `person` names the parameter of the path that holds the person whose the record is, where their own may be a relation to it.
    """

    async def read(request: Request, response: Response, _token: Annotated[object, Security(BEARER)]) -> Query:
        caller = await admitted(request, action, recorded=recorded)
        web = web_of(request)
        if web.commands is None:
            raise RuntimeError("the application was created without commands")
        reach = reaching(web, caller, action, person_in(request, person))
        return Query(caller, reach, web.commands, response, web, disclosure_of(request))

    return read


class Page(BaseModel, Generic[Item]):
    """One page of a list; without `next_cursor` it is the last."""

    items: list[Item]
    next_cursor: Annotated[str | None, Field(description="send as `cursor` to read on; absent on the last page")] = None


def _bigint(number: int) -> int:
    if not -(2**63) <= number < 2**63:
        raise ValueError("beyond what a store counts to")
    return number


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a moment without its offset")
    return moment.astimezone(UTC)


_PARTS: Mapping[type, tuple[type, Callable[[Any], object]]] = {
    int: (int, _bigint),
    UUID: (str, UUID),
    date: (str, date.fromisoformat),
    datetime: (str, _instant),
}
"""How a part of a key is written in a cursor, and what reads it; raises ValueError or OverflowError for what is none."""


def cursor_of(*key: str | int | UUID | date) -> str:
    """Return the opaque cursor for the row with this key, the last of a page; a part may be written out already."""
    return urlsafe_b64encode(json.dumps(key, default=str).encode()).rstrip(b"=").decode()


def following(rows: Sequence[Row], limit: int, key: Callable[[Row], tuple[int | UUID | date, ...]]) -> str | None:
    """Return the cursor after a page of at most `limit` rows, of whose last `key` tells; None where it was not full, and so the last."""
    return cursor_of(*key(rows[-1])) if len(rows) == limit else None


def key_of(cursor: str, *types: type[int | UUID | date]) -> tuple[Any, ...]:
    """Return the key in a cursor, whose parts are of these types; raises the `validation` problem for one that is not ours."""
    try:
        key = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if isinstance(key, list) and [type(part) for part in key] == [_PARTS[of][0] for of in types]:
            return tuple(_PARTS[of][1](part) for of, part in zip(types, key, strict=True))
    except (ValueError, OverflowError, NotBase64):
        pass
    raise invalid_fields({"query.cursor": "the next_cursor of an earlier page"})
