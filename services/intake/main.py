"""The intake service, put together: what its host runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from services._runtime.hosting.host import host
from services._runtime.hosting.service import Service, own_feed
from services._runtime.store.recording import Recorder
from services._runtime.web.examples import examples_beside
from services.intake.adapters.aliases_in import alias_commands
from services.intake.adapters.bulk_transfers_in import bulk_transfers
from services.intake.adapters.disclosures_in import router as disclosure_router
from services.intake.adapters.documents_in import router as document_router
from services.intake.adapters.duplicates_in import decisions, duplicate_searches
from services.intake.adapters.emergency_in import emergencies, emergency_list
from services.intake.adapters.enrolling_in import enrolling
from services.intake.adapters.enrolment_files_in import enrolment_files
from services.intake.adapters.erasure_in import router as erasure_router
from services.intake.adapters.http_in import router
from services.intake.adapters.joint_comparisons_in import comparison_commands, comparison_list, comparisons
from services.intake.adapters.reads_in import lists, records
from services.intake.adapters.referrals_in import referral_list, referrals
from services.intake.adapters.search_in import searches
from services.intake.adapters.transfers_in import transfer_list, transfers
from services.intake.app.deciders import PERSON
from services.intake.app.parties import joined
from services.intake.app.process_managers import PROCESS_MANAGERS
from services.intake.app.timers import TIMERS, timetable
from services.intake.app.transfers import offered
from services.intake.projections.caseload import CASELOAD
from services.intake.projections.comparisons import COMPARISONS
from services.intake.projections.duplicates import LikenessFinder
from services.intake.projections.emergencies import EMERGENCIES
from services.intake.projections.likenesses import LikenessFollower
from services.intake.projections.likenesses_postgres import PostgresLikenesses
from services.intake.projections.names import NameFollower
from services.intake.projections.names_postgres import FencedNames, PostgresNames
from services.intake.projections.referrals import REFERRALS
from services.intake.projections.transfers import TRANSFERS

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
        summary="Intake: referrals, notices, enrolments, protection, admissions, exits; households; transfers; emergency access.",
        routers=_routers,
        timetable=timetable,
        timers=TIMERS,
        process_manager=PROCESS_MANAGERS,
        models=(CASELOAD, COMPARISONS, EMERGENCIES, REFERRALS, TRANSFERS),
        joined=joined,
        offered=offered,
        follow=_private_lists,
        purging=_purging,
        examples=examples_beside(__file__),
    )


def _routers(parts: Parts) -> Sequence[APIRouter]:
    names = FencedNames(parts.fence)
    finder = LikenessFinder(PostgresLikenesses(parts.pool), parts.store, Recorder(parts.keyring), parts.keyring)
    told = (router, enrolling(finder), alias_commands(finder), enrolment_files(finder), decisions, document_router, disclosure_router)
    opened = (records, lists(parts.answers), searches(names), duplicate_searches(finder), referral_list(parts.answers))
    moving = (transfers, transfer_list(parts.answers), bulk_transfers(parts.answers))
    comparing = (comparison_commands(finder.reference), comparisons, comparison_list(parts.answers))
    return *told, *opened, *moving, *comparing, erasure_router, referrals, emergencies, emergency_list(parts.answers)


def _private_lists(parts: Parts) -> Work:
    """Return what keeps the names in clear and the blinded keys level with the feed."""
    recorder = Recorder(parts.keyring)
    names = NameFollower(PostgresNames(parts.pool), own_feed(parts), parts.store, recorder)
    likenesses = LikenessFollower(PostgresLikenesses(parts.pool), own_feed(parts), parts.store, recorder, parts.keyring)

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(names.run())
            group.create_task(likenesses.run())

    return both


def _purging(store: PostgresEventStore, pool: Pool) -> Purge:
    """Return what takes somebody out of the search and of the blinded keys, and gives back the codice fiscale that is reserved for them."""
    names, likenesses = PostgresNames(pool), PostgresLikenesses(pool)

    async def purge(subject_id: UUID) -> None:
        await names.forget(subject_id)
        await likenesses.forget(subject_id)
        await store.release(PERSON.stream(subject_id))

    return purge


if __name__ == "__main__":
    host(intake_service())
