"""What waits for a person, over HTTP: the same endpoints in every service, for administrators. Nobody sees a record's value."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import fastapi
from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from contracts.envelope import timestamp
from contracts.errors import Unknown
from contracts.operations import Retried
from contracts.operations_codes import DiscardReason, RetryReason
from services._runtime.web.bodies import Body, CommandBody
from services._runtime.web.callers import allow
from services._runtime.web.commands import Call, ReceiptBody, command, stored
from services._runtime.web.queries import Cursor, Limit, Page, cursor_of, key_of

if TYPE_CHECKING:
    from services._runtime.messaging.parking import Kept, Parking
    from services._runtime.messaging.records import Record
    from services._runtime.messaging.tending import Tended, Tending

_HEADERS_SHOWN = 64
_NAME_SHOWN = 128

ParkedId = Annotated[int, fastapi.Path(ge=1, le=2**63 - 1, description="the number under which it is parked in this service")]


class ParkedItem(BaseModel):
    """A parked record: where it lay, why it waits, which event it carries if it is one of ours."""

    id: int
    consumer: str
    reason: Annotated[str, Field(description="the error's kind, why it is none of our events, or that it waits for its turn")]
    parked_at: str
    topic: str
    partition: int
    offset: int
    event_id: UUID | None = None
    event_type: str | None = None
    source: str | None = None
    generation: int | None = None
    feed_position: int | None = None
    front: Annotated[int, Field(description="the record of its line that holds back the others; its own id where that is this one")]
    waiting_behind: Annotated[int, Field(description="events of its line that came after it and are parked, too")]


class ParkedDetail(ParkedItem):
    """A parked record with what can be told of its form: names and sizes in bytes, never a value."""

    key_bytes: int | None
    value_bytes: int | None
    headers: Annotated[list[str], Field(description=f"names, in their order; at most {_HEADERS_SHOWN}, each cut to {_NAME_SHOWN}")]


class RetryBody(Body):
    """Why it is worth trying again."""

    reason: RetryReason


class DiscardBody(Body):
    """Why it can go."""

    reason: DiscardReason


class TendedBody(ReceiptBody):
    """The receipt, what came of it, and what of its line is parked now."""

    outcome: Annotated[str, Field(description="handled, refused, still-failing or discarded")]
    code: Annotated[str | None, Field(description="the refusal's code, or the error's kind")] = None
    left: Annotated[int, Field(description="how many records of its line are parked now")] = 0
    front: Annotated[int | None, Field(description="the one of them that holds back the others")] = None


def parked_router(parking: Parking, tending: Tending) -> APIRouter:
    """Return the routes under /parked."""
    router = APIRouter(prefix="/parked", tags=["operations"])

    @router.get("", summary="List what is parked", dependencies=[Depends(allow("operations.read-parked", recorded=False))])
    async def listing(limit: Limit = 50, cursor: Cursor = None) -> Page[ParkedItem]:
        """List what waits for a person, in the order in which it was parked."""
        after = key_of(cursor, int)[0] if cursor is not None else 0
        found = await parking.page(after=after, limit=limit + 1)
        more = cursor_of(found[limit - 1].parked_id) if len(found) > limit else None
        return Page(items=[ParkedItem(**_described(kept)) for kept in found[:limit]], next_cursor=more)

    @router.get("/{parked_id}", summary="Show a parked record", dependencies=[Depends(allow("operations.read-parked", recorded=False))])
    async def show(parked_id: ParkedId) -> ParkedDetail:
        """Show one parked record, without a value of it."""
        kept, record = await parking.find(parked_id), await parking.record(parked_id)
        if kept is None or record is None:
            raise Unknown("nothing is parked under this id: list what is")
        return ParkedDetail(**_described(kept), **_form(record))

    @router.post("/{parked_id}/retry", summary="Retry a parked event")
    async def retry(
        parked_id: ParkedId, body: RetryBody, call: Annotated[Call, Depends(command("operations.retry-parked", needs="nothing"))]
    ) -> TendedBody:
        """React to a parked event again; then to those that waited behind it, in order, until one fails."""
        return _answer(await tending.retry(parked_id, body.reason, context=call.context(CommandBody()), request=call.request))

    @router.post("/{parked_id}/discard", summary="Discard a parked record")
    async def discard(
        parked_id: ParkedId, body: DiscardBody, call: Annotated[Call, Depends(command("operations.discard-parked", needs="nothing"))]
    ) -> TendedBody:
        """Take a parked record away for good; where it held others back, react to those, in order, until one fails."""
        return _answer(await tending.discard(parked_id, body.reason, context=call.context(CommandBody()), request=call.request))

    return router


def _described(kept: Kept) -> dict[str, int | str | UUID | datetime | None]:
    event = kept.event
    return {
        "id": kept.parked_id,
        "consumer": kept.consumer,
        "reason": kept.reason,
        "parked_at": timestamp(kept.parked_at),
        "topic": kept.topic,
        "partition": kept.partition,
        "offset": kept.offset,
        "event_id": None if event is None else event.event_id,
        "event_type": None if event is None else event.type,
        "source": None if event is None else event.source,
        "generation": None if event is None else event.generation,
        "feed_position": None if event is None else event.feed_position,
        "front": kept.front,
        "waiting_behind": kept.behind,
    }


def _form(record: Record) -> dict[str, int | list[str] | None]:
    return {
        "key_bytes": None if record.key is None else len(record.key),
        "value_bytes": None if record.value is None else len(record.value),
        "headers": [name[:_NAME_SHOWN] for name, _ in record.headers[:_HEADERS_SHOWN]],
    }


def _answer(tended: Tended) -> TendedBody:
    event, front = tended.event, tended.front
    return TendedBody(
        **stored(tended.outcome),
        outcome=event.outcome.value if isinstance(event, Retried) else "discarded",
        code=(event.refusal or event.failure) if isinstance(event, Retried) else None,
        left=0 if front is None else front.behind + 1,
        front=None if front is None else front.parked_id,
    )
