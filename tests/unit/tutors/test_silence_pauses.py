"""Pauses of the clocks of silence: when they may be, what they hold back, and that all clocks begin anew afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contracts.assignments import AssignmentEnded, SilenceNoticed
from contracts.errors import Invalid, Refusal
from contracts.tutor_codes import EndReason, SilenceKind
from contracts.tutor_follow_up import SilencePaused, SilenceResumed
from contracts.tutor_follow_up_codes import PauseReason
from services._runtime.ids import derived_id
from services.tutors.app.deciders import ASSIGNMENT
from services.tutors.domain.assignment_commands import EndAssignment, NoticeSilence
from services.tutors.domain.assignment_state import AssignmentEvent
from services.tutors.domain.follow_up_commands import PauseSilence, ResumeSilence
from services.tutors.domain.pausing import AlreadyPaused, NothingToPause, NotPaused, PauseTooLong
from services.tutors.domain.policies import CONTACT_POLICIES, contact_policy
from tests.support.given import given
from tests.unit.tutors.cases import ASSIGNED, ASSIGNMENT_ID, BENEFICIARY_ID, RUNNING, TODAY, after, meeting_on
from tests.unit.tutors.service import Service

given_assignment = given(ASSIGNMENT)
PAUSE = PauseSilence(paused_from=after(5), paused_until=after(30), reason=PauseReason.TUTOR_AWAY, notes="In viaggio.")
PAUSED = SilencePaused(
    assignment_id=ASSIGNMENT_ID,
    beneficiary_id=BENEFICIARY_ID,
    paused_from=after(5),
    paused_until=after(30),
    reason=PauseReason.TUTOR_AWAY,
    policy_version="2020-06",
    notes="In viaggio.",
)
RESUMED = SilenceResumed(assignment_id=ASSIGNMENT_ID, beneficiary_id=BENEFICIARY_ID, resumed_on=after(20))
IN_PAUSE: list[AssignmentEvent] = [ASSIGNED, PAUSED]


async def silences(service: Service) -> list[tuple[SilenceKind, date, int]]:
    opened = await service.commands.read(ASSIGNMENT, ASSIGNMENT_ID)
    return [(event.kind, event.since, event.days) for event in opened.events if isinstance(event, SilenceNoticed)]


def test_the_clocks_are_data_with_their_source() -> None:
    policy = contact_policy(TODAY)
    assert [policy.days(kind) for kind in (SilenceKind.CONTACT, SilenceKind.MEETING, SilenceKind.ESCALATION)] == [14, 45, 60]
    assert all(one.source for one in CONTACT_POLICIES)


def test_the_clocks_are_paused_with_a_reason() -> None:
    given_assignment(RUNNING).when(PAUSE).then([PAUSED])


def test_a_pause_is_ended_early() -> None:
    given_assignment(IN_PAUSE).when(ResumeSilence(resumed_on=after(20))).then([RESUMED])


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"paused_until": after(4)}, Invalid),
        ({"paused_from": after(-1)}, NothingToPause),
        ({"paused_until": after(5 + contact_policy(TODAY).longest_pause_days)}, PauseTooLong),
    ],
)
def test_a_pause_that_cannot_be_is_refused(changes: dict[str, date], refusal: type[Refusal]) -> None:
    given_assignment(RUNNING).when(replace(PAUSE, **changes)).refused(refusal)  # type: ignore[arg-type] # days only


def test_the_longest_pause_may_be() -> None:
    longest = contact_policy(TODAY).longest_pause_days
    given_assignment(RUNNING).when(replace(PAUSE, paused_until=after(5 + longest - 1))).then_types(SilencePaused)


@pytest.mark.parametrize("first", [after(10), after(30), after(31)], ids=["inside", "its last day", "the day after"])
def test_a_pause_on_or_beside_another_is_refused(first: date) -> None:
    """Pauses in a row would hide a silence for ever: the clocks run in between."""
    given_assignment(IN_PAUSE).when(replace(PAUSE, paused_from=first, paused_until=first + timedelta(days=3))).refused(AlreadyPaused)
    given_assignment(IN_PAUSE).when(replace(PAUSE, paused_from=after(2), paused_until=after(4))).refused(AlreadyPaused)


def test_what_has_ended_is_not_paused_and_what_runs_is_not_resumed() -> None:
    end = EndAssignment(ended_on=after(3), reason=EndReason.CONCLUDED)
    (ended,) = given_assignment(RUNNING).when(end).then_types(AssignmentEnded)
    given_assignment([ASSIGNED, ended]).when(PAUSE).refused(NothingToPause)
    given_assignment(RUNNING).when(ResumeSilence(resumed_on=after(20))).refused(NotPaused)
    given_assignment(IN_PAUSE).when(ResumeSilence(resumed_on=after(31))).refused(NotPaused)
    given_assignment(IN_PAUSE).when(ResumeSilence(resumed_on=after(5))).refused(Invalid)


@pytest.mark.parametrize("kind", SilenceKind)
def test_nothing_is_noticed_in_a_pause_and_every_clock_begins_anew_after_it(kind: SilenceKind) -> None:
    days = contact_policy(TODAY).days(kind)
    given_assignment(IN_PAUSE).when(NoticeSilence(kind=kind, on=after(30))).then([])
    given_assignment(IN_PAUSE).when(NoticeSilence(kind=kind, on=after(31 + days - 1))).then([])
    given_assignment(IN_PAUSE).when(NoticeSilence(kind=kind, on=after(31 + days))).then_types(SilenceNoticed)


async def test_time_notices_silence_after_a_pause_on_the_right_day() -> None:
    service = Service()
    await service.happened(ASSIGNMENT, ASSIGNMENT_ID, RUNNING)
    await service.wait_until(after(5))
    await service.tell(ASSIGNMENT, ASSIGNMENT_ID, PAUSE)
    await service.wait_until(after(12))
    await service.tell(ASSIGNMENT, ASSIGNMENT_ID, meeting_on(after(12)))
    await service.wait_until(after(44))
    assert await silences(service) == []
    await service.wait_until(after(45))
    assert await silences(service) == [(SilenceKind.CONTACT, after(31), 14)]
    await service.wait_until(after(95))
    assert [kind for kind, _, _ in await silences(service)] == [SilenceKind.CONTACT, SilenceKind.MEETING, SilenceKind.ESCALATION]


async def test_a_pause_that_is_ended_early_lets_the_clocks_run_from_that_day() -> None:
    service = Service()
    await service.happened(ASSIGNMENT, ASSIGNMENT_ID, [*IN_PAUSE, RESUMED])
    await service.wait_until(after(33))
    assert await silences(service) == []
    await service.wait_until(after(34))
    assert await silences(service) == [(SilenceKind.CONTACT, after(20), 14)]


async def test_attempts_keep_contact_and_do_not_keep_silence_from_being_escalated() -> None:
    """An attempt every ten days: nobody is told of a lost contact, and after sixty days without a meeting it is escalated."""
    service = Service()
    await service.happened(ASSIGNMENT, ASSIGNMENT_ID, RUNNING)
    for number, days in enumerate(range(10, 70, 10)):
        await service.wait_until(after(days))
        attempt = replace(meeting_on(after(days)), took_place=False, duration_minutes=0, meeting_id=derived_id("attempt", number))
        await service.tell(ASSIGNMENT, ASSIGNMENT_ID, attempt)
    assert [kind for kind, _, _ in await silences(service)] == [SilenceKind.MEETING, SilenceKind.ESCALATION]
