"""What a person does about parked records: retries one, and with it what waited behind it, or takes one away. Both are recorded.

Whatever dies in between, the same again ends it: the inbox knows what was handled, the record's stream what was decided, and a
record is taken away last.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import structlog

from contracts.cloudevents import NotOurs
from contracts.errors import Refusal, Unknown
from contracts.operations_codes import RetryOutcome
from services._runtime.errors import Retryable
from services._runtime.handling import Outcome, Step
from services._runtime.messaging.delivering import Failed, Handled, Refused
from services._runtime.messaging.parked_record import PARKED_RECORD, Note, Settled, discarded, retried
from services._runtime.messaging.parking import WAITS, BeingTended, line_of
from services._runtime.messaging.transient import is_transient
from services._runtime.outcomes import KeyReused
from services._runtime.store.port import AlreadyHandled, InboxEntry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from contracts.operations import AnyDiscarded, AnyRetried
    from contracts.operations_codes import DiscardReason, RetryReason
    from services._runtime.decider import Context
    from services._runtime.handling import Commands
    from services._runtime.messaging.delivering import Delivery, Reacted
    from services._runtime.messaging.parking import Kept, Line, Parking
    from services._runtime.store.port import Request

log = structlog.get_logger(__name__)

_STREAMS = f"{PARKED_RECORD.category}-"

DISCARDED = "discarded"
"""What the inbox says of an event that was taken away: handled, without any effect."""


class WaitsItsTurn(Refusal):
    """An earlier event of its line is parked."""

    code = "parked-behind-another"


class NotRetryable(Refusal):
    """Nobody here could handle the record."""

    code = "parked-not-retryable"


class HandledAlready(Refusal):
    """The event has its effect: there is nothing to discard."""

    code = "parked-already-handled"


@dataclass(frozen=True, slots=True)
class Tended:
    """What was recorded about a parked record, and where; and what of its line is parked now, None where none of it is."""

    event: AnyRetried | AnyDiscarded
    outcome: Outcome
    front: Kept | None


class Tending:
    """The way of one service's parked records out."""

    def __init__(self, service: str, parking: Parking, commands: Commands, delivery: Delivery | None) -> None:
        """Record into the store of `service`; `delivery` is that of its process manager, with little patience."""
        self._service = service
        self._parking = parking
        self._commands = commands
        self._delivery = delivery

    async def retry(self, parked_id: int, reason: RetryReason, *, context: Context, request: Request) -> Tended:
        """React to a parked event again; where it is handled or refused now, go on in its line until one fails.

        Raises `Unknown`, `WaitsItsTurn`, `NotRetryable`, `BeingTended`, `Retryable`. A repeated request returns what it did before.
        """
        if (repeated := await self._repeated(parked_id, request, context)) is not None:
            return repeated
        async with self._held(parked_id) as kept:
            if kept.front != parked_id:
                raise WaitsItsTurn(f"it waits behind {kept.front}, an earlier event of its line: retry that one")
            reacted = await self._react(kept)
            noted = await self._note(kept, _retried(self._service, kept, reason, reacted), context, request)
            if isinstance(reacted, Failed):
                await self._fails(kept, reacted)
            else:
                await self._take_away(kept)
        return await self._told(noted, kept.line)

    async def discard(self, parked_id: int, reason: DiscardReason, *, context: Context, request: Request) -> Tended:
        """Take a record away for good: its event counts as handled. Where it held others back, go on in its line until one fails.

        Raises `Unknown`, `HandledAlready`, `BeingTended`, `Retryable`. A repeated request returns what it did before.
        """
        if (repeated := await self._repeated(parked_id, request, context)) is not None:
            return repeated
        async with self._held(parked_id) as kept:
            settled = isinstance((await self._commands.read(PARKED_RECORD, kept.record_id)).state, Settled)
            inbox = None if kept.event is None or settled else InboxEntry(kept.consumer, kept.event.event_id, DISCARDED)
            noted = await self._note(kept, discarded(self._service, kept, reason), context, request, inbox)
            await self._take_away(kept)
        return await self._told(noted, kept.line)

    async def run(self, *, pause_s: float = 30.0) -> None:
        """Resume again and again, until cancelled."""
        while True:
            try:
                await self.resume()
            except Exception as error:  # noqa: BLE001 - whatever it is, what was begun must be ended some time
                log.warning("tending.retrying", reason=type(error).__name__)
            await asyncio.sleep(pause_s)

    async def resume(self) -> None:
        """Go on in the lines whose front nothing holds back: whoever retried or discarded there died before they were through."""
        for released in await self._parking.released():
            if not self._takes(released):
                continue
            try:
                async with self._held(released.parked_id) as kept:
                    if kept.reason == WAITS:
                        await self._go_on(kept.line)
            except (BeingTended, Unknown):
                log.info("tending.elsewhere", consumer=released.consumer, parked=released.parked_id)

    async def _repeated(self, parked_id: int, request: Request, context: Context) -> Tended | None:
        """Return what this very request did before, after seeing to it that it is done to the end; None where it is a new one."""
        known = await self._commands.store.known_request(request.client, request.key)
        if known is None:
            return None
        streams = [stream for stream, _, _ in known.outcomes]
        if len(streams) != 1 or not streams[0].startswith(_STREAMS):
            raise KeyReused
        # Nothing is decided any more: this gives the request's outcome, or finds that its body was another one.
        receipt = await self._commands.execute(
            Step(PARKED_RECORD, PARKED_RECORD.aggregate(streams[0]), None), context=context, request=request
        )
        kept = await self._parking.find(parked_id)
        if kept is not None and isinstance((await self._commands.read(PARKED_RECORD, kept.record_id)).state, Settled):
            async with self._parking.tended(kept):
                await self._take_away(kept)
        return await self._told(receipt.outcomes[0], None if kept is None else kept.line)

    @asynccontextmanager
    async def _held(self, parked_id: int) -> AsyncIterator[Kept]:
        """Give a record as it is while nobody else is at work on its line."""
        found = await self._parking.find(parked_id)
        if found is not None:
            async with self._parking.tended(found):
                found = await self._parking.find(parked_id)
                if found is not None:
                    yield found
                    return
        raise Unknown("nothing is parked under this id: list what is, for somebody may have settled it meanwhile")

    async def _react(self, kept: Kept) -> Reacted:
        """Hand the record to its process manager once more."""
        delivery, record = self._delivery, await self._parking.record(kept.parked_id)
        if delivery is None or record is None or not self._takes(kept):
            raise NotRetryable("no process manager takes it, and the journal takes an event only from its source: discard it")
        event = delivery.look(record)
        if isinstance(event, NotOurs):
            if kept.event is None:
                raise NotRetryable(f"it is none of our events ({event}): discard it, and have its sender send it anew")
            return Failed(f"{NotOurs.__module__}.{NotOurs.__qualname__}")
        front = None if kept.event is not None else await self._parking.front(line_of(kept.consumer, event))
        if front is not None and front.parked_id < kept.parked_id:
            raise WaitsItsTurn(f"it is an event of ours now, and waits behind {front.parked_id}: retry that one first")
        try:
            return await delivery.handle(event)
        except Exception as error:
            if not is_transient(error):
                raise
            raise Retryable(f"the reaction could not be carried out ({type(error).__name__})") from error

    def _takes(self, kept: Kept) -> bool:
        return self._delivery is not None and kept.consumer == self._delivery.manager.name

    async def _note(
        self, kept: Kept, event: AnyRetried | AnyDiscarded, context: Context, request: Request, inbox: InboxEntry | None = None
    ) -> Outcome:
        try:
            step = Step(PARKED_RECORD, kept.record_id, Note(event))
            return (await self._commands.execute(step, context=context, request=request, inbox=inbox)).outcomes[0]
        except AlreadyHandled:
            raise HandledAlready("the event was handled meanwhile: retry it, which finds that out and takes it away") from None

    async def _take_away(self, kept: Kept) -> None:
        """Take a settled record away; where it held its line back, go on there."""
        await self._parking.release(kept)
        if kept.front == kept.parked_id:
            await self._go_on(kept.line)

    async def _go_on(self, line: Line | None) -> None:
        """Handle what is parked of a line, in order, until nothing is or one fails. More may be parked behind all the while."""
        while line is not None and (kept := await self._parking.front(line)) is not None:
            outcome = await self._react(kept)
            if isinstance(outcome, Failed):
                await self._fails(kept, outcome)
                return
            await self._parking.release(kept)

    async def _fails(self, kept: Kept, outcome: Failed) -> None:
        await self._parking.keep(kept.parked_id, outcome.kind)
        log.error("consumer.parked", consumer=kept.consumer, parked=kept.parked_id, reason=outcome.kind)

    async def _told(self, noted: Outcome, line: Line | None) -> Tended:
        """Return the event that a request led to; one that found the record settled led to the last."""
        opened = await self._commands.read(PARKED_RECORD, PARKED_RECORD.aggregate(noted.stream_id))
        event = cast("AnyRetried | AnyDiscarded", opened.events[noted.version - 1])
        outcome = Outcome(noted.stream_id, noted.version - 1, noted.version, (opened.stored[noted.version - 1],))
        return Tended(event, outcome, None if line is None else await self._parking.front(line))


def _retried(service: str, kept: Kept, reason: RetryReason, reacted: Reacted) -> AnyRetried:
    match reacted:
        case Handled():
            return retried(service, kept, reason, RetryOutcome.HANDLED)
        case Refused():
            return retried(service, kept, reason, RetryOutcome.REFUSED, reacted.code)
        case Failed():
            return retried(service, kept, reason, RetryOutcome.STILL_FAILING, reacted.kind)
