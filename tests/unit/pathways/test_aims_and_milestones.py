"""Goals, actions and milestones, and what of them is sealed."""

from __future__ import annotations

from dataclasses import replace

from contracts.pathway_values import Reserved
from contracts.pathways import ActionDone, ActionPlanned, GoalDropped, GoalSet, MilestoneReached, MilestoneRetracted
from services.pathways.domain.commands import CompleteAction, DropGoal, PlanAction, ReachMilestone, RetractMilestone, SetGoal
from services.pathways.domain.pathway import Open, PathwayEvent
from services.pathways.domain.refusals import AlreadyRecorded, MilestoneHeld, NotInMethodology, NotRecorded
from tests.unit.pathways.cases import CERTIFICATE, IDS, OPEN, PATHWAYS, an_id, history

GOAL = SetGoal(goal_id=an_id("goal"), area="work", description="a job in a bakery")
HEALTH_GOAL = SetGoal(goal_id=an_id("health goal"), area="health", description="to walk without pain")
ACTION = PlanAction(action_id=an_id("action"), goal_id=an_id("goal"), responsible="tutor", description="visit two bakeries")
A2 = ReachMilestone(milestone_id=an_id("a2"), milestone="italian-a2", evidence=CERTIFICATE)
DOCTOR = ReachMilestone(milestone_id=an_id("doctor"), milestone="general-practitioner-chosen", evidence=CERTIFICATE)
RETRACT = RetractMilestone(milestone_id=an_id("a2"), reason_code="entered-by-mistake", reason="it was A1")
OPENED = history(OPEN)


def test_a_goal_belongs_to_an_area_of_the_methodology() -> None:
    """Its words are sealed, its area and dimension travel."""
    PATHWAYS(OPENED).when(GOAL).then(
        [GoalSet(**IDS, goal_id=an_id("goal"), dimension="socio-economic", area="work", description="a job in a bakery")]
    )
    PATHWAYS(OPENED).when(replace(GOAL, area="luck")).refused(NotInMethodology)
    PATHWAYS(history(OPEN, GOAL)).when(GOAL).refused(AlreadyRecorded)


def test_a_goal_of_a_sensitive_area_travels_without_area_and_words() -> None:
    """I6: only the dimension stays clear; area and words are in one sealed field."""
    PATHWAYS(OPENED).when(HEALTH_GOAL).then(
        [
            GoalSet(
                **IDS,
                goal_id=an_id("health goal"),
                dimension="socio-relational",
                area=None,
                reserved=Reserved(area="health", text="to walk without pain"),
            )
        ]
    )


def test_a_goal_is_dropped_once() -> None:
    """Only a goal that stands can be dropped."""
    drop = DropGoal(goal_id=an_id("goal"), reason="he prefers the garage")
    PATHWAYS(history(OPEN, GOAL)).when(drop).then([GoalDropped(**IDS, goal_id=an_id("goal"), reason="he prefers the garage")])
    PATHWAYS(history(OPEN, GOAL, drop)).when(drop).refused(NotRecorded)
    refusal = PATHWAYS(OPENED).when(drop).refused(NotRecorded)
    assert str(an_id("goal")) not in str(refusal)
    PATHWAYS(history(OPEN, GOAL, drop)).when(ACTION).refused(NotRecorded)


def test_an_action_serves_a_goal_and_is_done_once() -> None:
    """No action without its goal."""
    PATHWAYS(OPENED).when(ACTION).refused(NotRecorded)
    PATHWAYS(history(OPEN, GOAL)).when(ACTION).then(
        [
            ActionPlanned(
                **IDS,
                action_id=an_id("action"),
                goal_id=an_id("goal"),
                responsible="tutor",
                due_on=None,
                description="visit two bakeries",
            )
        ]
    )
    done = CompleteAction(action_id=an_id("action"), notes="one offered a trial")
    events = history(OPEN, GOAL, ACTION)
    PATHWAYS(events).when(ACTION).refused(AlreadyRecorded)
    PATHWAYS(events).when(done).then([ActionDone(**IDS, action_id=an_id("action"), notes="one offered a trial")])
    PATHWAYS(history(OPEN, GOAL, ACTION, done)).when(done).refused(NotRecorded)
    PATHWAYS(OPENED).when(done).refused(NotRecorded)


