"""Safeguarding concerns: raised, followed up, closed; also while a pathway rests, for fear does not.

An exit is not held back by an open concern: it has happened, and a refusal would leave a pathway open for somebody who has gone. So the
concern is handed over, as a fact of its own before the closing, instead of ending in silence.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias, assert_never

from contracts.safeguarding import ConcernClosed, ConcernHandedOver, ConcernRaised
from services.pathways.domain.course import ConcernStatus
from services.pathways.domain.refusals import ConcernClosedAlready, NotRecorded

if TYPE_CHECKING:
    from uuid import UUID

    from contracts.safeguarding import ConcernKind, ConcernOutcome
    from services.pathways.domain.course import Course


@dataclass(frozen=True, slots=True, kw_only=True)
class RaiseConcern:
    """Raise a safeguarding concern."""

    concern_id: UUID
    kind: ConcernKind
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseConcern:
    """Close a concern that was followed up."""

    concern_id: UUID
    outcome: ConcernOutcome
    notes: str | None = None


Safeguarding: TypeAlias = RaiseConcern | CloseConcern
Safeguarded: TypeAlias = ConcernRaised | ConcernClosed | ConcernHandedOver


def decide_concern(command: Safeguarding, course: Course) -> list[Safeguarded]:
    """Return the concern as it is raised or closed."""
    key = command.concern_id
    match command:
        case RaiseConcern():
            course.check_new(key)
            return [ConcernRaised(**course.of, concern_id=key, kind=command.kind, description=command.description)]
        case CloseConcern():
            if key not in course.concerns:
                raise NotRecorded("concern")
            if course.concerns[key] != "open":
                raise ConcernClosedAlready
            return [ConcernClosed(**course.of, concern_id=key, outcome=command.outcome, notes=command.notes)]
        case _:
            assert_never(command)


def hand_over_concerns(course: Course) -> list[Safeguarded]:
    """Return the handing over of every concern that stands open, for a pathway that closes."""
    return [ConcernHandedOver(**course.of, concern_id=key) for key, status in course.concerns.items() if status == "open"]


def evolve_concerns(course: Course, event: Safeguarded) -> Course:
    """Return the course with the concern as it stands now."""
    status: ConcernStatus
    match event:
        case ConcernRaised():
            status = "open"
        case ConcernClosed():
            status = "closed"
        case ConcernHandedOver():
            status = "handed-over"
        case _:
            assert_never(event)
    return replace(course, ids=course.ids | {event.concern_id}, concerns={**course.concerns, event.concern_id: status})
