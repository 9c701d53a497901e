"""From decided events to stored ones: envelope, sealing, digest; and back from stored events to readable ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from contracts.envelope import NO_DIGEST, Envelope, RecordedEvent, digest
from contracts.personal import EVERY
from contracts.upcasters import decode
from services._runtime.ids import new_event_id
from services._runtime.store.port import NewEvent, Reservation
from services._runtime.store.sealing import clear_data, commitment, commitments, open_parts, owners, seal

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from contracts.event import Event
    from contracts.personal import DataClass
    from services._runtime.decider import Context, Placement, Unique
    from services._runtime.store.keyring import Keyring
    from services._runtime.store.port import StreamEvent

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Head:
    """Where a stream ends: what the next event is linked to."""

    stream_id: str
    version: int = 0
    digest: bytes = NO_DIGEST
    recorded_at: datetime | None = None


class Recorder:
    """Turns events into stored bytes and back. The only place where plaintext meets keys."""

    def __init__(self, keyring: Keyring) -> None:
        """Seal and open with the keys of `keyring`."""
        self._keyring = keyring

    async def record(
        self, events: Sequence[Event], head: Head, *, context: Context, placement: Placement, partition_key: str
    ) -> tuple[NewEvent, ...]:
        """Return the events as they will be stored after `head`, each linked to the one before it. Raises `SubjectErased`."""
        keys = await self._keyring.keys(owners(events)) if any(event.personal_fields for event in events) else {}
        recorded: list[NewEvent] = []
        for event in events:
            envelope = _envelope(event, head, context, placement, partition_key)
            parts = seal(event, envelope, keys)
            kept = commitment(commitments(parts))
            data = clear_data(event)
            link = digest(envelope, data, kept)
            recorded.append(NewEvent(RecordedEvent(envelope=envelope, data=data, commitment=kept, digest=link), parts))
            head = Head(head.stream_id, envelope.stream_version, link, envelope.recorded_at)
        return tuple(recorded)

    def reservations(self, stream_id: str, before: Sequence[Unique], after: Sequence[Unique]) -> tuple[Reservation, ...]:
        """Return what a stream reserves, and gives back, between two states."""
        held, wanted = ({one.kind: one.value for one in state} for state in (before, after))
        changed = {kind: wanted.get(kind) for kind in held | wanted if held.get(kind) != wanted.get(kind)}
        return tuple(
            Reservation(kind, None if value is None else self._keyring.blinded(kind, value), stream_id) for kind, value in changed.items()
        )

    async def read(self, stored: Sequence[StreamEvent], classes: Collection[DataClass] = EVERY) -> list[Event]:
        """Return readable events, in their newest version; fields of other classes are None, and those whose key was destroyed."""
        wanted = {key_id for event in stored for key_id, _ in event.sealed}
        keys = await self._keyring.by_id(wanted, classes) if wanted and classes else {}
        return [
            decode(
                event.recorded.envelope.type,
                event.recorded.envelope.schema_version,
                event.recorded.data,
                open_parts(event.recorded.envelope, event.sealed, keys),
            )
            for event in stored
        ]

    async def destroy(self, subject: str) -> frozenset[UUID]:
        """Destroy all keys of somebody, for ever; return the ids of all that they ever had."""
        return await self._keyring.destroy(subject)


def head_of(stream_id: str, stored: Sequence[StreamEvent]) -> Head:
    """Return where a loaded stream ends."""
    if not stored:
        return Head(stream_id)
    last = stored[-1].recorded
    return Head(stream_id, last.envelope.stream_version, last.digest, last.envelope.recorded_at)


def _envelope(event: Event, head: Head, context: Context, placement: Placement, partition_key: str) -> Envelope:
    return Envelope(
        event_id=new_event_id(),
        type=event.type_name,
        schema_version=event.schema_version,
        stream_id=head.stream_id,
        stream_version=head.version + 1,
        programme=getattr(event, "programme", None) or placement.programme,
        actor=context.actor,
        actor_organisation=context.organisation,
        responsible_organisation=placement.responsible_organisation,
        territory=placement.territory,
        municipality=placement.municipality,
        purpose=context.purpose,
        correlation=context.correlation,
        causation=context.causation,
        occurred_on=context.occurred_on,
        precision=context.precision,
        recorded_at=_later_than(context.now, context.caused_at, head.recorded_at),
        clock=context.clock,
        partition_key=partition_key,
        previous_digest=head.digest,
    )


def _later_than(now: datetime, *others: datetime | None) -> datetime:
    """Return `now`, or an instant after the latest of the others: an effect is never recorded before its cause."""
    return max([now, *(other + _INSTANT for other in others if other is not None)])
