"""The comparisons of a record with those of other organisations as a state: who asked, until when, what became of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from contracts.duplicate_comparisons import (
    DuplicateComparisonAgreed,
    DuplicateComparisonDeclined,
    DuplicateComparisonEvent,
    DuplicateComparisonRequested,
)


class JointStatus(StrEnum):
    """Where a comparison stands on a day."""

    REQUESTED = "requested"
    AGREED = "agreed"
    DECLINED = "declined"
    LAPSED = "lapsed"
    OVER = "over"


RUNNING = frozenset({JointStatus.REQUESTED, JointStatus.AGREED})
"""While it waits for its answer, or shows what was agreed to: either organisation may still close it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JointComparison:
    """A comparison as one of both records tells of it. `other` and the reason are None once their key is destroyed."""

    reference: UUID
    organisation: str
    asked_by: str
    other: UUID | None
    lapses_on: date
    declined: bool = False
    declined_because: str | None = None
    shown_until: date | None = None

    def status(self, on: date) -> JointStatus:
        """Return where it stands on a day."""
        return standing(on, lapses_on=self.lapses_on, shown_until=self.shown_until, declined=self.declined)


def standing(on: date, *, lapses_on: date, shown_until: date | None, declined: bool) -> JointStatus:
    """Return where a comparison stands on a day: time ends it without anybody's doing."""
    if declined:
        return JointStatus.DECLINED
    if shown_until is not None:
        return JointStatus.AGREED if on <= shown_until else JointStatus.OVER
    return JointStatus.REQUESTED if on <= lapses_on else JointStatus.LAPSED


def evolve(comparisons: tuple[JointComparison, ...], event: DuplicateComparisonEvent) -> tuple[JointComparison, ...]:
    """Return a record's comparisons after the event: of each reference the last."""
    match event:
        case DuplicateComparisonRequested():
            asked = JointComparison(
                reference=event.reference,
                organisation=event.organisation,
                asked_by=event.asked_by,
                other=event.other,
                lapses_on=event.lapses_on,
            )
            return (*(one for one in comparisons if one.reference != event.reference), asked)
        case DuplicateComparisonAgreed(reference=reference, shown_until=until):
            return tuple(replace(one, shown_until=until) if one.reference == reference else one for one in comparisons)
        case DuplicateComparisonDeclined(reference=reference, reason=reason):
            return tuple(replace(one, declined=True, declined_because=reason) if one.reference == reference else one for one in comparisons)
        case _:
            assert_never(event)
