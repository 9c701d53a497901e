"""The tutors service, put together: what its host runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services._runtime.hosting.host import host
from services._runtime.hosting.service import Service
from services._runtime.web.examples import examples_beside
from services.tutors.adapters import http_in
from services.tutors.app.own_assignments import stands_beside
from services.tutors.app.process_managers import PROCESS_MANAGERS
from services.tutors.app.timers import HANDLERS, timetable
from services.tutors.projections.assignments import ASSIGNMENTS
from services.tutors.projections.register_cuts import FencedCuts
from services.tutors.projections.supervision import SUPERVISED_TUTORS, SUPERVISOR_ABSENCES
from services.tutors.projections.tutor_requests import TUTOR_REQUESTS
from services.tutors.projections.tutors import TUTORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import APIRouter

    from services._runtime.hosting.parts import Parts


def tutors_service() -> Service:
    """Return the service: commands and reads over HTTP, two reactions, timers of approvals, silence and absences, lists."""
    return Service(
        name="tutors",
        summary="Territorial Tutors for Integration: their register, who asks for one, who stands beside whom.",
        routers=_routers,
        timetable=timetable,
        timers=HANDLERS,
        process_manager=PROCESS_MANAGERS,
        models=(TUTORS, TUTOR_REQUESTS, ASSIGNMENTS, SUPERVISED_TUTORS, SUPERVISOR_ABSENCES),
        joined=stands_beside,
        examples=examples_beside(__file__),
    )


def _routers(parts: Parts) -> Sequence[APIRouter]:
    return http_in.routers(parts.answers, FencedCuts(parts.fence))


if __name__ == "__main__":
    host(tutors_service())
