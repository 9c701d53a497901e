"""What a caller is told of what was recorded since they decided: types and times of events, which tell of persons as a read does."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from services._runtime.access.confidential import tells
from services._runtime.store.port import ConcurrencyError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from services._runtime.store.port import StreamEvent
    from services._runtime.web.disclosing import Disclosure
    from services._runtime.web.identity import Caller


def as_told(
    error: ConcurrencyError, caller: Caller, action: str, disclosure: Disclosure, only: Collection[str] | None = None
) -> ConcurrencyError:
    """Return the conflict as far as the caller is told of it, of events of `only` these types where they are given.

    An answer that tells of a person so is recorded as a read, although it is a command's.
    """
    of = [each for each in error.unseen if tells(caller.role, each.recorded.envelope.type)]
    unseen = [each for each in of if only is None or each.recorded.envelope.type in only]
    for person in _persons(unseen):
        disclosure.begin(caller, action)
        disclosure.ask(person)
    return ConcurrencyError(error.stream_id, error.expected, error.actual, unseen)


def _persons(events: Sequence[StreamEvent]) -> Iterator[UUID]:
    """Yield whom events are about; what is about nobody is kept in order by its stream instead."""
    for event in events:
        try:
            yield UUID(event.recorded.envelope.partition_key)
        except ValueError:
            continue
