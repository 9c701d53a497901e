"""A pathway follows what intake decides of its record: who answers for it, and whether another one goes on in its place.

While another record goes on, nothing new is recorded here. What was begun can be ended: a promise is kept, what was paid comes back, what
lies before the person comes to nothing, what was recorded wrongly is taken back. And what the tutors service tells has happened there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, TypeAlias, assert_never

from contracts.errors import Refusal
from contracts.handing_over import PathwayHandedOver
from contracts.joining import PathwayJoined, PathwayParted
from services.pathways.domain.commands import (
    ClosePathway,
    DeclinePlan,
    DropGoal,
    EndTutorSupport,
    JoinPathway,
    PartPathway,
    ResumePathway,
    RetractMilestone,
    StartTutorSupport,
)
from services.pathways.domain.concerns import CloseConcern
from services.pathways.domain.course import ProposedPlan
from services.pathways.domain.handing_over import HandOver, decide_handing_over, evolve_handed_over
from services.pathways.domain.support_commands import PaySupport, ReturnSupport

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from services.pathways.domain.commands import Following, PathwayCommand
    from services.pathways.domain.course import Course

Followed: TypeAlias = PathwayHandedOver | PathwayJoined | PathwayParted

_STILL_ALLOWED = (
    HandOver,
    JoinPathway,
    PartPathway,
    ClosePathway,
    ResumePathway,
    DeclinePlan,
    DropGoal,
    RetractMilestone,
    PaySupport,
    ReturnSupport,
    StartTutorSupport,
    EndTutorSupport,
    CloseConcern,
)


class RecordedElsewhere(Refusal):
    """The pathway's record was confirmed to be the same person's as another, which goes on in its place."""

    code: ClassVar[str] = "recorded-elsewhere"

    def __init__(self, survivor_id: UUID) -> None:
        """Say where to go."""
        super().__init__(f"this is the same person as {survivor_id}: record it there; or split the two, if they are two persons")


def demand_its_place(command: PathwayCommand, course: Course) -> None:
    """Refuse what is new on a pathway in whose record's place another one goes on."""
    if course.goes_on_under is not None and not isinstance(command, _STILL_ALLOWED):
        raise RecordedElsewhere(course.goes_on_under)


def decide_following(command: Following, course: Course) -> Sequence[Followed]:
    """Return what is followed, or nothing where this or a later decision of its kind has been followed before."""
    match command:
        case HandOver():
            return decide_handing_over(command, course)
        case JoinPathway() | PartPathway() if command.decided <= course.decided:
            return []
        case JoinPathway():
            return [PathwayJoined(**course.of, survivor_id=command.survivor_id, decided=command.decided)]
        case PartPathway():
            return [_parted(command, course)]
        case _:
            assert_never(command)


def evolve_followed(course: Course, event: Followed) -> Course:
    """Return the course as it goes on: under another record nobody is late with a review."""
    match event:
        case PathwayHandedOver():
            return evolve_handed_over(course, event)
        case PathwayJoined(survivor_id=survivor):
            return replace(course, goes_on_under=survivor, decided=event.decided, review_overdue=False)
        case PathwayParted():
            return replace(course, goes_on_under=None, decided=event.decided)
        case _:
            assert_never(event)


def _parted(command: PartPathway, course: Course) -> PathwayParted:
    accepted = course.plan.accepted if isinstance(course.plan, ProposedPlan) else None
    return PathwayParted(
        **course.of,
        survivor_id=command.survivor_id,
        decided=command.decided,
        review_due=course.review_due,
        plan_runs_from=None if accepted is None else accepted.runs_from,
    )
