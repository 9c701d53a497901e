"""The intake service, put together: what its host runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services._runtime.hosting.host import host
from services._runtime.hosting.service import Service
from services.intake.adapters.http_in import router
from services.intake.adapters.reads_in import lists, records
from services.intake.projections.caseload import CASELOAD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import APIRouter

    from services._runtime.hosting.parts import Parts


def intake_service() -> Service:
    """Return the service: commands and reads over HTTP, one list of its own; nothing is consumed and nothing falls due."""
    return Service(
        name="intake",
        summary="Intake: privacy notices, enrolments, protection, admissions to programmes, exits; households.",
        routers=_routers,
        models=(CASELOAD,),
    )


def _routers(parts: Parts) -> Sequence[APIRouter]:
    return router, records, lists(parts.answers)


if __name__ == "__main__":
    host(intake_service())
