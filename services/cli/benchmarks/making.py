"""Events to measure with: an enrolment as intake records it, its personal fields sealed under the person's keys."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from contracts.envelope import Precision, digest
from contracts.intake import BeneficiaryEnrolled
from contracts.intake_codes import Sex
from services._runtime.clock import SystemClock
from services._runtime.decider import Context, Placement
from services._runtime.ids import new_id
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.port import Append, NewEvent, StreamAppend
from services._runtime.store.recording import Head, Recorder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID


_PLACEMENT = Placement(responsible_organisation="ciac", territory="PR", municipality="034027")


def enrolment(person: UUID) -> BeneficiaryEnrolled:
    """Return an invented person's enrolment, with everything that a form asks for."""
    return BeneficiaryEnrolled(
        beneficiary_id=person,
        episode=1,
        organisation="ciac",
        territory="PR",
        municipality="034027",
        sex=Sex.FEMALE,
        given_names="Invented Given",
        family_name="Family Name",
        birth_date=date(1994, 5, 17),
        birth_date_precision=Precision.DAY,
        citizenship="ML",
        languages=("fr", "bm"),
        email="nobody@example.org",
        phone="+39 000 000000",
        address="Via Inventata 1, Parma",
    )


async def enrolments(count: int) -> list[Append]:
    """Return appends of one event each, every one opening a stream of its own: sealed, committed to, digested."""
    recorder = Recorder(MemoryKeyring())
    return [await opening(recorder, enrolment(new_id())) for _ in range(count)]


def without_person(event: BeneficiaryEnrolled) -> BeneficiaryEnrolled:
    """Return the same fact with nothing personal in it, so that nothing is sealed."""
    return event.model_copy(update=dict.fromkeys(event.personal_fields))


async def opening(recorder: Recorder, event: BeneficiaryEnrolled) -> Append:
    """Return the append that opens a person's stream with this event, recorded now."""
    person = event.beneficiary_id
    stream_id = f"person-{person}"
    recorded = await recorder.record((event,), Head(stream_id), context=_context(), placement=_PLACEMENT, partition_key=str(person))
    return Append((StreamAppend(stream_id, 0, recorded),))


def recorded_now(appends: Sequence[Append]) -> list[Append]:
    """Return the appends as if decided this moment: the database refuses what its clock says was decided seconds ago."""
    moment = SystemClock().now()
    return [
        Append(tuple(replace(stream, events=tuple(_at(event, moment) for event in stream.events)) for stream in one.streams))
        for one in appends
    ]


def _at(event: NewEvent, moment: datetime) -> NewEvent:
    recorded = event.recorded
    envelope = replace(recorded.envelope, recorded_at=moment)
    return replace(event, recorded=replace(recorded, envelope=envelope, digest=digest(envelope, recorded.data, recorded.commitment)))


def _context() -> Context:
    return Context(
        actor="case-worker.ciac",
        organisation="ciac",
        role="case-worker",
        purpose="integration",
        correlation=new_id(),
        now=SystemClock().now(),
        occurred_on=date(2026, 11, 20),
    )
