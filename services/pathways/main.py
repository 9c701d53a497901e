"""The pathways service, put together: what its host runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services._runtime.hosting.host import host
from services._runtime.hosting.service import Service
from services._runtime.web.examples import examples_beside
from services.pathways.adapters.activities_in import activity_router
from services.pathways.adapters.budget_in import budget_router
from services.pathways.adapters.concerns_in import concern_router
from services.pathways.adapters.confirming_in import confirming_router
from services.pathways.adapters.holiday_files import read_working_days
from services.pathways.adapters.http_in import command_router
from services.pathways.adapters.http_reads import read_router
from services.pathways.adapters.language_files import read_languages
from services.pathways.adapters.methodologies_in import methodology_router
from services.pathways.adapters.methodology_files import read_governance, read_methodologies
from services.pathways.adapters.plan_in import plan_router
from services.pathways.adapters.support_in import support_router
from services.pathways.adapters.teams_in import team_router
from services.pathways.app.activities import activity_decider
from services.pathways.app.decider import pathway_decider
from services.pathways.app.methodologies import versions_in_use
from services.pathways.app.process_managers import process_manager
from services.pathways.app.teams import joined
from services.pathways.app.timers import timer_handlers, timetable
from services.pathways.projections.activity_list import ACTIVITY_LIST
from services.pathways.projections.budget_lines import BUDGET_LINES
from services.pathways.projections.pathway_list import PATHWAY_LIST
from services.pathways.projections.team_memberships import TEAM_MEMBERSHIPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import APIRouter

    from services._runtime.hosting.parts import Parts
    from services._runtime.projecting.port import Answers
    from services.pathways.app.decider import PathwayDecider
    from services.pathways.domain.methodology import Methodologies


MODELS = (PATHWAY_LIST, TEAM_MEMBERSHIPS, ACTIVITY_LIST, BUDGET_LINES)
"""The service's own lists."""


def pathways_routers(pathways: PathwayDecider, methodologies: Methodologies, answers: Answers) -> Sequence[APIRouter]:
    """Return the endpoints of the service."""
    activities = activity_decider(methodologies)
    return (
        command_router(pathways),
        support_router(pathways, activities),
        concern_router(pathways),
        confirming_router(pathways, read_working_days()),
        team_router(pathways, methodologies),
        activity_router(activities, answers),
        budget_router(answers),
        methodology_router(methodologies, read_governance()),
        read_router(pathways, answers, methodologies),
        plan_router(pathways, methodologies, read_languages(methodologies)),
    )


def pathways_service() -> Service:
    """Return the service; reads the methodology's files and stops where a version does not hold together."""
    methodologies, governance = read_methodologies(), read_governance()
    pathways = pathway_decider(methodologies)

    def routers(parts: Parts) -> Sequence[APIRouter]:
        return pathways_routers(pathways, methodologies, parts.answers)

    return Service(
        name="pathways",
        summary="Inclusion paths: assessments, plans, milestones, support; and the shared methodology.",
        routers=routers,
        timetable=timetable,
        timers=timer_handlers(pathways),
        process_manager=process_manager(pathways, versions_in_use(methodologies, governance)),
        models=MODELS,
        joined=joined,
        examples=examples_beside(__file__),
    )


if __name__ == "__main__":
    host(pathways_service())
