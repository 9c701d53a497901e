"""Commands over HTTP: the headers they need, their execution as one set of steps, and the receipt they are answered with."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import Header, Request, Response, Security
from pydantic import BaseModel

from contracts.envelope import ClockKind, timestamp
from contracts.personal import EVERY
from services._runtime.access.permission import changeable
from services._runtime.clock import day_of
from services._runtime.decider import Context
from services._runtime.ids import derived_id
from services._runtime.store import port
from services._runtime.web.callers import BEARER, admitted, permitting, permitting_beside, person_in
from services._runtime.web.disclosing import disclosure_of
from services._runtime.web.identity import stepped_up
from services._runtime.web.parts import correlation_of, web_of
from services._runtime.web.problems import Problem
from services._runtime.web.unseen import as_told
from services._runtime.web.validation import invalid_fields

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from contracts.personal import DataClass
    from services._runtime.access.permission import Beside, May
    from services._runtime.clock import Clock
    from services._runtime.decider import Decider, Placement
    from services._runtime.handling import Commands, Outcome, Receipt, Step
    from services._runtime.opening import Opened
    from services._runtime.web.bodies import CommandBody
    from services._runtime.web.disclosing import Disclosure
    from services._runtime.web.identity import Caller

    Where = Callable[[Sequence[port.StreamEvent]], bool]

S = TypeVar("S")

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_ETAG = re.compile(r'"([1-9]\d{0,17})"')

Needs = Literal["version", "nothing", "either"]


class StoredEvent(BaseModel):
    """One stored event: its digest is the receipt by which it can be proved later."""

    id: UUID
    type: str
    version: int
    recorded_at: str
    digest: str


class StreamReceipt(BaseModel):
    """What was stored in one stream, and its version now."""

    stream: str
    version: int
    events: list[StoredEvent]


class ReceiptBody(StreamReceipt):
    """The answer to a command: its own stream, and the others that the same command wrote to."""

    related: list[StreamReceipt] = []


@dataclass(frozen=True, slots=True)
class Call:
    """One command as it came: who calls, when it is, the version they decided on (0: a new record)."""

    caller: Caller
    now: datetime
    correlation: UUID
    request: port.Request
    expected_version: int
    _needs: Needs
    _may: May
    _beside: Beside | None
    _commands: Commands
    _response: Response
    _secret: bytes
    _clock: Clock
    _action: str
    _disclosure: Disclosure

    def day(self, body: CommandBody) -> date:
        """Return the day on which the fact happened; raises the `validation` problem for a future one."""
        return day_told(body, self.now)

    async def execute(self, body: CommandBody, *steps: Step, told: Collection[str] | None = None) -> ReceiptBody:
        """Carry out the steps at once, on records on which the policies permit it, and answer with the receipt.

        `told` are the types of the events of which the caller is told, where it is not all of their record that they may know.
        Sets ETag to the first step's stream's version, and the status: 201 where that stream is new, else 200.
        """
        try:
            receipt = await self._commands.execute(
                *steps, context=self.context(body), request=self.request, may=self._may, beside=self._beside
            )
        except port.ConcurrencyError as error:
            if self.expected_version == 0 and error.expected == 0:
                raise _exists(error.actual, self._needs) from None
            raise as_told(error, self.caller, self._action, self._disclosure, told) from None
        return self._answer(receipt)

    async def execute_part(self, body: CommandBody, part: UUID, step: Step) -> Receipt:
        """Carry out one part of what a caller asks for at once: by itself, under a key of its own that follows from the caller's.

        Whoever repeats the whole finds what was done and goes on where it ended; `body` is what this part says, and must be the same again.
        Raises as `Commands.execute` does.
        """
        key = str(derived_id("part", self.request.client, self.request.key, part))
        request = port.Request(self.request.client, key, hmac.digest(self._secret, body.model_dump_json().encode(), "sha256"))
        # Many parts take longer than a store lets a command wait: each is decided when its turn comes.
        context = replace(self.context(body), now=self.caller.now or self._clock.now())
        return await self._commands.execute(step, context=context, request=request, may=self._may)

    def id_of(self, part: str) -> UUID:
        """Return the id of what a part makes: the same for the same request and part, and nobody's guess."""
        text = f"{self.request.client}\x1f{self.request.key}\x1f{part}"
        return UUID(bytes=hmac.digest(self._secret, text.encode(), "sha256")[:16], version=4)

    async def read(
        self, decider: Decider[Any, S, Any], aggregate_id: UUID, *, classes: frozenset[DataClass] = EVERY, where: Where | None = None
    ) -> Opened[S]:
        """Return a record on which the caller may take this action, where a command depends on more than its state.

        Of its sealed fields those of `classes` are opened; nothing of what is not as `where` demands, so that no time tells of it.
        """

        async def reach(stored: Sequence[port.StreamEvent]) -> frozenset[DataClass] | None:
            return EVERY if await changeable(stored, self._may, self._beside) and (where is None or where(stored)) else None

        return await self._commands.read(decider, aggregate_id, reach=reach, classes=classes)

    async def placement(self, decider: Decider[Any, Any, Any], aggregate_id: UUID) -> Placement:
        """Return where a record belongs, whosever it is, for a step that follows from the caller's; nothing of it is opened."""
        return decider.place((await self._commands.read(decider, aggregate_id, classes=frozenset())).state)

    def context(self, body: CommandBody) -> Context:
        """Return the context in which the command is decided: the caller's, on the day that the body names."""
        return Context(
            actor=self.caller.sub,
            organisation=self.caller.organisation,
            role=self.caller.role,
            purpose=self.caller.purpose,
            correlation=self.correlation,
            now=self.now,
            occurred_on=self.day(body),
            precision=body.precision,
            clock=ClockKind.SYSTEM if self.caller.now is None else ClockKind.DEMONSTRATION,
        )

    def _answer(self, receipt: Receipt) -> ReceiptBody:
        own, *others = receipt.outcomes
        self._response.headers["ETag"] = f'"{own.version}"'
        self._response.status_code = 200 if own.after else 201
        related = [StreamReceipt(**stored(outcome)) for outcome in others if outcome.events]
        return ReceiptBody(**stored(own), related=related)


