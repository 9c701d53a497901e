"""What people decide about one parked record, as a stream of the service that parked it: tried again, tried again, taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contracts.operations import DISCARDED, RETRIED, AnyDiscarded, AnyRetried, Retried
from contracts.operations_codes import DiscardReason, RetryOutcome, RetryReason
from services._runtime.decider import Decider, Placement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services._runtime.messaging.parking import Kept


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nobody has decided about it, or every try failed."""


@dataclass(frozen=True, slots=True)
class Settled:
    """It was handled, refused or discarded. It may still be parked where whoever settled it died before taking it away."""


@dataclass(frozen=True, slots=True)
class Note:
    """Record what was decided, and what came of it."""

    event: AnyRetried | AnyDiscarded


State = Waiting | Settled


def decide(command: Note, state: State) -> Sequence[AnyRetried | AnyDiscarded]:
    """Return what to record: nothing where it was settled before, so that an interrupted command that is repeated says it once."""
    return [command.event] if isinstance(state, Waiting) else []


def evolve(_state: State, event: AnyRetried | AnyDiscarded) -> State:
    """Settle, unless it was a try that failed."""
    failing = isinstance(event, Retried) and event.outcome is RetryOutcome.STILL_FAILING
    return Waiting() if failing else Settled()


PARKED_RECORD: Decider[Note, State, AnyRetried | AnyDiscarded] = Decider(
    category="parked",
    initial=Waiting(),
    decide=decide,
    evolve=evolve,
    place=lambda _state: Placement(),
    partition=lambda _state: None,
)
"""It belongs to no person, no organisation and no province: its events say nothing but which record, and what became of it."""


def retried(service: str, kept: Kept, reason: RetryReason, outcome: RetryOutcome, code: str | None = None) -> AnyRetried:
    """Return the event of a new try; `code` is the refusal's or the error's kind."""
    return RETRIED[service](
        **_place(kept),
        reason=reason,
        outcome=outcome,
        refusal=code if outcome is RetryOutcome.REFUSED else None,
        failure=code if outcome is RetryOutcome.STILL_FAILING else None,
    )


def discarded(service: str, kept: Kept, reason: DiscardReason) -> AnyDiscarded:
    """Return the event of a discard."""
    return DISCARDED[service](**_place(kept), reason=reason)


def _place(kept: Kept) -> dict[str, Any]:
    event = kept.event
    return {
        "consumer": kept.consumer,
        "event_id": None if event is None else event.event_id,
        "event_type": None if event is None else event.type,
        "topic": kept.topic,
        "partition": kept.partition,
        "offset": kept.offset,
    }
