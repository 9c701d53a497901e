"""All endpoints of the tutors service: commands to tutors, to requests and assignments, matching, their follow-up, records and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.tutors.adapters import (
    assignments_in,
    erasure_in,
    follow_up_in,
    matches_in,
    reassigning_in,
    supervisors_in,
    tutors_in,
    volunteers_in,
)
from services.tutors.adapters.matching_in import matching
from services.tutors.adapters.reads_in import lists, records
from services.tutors.adapters.register_in import RegisterExtracts, register_router

if TYPE_CHECKING:
    from fastapi import APIRouter

    from services._runtime.projecting.port import Answers
    from services.tutors.projections.register_cuts import RegisterCuts


def routers(answers: Answers, cuts: RegisterCuts) -> list[APIRouter]:
    """Return the service's routers; lists are read from `answers`, extracts of the register are cut by `cuts`."""
    return [
        tutors_in.router,
        matches_in.router,
        matching(answers),
        assignments_in.router,
        reassigning_in.router,
        volunteers_in.router,
        follow_up_in.router,
        supervisors_in.router,
        erasure_in.router,
        records,
        lists(answers),
        supervisors_in.supervision_lists(answers),
        register_router(RegisterExtracts(answers, cuts)),
    ]
