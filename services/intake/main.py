"""The intake service, put together: what its host runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services._runtime.hosting.host import host
from services._runtime.hosting.service import Service, own_feed
from services._runtime.store.recording import Recorder
from services.intake.adapters.emergency_in import emergencies, emergency_list
from services.intake.adapters.erasure_in import router as erasure_router
from services.intake.adapters.http_in import router
from services.intake.adapters.reads_in import lists, records
from services.intake.adapters.referrals_in import referral_list, referrals
from services.intake.adapters.search_in import searches
from services.intake.app.deciders import PERSON
from services.intake.app.parties import joined
from services.intake.app.process_managers import PROCESS_MANAGERS
from services.intake.app.timers import TIMERS, timetable
from services.intake.projections.caseload import CASELOAD
from services.intake.projections.emergencies import EMERGENCIES
from services.intake.projections.names import NameFollower
from services.intake.projections.names_postgres import FencedNames, PostgresNames
from services.intake.projections.referrals import REFERRALS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from asyncpg import Pool
    from fastapi import APIRouter

    from services._runtime.hosting.parts import Parts
    from services._runtime.hosting.service import Work
    from services._runtime.store.destroying import Purge
    from services._runtime.store.postgres import PostgresEventStore


def intake_service() -> Service:
    """Return the service: commands and reads over HTTP, lists of its own, a search by name, what falls due; its part in erasures."""
    return Service(
        name="intake",
        summary="Intake: referrals, privacy notices, enrolments, protection, admissions, exits; households; emergency access.",
        routers=_routers,
        timetable=timetable,
        timers=TIMERS,
        process_manager=PROCESS_MANAGERS,
        models=(CASELOAD, EMERGENCIES, REFERRALS),
        joined=joined,
        follow=_names,
        purging=_purging,
    )


def _routers(parts: Parts) -> Sequence[APIRouter]:
    names = FencedNames(parts.fence)
    opened = (records, lists(parts.answers), searches(names), emergencies, emergency_list(parts.answers))
    return router, erasure_router, *opened, referrals, referral_list(parts.answers)


def _names(parts: Parts) -> Work:
    return NameFollower(PostgresNames(parts.pool), own_feed(parts), parts.store, Recorder(parts.keyring)).run


def _purging(store: PostgresEventStore, pool: Pool) -> Purge:
    """Return what takes out somebody's name from the search and gives back the codice fiscale that is reserved for them."""
    names = PostgresNames(pool)

    async def purge(subject_id: UUID) -> None:
        await names.forget(subject_id)
        await store.release(PERSON.stream(subject_id))

    return purge


if __name__ == "__main__":
    host(intake_service())