def test_an_action_towards_a_sensitive_goal_is_sealed_like_it() -> None:
    """I6: words about health are sealed under health, also where the goal's area cannot be opened any more."""
    action = replace(ACTION, goal_id=an_id("health goal"))
    events = history(OPEN, HEALTH_GOAL)
    for goal_set, area in ((events, "health"), (_erased(events), "sealed")):
        (planned,) = PATHWAYS(goal_set).when(action).then_types(ActionPlanned)
        assert isinstance(planned, ActionPlanned)
        assert planned.description is None
        assert planned.reserved == Reserved(area=area, text="visit two bakeries")


def test_a_milestone_comes_from_the_catalogue_with_its_evidence() -> None:
    """Its area and dimension are the catalogue's."""
    PATHWAYS(OPENED).when(A2).then(
        [
            MilestoneReached(
                **IDS,
                milestone_id=an_id("a2"),
                dimension="socio-economic",
                area="language",
                milestone="italian-a2",
                evidence=CERTIFICATE,
            )
        ]
    )
    PATHWAYS(OPENED).when(replace(A2, milestone="italian-z9")).refused(NotInMethodology)


def test_a_milestone_of_a_sensitive_area_travels_without_area_and_code() -> None:
    """I6: that a doctor was chosen is nobody's business on the wire."""
    PATHWAYS(OPENED).when(DOCTOR).then(
        [
            MilestoneReached(
                **IDS,
                milestone_id=an_id("doctor"),
                dimension="socio-relational",
                area=None,
                milestone=None,
                evidence=CERTIFICATE,
                reserved=Reserved(area="health", code="general-practitioner-chosen"),
            )
        ]
    )


def test_a_milestone_is_held_once_sensitive_or_not() -> None:
    """The same milestone is not reached twice while it stands."""
    for reached in (A2, DOCTOR):
        again = replace(reached, milestone_id=an_id("again"))
        PATHWAYS(history(OPEN, reached)).when(again).refused(MilestoneHeld)
        PATHWAYS(history(OPEN, reached)).when(reached).refused(AlreadyRecorded)


def test_a_retracted_milestone_can_be_reached_again() -> None:
    """It is retracted, never edited; a new record takes its place."""
    PATHWAYS(history(OPEN, A2)).when(RETRACT).then(
        [MilestoneRetracted(**IDS, milestone_id=an_id("a2"), reason_code="entered-by-mistake", reason="it was A1")]
    )
    events = history(OPEN, A2, RETRACT)
    PATHWAYS(events).when(RETRACT).refused(NotRecorded)
    PATHWAYS(events).when(A2).refused(AlreadyRecorded)
    PATHWAYS(events).when(replace(A2, milestone_id=an_id("again"))).then_types(MilestoneReached)
    PATHWAYS(OPENED).when(RETRACT).refused(NotRecorded)


def test_a_pathway_whose_sealed_fields_were_erased_is_still_read() -> None:
    """I7: without the person's keys the history folds all the same; what was sealed is unknown."""
    state = PATHWAYS(_erased(history(OPEN, HEALTH_GOAL, DOCTOR, A2))).state()
    assert isinstance(state, Open)
    assert [held.code for held in state.course.held.values()] == [None, "italian-a2"]
    assert [goal.area for goal in state.course.goals.values()] == [None]


def _erased(events: list[PathwayEvent]) -> list[PathwayEvent]:
    return [event.model_copy(update=dict.fromkeys(event.personal_fields)) for event in events]
