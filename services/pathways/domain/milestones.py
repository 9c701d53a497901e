"""Milestones: from the catalogue, with evidence, once each while they stand; retracted, never edited."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, assert_never

from contracts.pathway_values import Reserved
from contracts.pathways import MilestoneReached, MilestoneRetracted
from services.pathways.domain.commands import ReachMilestone, RetractMilestone
from services.pathways.domain.course import Milestone
from services.pathways.domain.refusals import MilestoneHeld, NotRecorded

if TYPE_CHECKING:
    from services.pathways.domain.commands import Mark
    from services.pathways.domain.course import Course
    from services.pathways.domain.methodology import Methodology

Marked: TypeAlias = MilestoneReached | MilestoneRetracted


def decide_mark(command: Mark, course: Course, methodology: Methodology) -> list[Marked]:
    """Return the milestone reached or retracted."""
    match command:
        case ReachMilestone():
            return [_reach(command, course, methodology)]
        case RetractMilestone(milestone_id=milestone_id):
            if milestone_id not in course.held:
                raise NotRecorded("milestone")
            return [MilestoneRetracted(**course.of, milestone_id=milestone_id, reason_code=command.reason_code, reason=command.reason)]
        case _:
            assert_never(command)


def evolve_marked(course: Course, event: Marked) -> Course:
    """Return the course with the milestone held or retracted."""
    key = event.milestone_id
    match event:
        case MilestoneReached():
            code = event.reserved.code if event.reserved else event.milestone
            return replace(course, ids=course.ids | {key}, milestones={**course.milestones, key: Milestone(code)})
        case MilestoneRetracted():
            retracted = replace(course.milestones[key], retracted=True)
            return replace(course, milestones={**course.milestones, key: retracted})
        case _:
            assert_never(event)


def _reach(command: ReachMilestone, course: Course, methodology: Methodology) -> MilestoneReached:
    course.check_new(command.milestone_id)
    milestone = methodology.milestone(command.milestone)
    if any(held.code == milestone.code for held in course.held.values()):
        raise MilestoneHeld
    area = methodology.area(milestone.area)
    return MilestoneReached(
        **course.of,
        milestone_id=command.milestone_id,
        dimension=area.dimension,
        area=None if area.sensitive else area.code,
        milestone=None if area.sensitive else milestone.code,
        evidence=command.evidence,
        reserved=Reserved(area=area.code, code=milestone.code) if area.sensitive else None,
    )
