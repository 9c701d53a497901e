"""The intake service, put together: what its host runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services._runtime.hosting.host import host
from services._runtime.hosting.service import Service, own_feed
from services._runtime.store.recording import Recorder
from services.intake.adapters.emergency_in import emergencies, emergency_list
from services.intake.adapters.http_in import router
from services.intake.adapters.reads_in import lists, records
from services.intake.adapters.search_in import searches
from services.intake.app.timers import TIMERS, timetable
from services.intake.projections.caseload import CASELOAD
from services.intake.projections.emergencies import EMERGENCIES
from services.intake.projections.names import NameFollower
from services.intake.projections.names_postgres import FencedNames, PostgresNames

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import APIRouter

    from services._runtime.hosting.parts import Parts
    from services._runtime.hosting.service import Work


def intake_service() -> Service:
    """Return the service: commands and reads over HTTP, lists of its own, a search by name, reviews that fall due; nothing is consumed."""
    return Service(
        name="intake",
        summary="Intake: privacy notices, enrolments, protection, admissions to programmes, exits; households; emergency access.",
        routers=_routers,
        timetable=timetable,
        timers=TIMERS,
        models=(CASELOAD, EMERGENCIES),
        follow=_names,
    )


def _routers(parts: Parts) -> Sequence[APIRouter]:
    names = FencedNames(parts.fence)
    return router, records, lists(parts.answers), searches(names), emergencies, emergency_list(parts.answers)


def _names(parts: Parts) -> Work:
    return NameFollower(PostgresNames(parts.pool), own_feed(parts), parts.store, Recorder(parts.keyring)).run


if __name__ == "__main__":
    host(intake_service())
