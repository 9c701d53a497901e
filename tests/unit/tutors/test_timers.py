"""What time does: approvals lapse, silence is noticed and escalated, each once, on the right day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from contracts.assignments import SilenceNoticed
from contracts.envelope import ClockKind
from contracts.tutor_codes import LapseReason, SilenceKind, VettingOutcome
from contracts.tutors import TutorApprovalLapsed
from services._runtime.clock import ROME
from services.tutors.app.deciders import ASSIGNMENT, TUTOR
from services.tutors.app.timers import HANDLERS, SILENCES, timetable
from services.tutors.domain.assignment_commands import CorrectMeeting
from services.tutors.domain.tutor_commands import ApproveTutor, RecordInsurance, RecordVetting
from tests.support.read_models import feed_of, happened
from tests.unit.tutors.cases import (
    ASSIGNED,
    ASSIGNMENT_ID,
    MEET,
    READY,
    RUNNING,
    TUTOR_ID,
    YEAR_END,
    after,
    meeting_on,
    met,
)
from tests.unit.tutors.service import Service

SECOND = UUID("88888888-8888-4888-8888-888888888888")


@pytest.fixture
def service() -> Service:
    return Service()


async def silences(service: Service) -> list[tuple[SilenceKind, date, int]]:
    opened = await service.commands.read(ASSIGNMENT, ASSIGNMENT_ID)
    return [(event.kind, event.since, event.days) for event in opened.events if isinstance(event, SilenceNoticed)]


async def lapses(service: Service) -> list[tuple[LapseReason, date]]:
    opened = await service.commands.read(TUTOR, TUTOR_ID)
    return [(event.reason, event.lapsed_on) for event in opened.events if isinstance(event, TutorApprovalLapsed)]


async def test_silence_is_noticed_after_fourteen_days_and_escalated_after_sixty(service: Service) -> None:
    await service.happened(ASSIGNMENT, ASSIGNMENT_ID, RUNNING)
    await service.wait_until(after(13))
    assert await silences(service) == []
    await service.wait_until(after(14))
    assert await silences(service) == [(SilenceKind.CONTACT, after(0), 14)]
    for days in (44, 45, 59, 60, 100):
        await service.wait_until(after(days))
    assert await silences(service) == [
        (SilenceKind.CONTACT, after(0), 14),
        (SilenceKind.MEETING, after(0), 45),
        (SilenceKind.ESCALATION, after(0), 60),
    ]


async def test_a_meeting_in_time_keeps_silence_from_being_noticed(service: Service) -> None:
    await service.happened(ASSIGNMENT, ASSIGNMENT_ID, RUNNING)
    await service.wait_until(after(10))
    await service.tell(ASSIGNMENT, ASSIGNMENT_ID, meeting_on(after(10)))
    await service.wait_until(after(23))
    assert await silences(service) == []
    await service.wait_until(after(24))
    assert await silences(service) == [(SilenceKind.CONTACT, after(10), 14)]


async def test_a_correction_that_takes_a_contact_away_is_looked_at_at_once(service: Service) -> None:
    await service.happened(ASSIGNMENT, ASSIGNMENT_ID, [ASSIGNED, met(after(0))])
    await service.wait_until(after(13))
    await service.tell(ASSIGNMENT, ASSIGNMENT_ID, replace(meeting_on(after(13)), meeting_id=SECOND))
    await service.wait_until(after(20))
    assert await silences(service) == []
    await service.tell(
        ASSIGNMENT,
        ASSIGNMENT_ID,
        CorrectMeeting(
            meeting_id=SECOND,
            held_on=after(3),
            today=after(20),
            duration_minutes=90,
            kind=MEET.kind,
            took_place=True,
            reason="Era dieci giorni prima.",
        ),
    )
    await service.wait_until(after(20))
    assert await silences(service) == [(SilenceKind.CONTACT, after(3), 17)]


async def test_an_approval_lapses_on_the_day_after_its_last(service: Service) -> None:
    await service.tutor()
    await service.wait_until(YEAR_END)
    assert await lapses(service) == []
    await service.wait_until(YEAR_END + timedelta(days=1))
    assert await lapses(service) == [(LapseReason.VETTING_EXPIRED, date(2022, 1, 1))]
    await service.wait_until(YEAR_END + timedelta(days=30))
    assert len(await lapses(service)) == 1


async def test_a_renewed_insurance_and_vetting_carry_the_approval_on_until_they_end(service: Service) -> None:
    await service.tutor()
    await service.tell(TUTOR, TUTOR_ID, RecordInsurance(valid_from=date(2022, 1, 1), valid_until=date(2022, 6, 30), kept_by="ciac"))
    vetting = RecordVetting(on=after(10), outcome=VettingOutcome.PASSED, valid_until=date(2023, 1, 1))
    await service.tell(TUTOR, TUTOR_ID, vetting)
    await service.wait_until(date(2022, 6, 30))
    assert await lapses(service) == []
    await service.wait_until(date(2022, 7, 1))
    assert await lapses(service) == [(LapseReason.INSURANCE_EXPIRED, date(2022, 7, 1))]


async def test_an_approval_entered_after_its_conditions_ran_out_lapses_at_once(service: Service) -> None:
    service.clock.move_to(service.clock.now() + timedelta(days=400))
    await service.happened(TUTOR, TUTOR_ID, READY)
    await service.tell(TUTOR, TUTOR_ID, ApproveTutor(on=after(0)))
    await service.wait_until(after(400))
    assert await lapses(service) == [(LapseReason.VETTING_EXPIRED, after(400))]


async def test_a_timer_served_twice_has_one_effect(service: Service) -> None:
    """I4: the timer's id is the idempotency key, so two schedulers at once do no harm."""
    await service.happened(ASSIGNMENT, ASSIGNMENT_ID, RUNNING)
    service.clock.move_to(service.clock.now() + timedelta(days=14))
    (timer,) = await service.store.due_timers(service.clock.now())
    for _ in range(2):
        await HANDLERS[timer.kind](timer, service.commands, service.context())
    assert await silences(service) == [(SilenceKind.CONTACT, after(0), 14)]
    assert await service.store.due_timers(service.clock.now()) == []


def test_timers_keep_the_clock_of_their_event_and_fall_due_when_a_day_begins_in_rome() -> None:
    (fed,) = feed_of("tutors", [happened(ASSIGNED, clock=ClockKind.DEMONSTRATION)])
    timers = timetable(ASSIGNED, fed.recorded.envelope).set
    assert {timer.kind for timer in timers} == set(SILENCES.values())
    for timer in timers:
        assert timer.clock is ClockKind.DEMONSTRATION
        assert timer.due_at.astimezone(ROME).hour == 0
    assert min(timer.due_at.astimezone(ROME).date() for timer in timers) == after(14)


def test_every_kind_of_timer_has_a_handler() -> None:
    assert set(SILENCES.values()) < set(HANDLERS)
