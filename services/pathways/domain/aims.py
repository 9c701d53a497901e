"""Goals and the actions towards them. A goal belongs to an area; in a sensitive one its area and words are sealed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, assert_never

from contracts.pathway_values import Reserved
from contracts.pathways import ActionDone, ActionPlanned, GoalDropped, GoalSet
from services.pathways.domain.commands import CompleteAction, DropGoal, PlanAction, SetGoal
from services.pathways.domain.course import Goal
from services.pathways.domain.refusals import NotRecorded

if TYPE_CHECKING:
    from uuid import UUID

    from services.pathways.domain.commands import Aim
    from services.pathways.domain.course import Course
    from services.pathways.domain.methodology import Methodology

Aimed: TypeAlias = GoalSet | GoalDropped | ActionPlanned | ActionDone


def decide_aim(command: Aim, course: Course, methodology: Methodology) -> list[Aimed]:
    """Return the goals and actions that a command leads to."""
    match command:
        case SetGoal():
            course.check_new(command.goal_id)
            return [_set_goal(command, course, methodology)]
        case DropGoal(goal_id=goal_id):
            _standing_goal(course, goal_id)
            return [GoalDropped(**course.of, goal_id=goal_id, reason=command.reason)]
        case PlanAction():
            course.check_new(command.action_id)
            return [_plan_action(command, course, methodology)]
        case CompleteAction(action_id=action_id):
            if course.actions.get(action_id) is not False:
                raise NotRecorded("action to be done")
            return [ActionDone(**course.of, action_id=action_id, notes=command.notes)]
        case _:
            assert_never(command)


def evolve_aimed(course: Course, event: Aimed) -> Course:
    """Return the course with the goal or action as it stands now."""
    match event:
        case GoalSet(goal_id=goal_id):
            area = event.reserved.area if event.reserved else event.area
            return replace(course, ids=course.ids | {goal_id}, goals={**course.goals, goal_id: Goal(area)})
        case GoalDropped(goal_id=goal_id):
            return replace(course, goals={**course.goals, goal_id: replace(course.goals[goal_id], dropped=True)})
        case ActionPlanned(action_id=action_id):
            return replace(course, ids=course.ids | {action_id}, actions={**course.actions, action_id: False})
        case ActionDone(action_id=action_id):
            return replace(course, actions={**course.actions, action_id: True})
        case _:
            assert_never(event)


def _standing_goal(course: Course, goal_id: UUID) -> Goal:
    goal = course.goals.get(goal_id)
    if goal is None or goal.dropped:
        raise NotRecorded("goal")
    return goal


def _set_goal(command: SetGoal, course: Course, methodology: Methodology) -> GoalSet:
    area = methodology.area(command.area)
    if area.sensitive:
        reserved = Reserved(area=area.code, text=command.description)
        return GoalSet(**course.of, goal_id=command.goal_id, dimension=area.dimension, area=None, reserved=reserved)
    return GoalSet(**course.of, goal_id=command.goal_id, dimension=area.dimension, area=area.code, description=command.description)


def _plan_action(command: PlanAction, course: Course, methodology: Methodology) -> ActionPlanned:
    area = _standing_goal(course, command.goal_id).area
    # A goal whose area cannot be opened any more was sensitive: its actions' words are sealed like its own.
    sensitive = area is None or methodology.area(area).sensitive
    return ActionPlanned(
        **course.of,
        action_id=command.action_id,
        goal_id=command.goal_id,
        responsible=command.responsible,
        due_on=command.due_on,
        description=None if sensitive else command.description,
        reserved=Reserved(area=area or "sealed", text=command.description) if sensitive else None,
    )
