"""Given facts, then rows: what tests of read models are written with, and a source that is a list."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic
from uuid import UUID, uuid5

from contracts.envelope import NO_DIGEST, ClockKind, Envelope, FeedEvent, Precision, RecordedEvent, chain, digest
from services._runtime.projecting.folding import decoded, folded, touched
from services._runtime.projecting.model import Key, ReadModel, Row
from services._runtime.projecting.port import Build

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from contracts.event import Event

FIRST_MOMENT = datetime(2021, 3, 1, 9, tzinfo=UTC)
_NAMES = UUID("00000000-0000-4000-8000-00000000ab1e")


@dataclass(frozen=True, slots=True)
class Happened:
    """An event, and what its envelope says beside the defaults of `happened`."""

    event: Event
    envelope: dict[str, Any] = field(default_factory=dict)


def happened(event: Event, **envelope: Any) -> Happened:  # noqa: ANN401 - any field of the envelope
    """Say that `event` happened; keywords replace fields of its envelope (partition_key, territory, causation, …)."""
    return Happened(event, envelope)


def feed_of(source: str, events: Sequence[Happened | Event]) -> list[FeedEvent]:
    """Return a service's feed of these events: ids, moments a minute apart, digests and chain are made up, and stable."""
    made: list[FeedEvent] = []
    link = NO_DIGEST
    for position, one in enumerate((one if isinstance(one, Happened) else Happened(one) for one in events), start=1):
        recorded = _recorded(source, position, one)
        link = chain(link, 1, position, recorded.digest)
        made.append(FeedEvent(recorded=recorded, source=source, generation=1, feed_position=position, chain=link))
    return made


def _recorded(source: str, position: int, one: Happened) -> RecordedEvent:
    envelope = Envelope(
        event_id=uuid5(_NAMES, f"{source} {position}"),
        type=one.event.type_name,
        schema_version=one.event.schema_version,
        stream_id=f"stream-{uuid5(_NAMES, source)}",
        stream_version=position,
        programme=getattr(one.event, "programme", None),
        actor="worker-1",
        actor_organisation="ciac",
        responsible_organisation="ciac",
        territory="PR",
        municipality=None,
        purpose="care",
        correlation=uuid5(_NAMES, source),
        causation=None,
        occurred_on=date(2021, 3, 1),
        precision=Precision.DAY,
        recorded_at=FIRST_MOMENT + timedelta(minutes=position),
        clock=ClockKind.SYSTEM,
        partition_key=str(getattr(one.event, "beneficiary_id", f"stream-{uuid5(_NAMES, source)}")),
        previous_digest=NO_DIGEST,
    )
    envelope = replace(envelope, **one.envelope)
    clear = one.event.model_copy(update=dict.fromkeys(one.event.personal_fields))
    data = clear.model_dump_json().encode()
    return RecordedEvent(envelope=envelope, data=data, commitment=b"", digest=digest(envelope, data, b""))


class ListSource:
    """A source over a list, which may grow."""

    def __init__(self, events: Sequence[FeedEvent] = ()) -> None:
        """Hold `events` at the positions 1, 2, 3 … in their order."""
        self.events = list(events)
        self.reads = 0

    async def read(self, after: int, limit: int) -> list[tuple[int, FeedEvent]]:
        """See `Source.read`; counts the reads, and lets others have their turn, as a real source does."""
        self.reads += 1
        await asyncio.sleep(0)
        return list(enumerate(self.events, start=1))[after : after + limit]

    async def head(self) -> int:
        """See `Source.head`."""
        return len(self.events)

    async def wakes(self) -> AsyncIterator[None]:
        """Yield once: a test's list does not grow by itself."""
        yield


@dataclass(frozen=True, slots=True)
class Rows(Generic[Row]):
    """The rows that facts led to."""

    rows: dict[Key, Row]

    def row(self, *key: object) -> Row | None:
        """Return the row under a key."""
        return self.rows.get(key)


@dataclass(frozen=True, slots=True)
class Given:
    """A feed, to be folded by a model."""

    events: list[FeedEvent]

    def then(self, model: ReadModel[Row]) -> Rows[Row]:
        """Fold everything through the same code as the runner; a fact that cannot be folded fails the test."""
        batch = decoded(list(enumerate(self.events, start=1)), [model])
        step = folded(model, Build(model.name, 1, model.version, 0, 0, active=True), touched(model, batch), {})
        assert step.stopped is None, step.stopped
        return Rows({model.key_of(row): row for row in step.added})


def given(*events: Happened | Event, source: str = "intake") -> Given:
    """Say what happened: `given(happened(…), …).then(MODEL).row(key)`."""
    return Given(feed_of(source, events))
