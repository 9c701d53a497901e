"""All endpoints of the tutors service: commands to tutors, to requests and assignments, matching, their follow-up, records and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.tutors.adapters import assignments_in, erasure_in, follow_up_in, matches_in, supervisors_in, tutors_in
from services.tutors.adapters.matching_in import matching
from services.tutors.adapters.reads_in import lists, records

if TYPE_CHECKING:
    from fastapi import APIRouter

    from services._runtime.projecting.port import Answers


def routers(answers: Answers) -> list[APIRouter]:
    """Return the service's routers; lists are read from `answers`."""
    return [
        tutors_in.router,
        matches_in.router,
        matching(answers),
        assignments_in.router,
        follow_up_in.router,
        supervisors_in.router,
        erasure_in.router,
        records,
        lists(answers),
        supervisors_in.supervision_lists(answers),
    ]