def day_told(body: CommandBody, now: datetime) -> date:
    """Return the day on which the fact of a body happened, seen from a moment; raises the `validation` problem for a future one."""
    today = day_of(now)
    if body.occurred_on is not None and body.occurred_on > today:
        raise invalid_fields({"body.occurred_on": "a day that is not in the future"})
    return body.occurred_on or today


_IdempotencyKey = Annotated[str | None, Header(description="1 to 255 visible ASCII characters, new for each command")]
_IfMatch = Annotated[str | None, Header(description='the version the command was decided on, as an ETag such as "3"')]


def command(action: str, *, needs: Needs = "version", step_up: timedelta | None = None, person: str | None = None) -> Callable[..., Any]:
    """Return the dependency that gives an endpoint its `Call`, for callers who may take the action.

    `needs`: "version" demands If-Match; "nothing" is for commands that create a record; "either" for those that create one
    or add to it, where If-Match is needed if the record exists. `step_up`: how lately the caller must have signed in.
    `person` names the parameter of the path that holds the person whose the record is, where their own may be a relation to it.
    """

    async def creating(
        request: Request, response: Response, _token: Annotated[object, Security(BEARER)], idempotency_key: _IdempotencyKey = None
    ) -> Call:
        return await _call(action, request, response, idempotency_key, None, needs, step_up, person)

    async def changing(
        request: Request,
        response: Response,
        _token: Annotated[object, Security(BEARER)],
        idempotency_key: _IdempotencyKey = None,
        if_match: _IfMatch = None,
    ) -> Call:
        return await _call(action, request, response, idempotency_key, if_match, needs, step_up, person)

    return creating if needs == "nothing" else changing


async def _call(
    action: str,
    request: Request,
    response: Response,
    idempotency_key: str | None,
    if_match: str | None,
    needs: Needs,
    step_up: timedelta | None,
    person: str | None,
) -> Call:
    web = web_of(request)
    caller = await admitted(request, action, recorded=False)
    if step_up is not None:
        stepped_up(caller, web.clock.now(), step_up)
    if web.commands is None:
        raise RuntimeError("the application was created without commands")
    key = _checked_key(idempotency_key)
    if if_match is None and needs == "version":
        raise version_missing()
    return Call(
        caller=caller,
        now=caller.now or web.clock.now(),
        correlation=correlation_of(request),
        request=port.Request(caller.sub, key, await _body_hmac(web.secret, request)),
        expected_version=0 if if_match is None else _version(if_match),
        _needs=needs,
        _may=permitting(caller, action, person_in(request, person)),
        _beside=permitting_beside(web, caller, action),
        _commands=web.commands,
        _response=response,
        _secret=web.secret,
        _clock=web.clock,
        _action=action,
        _disclosure=disclosure_of(request),
    )


def version_missing(current: int | None = None) -> Problem:
    """Return the 428 problem."""
    detail = 'Send If-Match: "<version>" with the version you decided on: the ETag of your last read or receipt.'
    return Problem("if-match-missing", detail) if current is None else Problem("if-match-missing", detail, current_version=current)


def _exists(version: int, needs: Needs) -> Problem:
    """Return the problem for a record that the caller took for new."""
    if needs == "either":
        return version_missing(version)
    return Problem("already-exists", "Choose another id, or use the commands for a record that exists.", current_version=version)


def _checked_key(key: str | None) -> str:
    if key is None or not _KEY.fullmatch(key):
        detail = "Send an Idempotency-Key of 1 to 255 visible ASCII characters, new for each command (a UUID is good)."
        raise Problem("idempotency-key-missing", detail)
    return key


def _version(if_match: str) -> int:
    matched = _ETAG.fullmatch(if_match.strip())
    if matched is None:
        raise Problem("header-malformed", 'Send If-Match as one strong ETag, such as "3".')
    return int(matched[1])


async def _body_hmac(secret: bytes, request: Request) -> bytes:
    """Return the HMAC of method, path and body; bodies that differ in spacing or order of members are the same."""
    raw = await request.body()
    try:
        body = json.dumps(json.loads(raw), sort_keys=True, separators=(",", ":"))
    except (ValueError, RecursionError):  # no JSON: its form is refused after this
        body = raw.hex()
    return hmac.digest(secret, f"{request.method}\n{request.url.path}\n{body}".encode(), "sha256")


def stored(outcome: Outcome) -> dict[str, Any]:
    """Return the members of a stream's receipt."""
    events = [stored_event(event) for event in outcome.events]
    return {"stream": outcome.stream_id, "version": outcome.version, "events": events}


def stored_event(event: port.StreamEvent | port.NewEvent) -> StoredEvent:
    """Return what proves that an event is stored."""
    return StoredEvent(
        id=event.recorded.envelope.event_id,
        type=event.recorded.envelope.type,
        version=event.recorded.envelope.stream_version,
        recorded_at=timestamp(event.recorded.envelope.recorded_at),
        digest=event.recorded.digest.hex(),
    )
