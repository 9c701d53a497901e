"""Who follows a tutor: named, away, stood in for, back. Nobody is left without somebody who is there."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given as any_of
from hypothesis import settings
from hypothesis import strategies as st

from contracts.errors import Invalid, Refusal
from contracts.tutor_codes import RetirementReason
from contracts.tutor_follow_up import (
    SubstituteNamed,
    SupervisorAbsenceRecorded,
    SupervisorChanged,
    SupervisorEnrolled,
    TutorEntrusted,
    TutorHandedBack,
)
from contracts.tutor_follow_up_codes import SupervisorReason
from contracts.tutors import TutorRetired
from services._runtime.clock import day_of
from services._runtime.ids import derived_id
from services.tutors.app.deciders import SERVING, SUPERVISOR, TUTOR, supervisor_of
from services.tutors.app.supervising import entrusting, leaving
from services.tutors.domain.follow_up_commands import (
    ChangeSupervisor,
    EnrolSupervisor,
    EntrustTutor,
    HandBackTutor,
    RecordAbsence,
    StandIn,
)
from services.tutors.domain.following import SupervisedByAnother, SupervisorAlready
from services.tutors.domain.supervisor import (
    AbsenceAlreadyRecorded,
    SubstituteAway,
    Supervising,
    SupervisorAlreadyEnrolled,
    SupervisorAway,
    SupervisorUnknown,
    TutorAlreadyEntrusted,
    TutorNotEntrusted,
)
from services.tutors.domain.tutor_commands import RetireTutor
from services.tutors.projections.supervision import SUPERVISED_TUTORS, SUPERVISOR_ABSENCES, AbsenceRow, SupervisedRow
from tests.support.given import given
from tests.support.read_models import given as folded
from tests.unit.tutors.cases import ASSIGNABLE, TODAY, TUTOR_ID, after
from tests.unit.tutors.service import Service

if TYPE_CHECKING:
    from uuid import UUID

given_supervisor = given(SUPERVISOR)
given_tutor = given(SERVING)

ADA, BRUNO, CARLA = "coordinator-a", "coordinator-b", "coordinator-c"
ABSENCE_ID = derived_id("case", "absence")
ENROLLED = SupervisorEnrolled(organisation="ciac", supervisor=ADA)
ENTRUSTED = TutorEntrusted(organisation="ciac", supervisor=ADA, tutor_id=TUTOR_ID)
LEAVE = RecordAbsence(absence_id=ABSENCE_ID, absent_from=after(5), absent_until=after(10), substitute=BRUNO, today=TODAY)
AWAY = SupervisorAbsenceRecorded(
    organisation="ciac", supervisor=ADA, absence_id=ABSENCE_ID, absent_from=after(5), absent_until=after(10), substitute=BRUNO
)
STAND_IN = StandIn(absence_id=derived_id("case", "another's"), instead_of=CARLA, absent_from=after(10), absent_until=after(12))
CHANGED = SupervisorChanged(tutor_id=TUTOR_ID, supervisor=ADA, since=TODAY, reason=SupervisorReason.NAMED)


def test_a_supervisor_is_enrolled_once() -> None:
    enrol = EnrolSupervisor(organisation="ciac", supervisor=ADA)
    given_supervisor([]).when(enrol).then([ENROLLED])
    given_supervisor([ENROLLED]).when(enrol).refused(SupervisorAlreadyEnrolled)


@pytest.mark.parametrize("command", [EntrustTutor(tutor_id=TUTOR_ID, on=TODAY), HandBackTutor(tutor_id=TUTOR_ID), LEAVE, STAND_IN], ids=str)
def test_whom_nobody_enrolled_follows_nobody_and_stands_in_for_nobody(command: object) -> None:
    """A slip of the pen in a pseudonym would leave tutors with somebody who does not exist."""
    given_supervisor([]).when(command).refused(SupervisorUnknown)


def test_a_tutor_is_entrusted_and_handed_back_once() -> None:
    entrust, back = EntrustTutor(tutor_id=TUTOR_ID, on=TODAY), HandBackTutor(tutor_id=TUTOR_ID)
    handed_back = TutorHandedBack(organisation="ciac", supervisor=ADA, tutor_id=TUTOR_ID)
    given_supervisor([ENROLLED]).when(entrust).then([ENTRUSTED])
    given_supervisor([ENROLLED, ENTRUSTED]).when(entrust).refused(TutorAlreadyEntrusted)
    given_supervisor([ENROLLED, ENTRUSTED]).when(back).then([handed_back])
    given_supervisor([ENROLLED]).when(back).refused(TutorNotEntrusted)


def test_nobody_is_entrusted_to_somebody_who_is_away_that_day() -> None:
    given_supervisor([ENROLLED, AWAY]).when(EntrustTutor(tutor_id=TUTOR_ID, on=after(10))).refused(SupervisorAway)
    given_supervisor([ENROLLED, AWAY]).when(EntrustTutor(tutor_id=TUTOR_ID, on=after(11))).then_types(TutorEntrusted)


def test_an_absence_names_whoever_stands_in() -> None:
    given_supervisor([ENROLLED]).when(LEAVE).then([AWAY])


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (replace(LEAVE, absent_until=after(4)), Invalid),
        (replace(LEAVE, today=after(11)), Invalid),
        (replace(LEAVE, substitute=ADA), Invalid),
        (LEAVE, AbsenceAlreadyRecorded),
        (replace(LEAVE, absence_id=derived_id("case", "second"), absent_from=after(10), absent_until=after(20)), AbsenceAlreadyRecorded),
    ],
    ids=["ends first", "is over", "by themselves", "same id", "same day"],
)
def test_an_absence_that_cannot_be_is_refused(command: RecordAbsence, refusal: type[Refusal]) -> None:
    given_supervisor([ENROLLED, AWAY] if refusal is AbsenceAlreadyRecorded else [ENROLLED]).when(command).refused(refusal)


def test_who_is_away_on_one_of_the_days_stands_in_for_nobody() -> None:
    refusal = given_supervisor([ENROLLED, AWAY]).when(STAND_IN).refused(SubstituteAway)
    assert "name another" in str(refusal)
    given_supervisor([ENROLLED, AWAY]).when(replace(STAND_IN, absent_from=after(11))).then_types(SubstituteNamed)


def test_a_tutor_s_supervisor_changes_by_name_by_absence_and_back() -> None:
    for_absence = ChangeSupervisor(supervisor=BRUNO, since=after(5), reason=SupervisorReason.ABSENCE, regular=ADA)
    by_name = ChangeSupervisor(supervisor=ADA, since=TODAY, reason=SupervisorReason.NAMED)
    bruno = CHANGED.model_copy(update={"supervisor": BRUNO, "since": after(5), "reason": SupervisorReason.ABSENCE})
    given_tutor(ASSIGNABLE).when(by_name).then([CHANGED])
    given_tutor([*ASSIGNABLE, CHANGED]).when(by_name).refused(SupervisorAlready)
    given_tutor([*ASSIGNABLE, CHANGED]).when(for_absence).then([bruno])
    given_tutor([*ASSIGNABLE, CHANGED, bruno]).when(for_absence).refused(SupervisorAlready)
    given_tutor([*ASSIGNABLE, CHANGED, bruno]).when(replace(by_name, supervisor=BRUNO)).then_types(SupervisorChanged)


def test_an_absence_moves_no_tutor_whom_somebody_gave_to_another_meanwhile() -> None:
    late = ChangeSupervisor(supervisor=BRUNO, since=after(5), reason=SupervisorReason.ABSENCE, regular=CARLA)
    given_tutor([*ASSIGNABLE, CHANGED]).when(late).refused(SupervisedByAnother)


class Organisation:
    """CIAC with three supervisors and some tutors, in memory."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self.service = Service()

    async def begin(self, tutors: dict[UUID, str]) -> None:
        """Enrol everybody and name each tutor's supervisor."""
        for name in (ADA, BRUNO, CARLA):
            await self.service.tell(SUPERVISOR, supervisor_of("ciac", name), EnrolSupervisor(organisation="ciac", supervisor=name))
        for tutor_id, name in tutors.items():
            await self.service.tutor(tutor_id)
            await self.name(tutor_id, name)

    @property
    def today(self) -> date:
        """The day it is in Rome."""
        return day_of(self.service.clock.now())

    async def name(self, tutor_id: UUID, supervisor: str) -> None:
        """Name the supervisor of a tutor, as the endpoint does."""
        opened = await self.service.commands.read(TUTOR, tutor_id)
        regular = (await self.service.facts(tutor_id)).follow_up.regular
        steps = entrusting(tutor_id, regular, supervisor, organisation="ciac", on=self.today, version=opened.version)
        await self.service.commands.execute(*steps, context=self.service.context())

    async def away(self, number: int, name: str, first: date, last: date, substitute: str) -> None:
        """Record an absence, as the endpoint does."""
        absence = RecordAbsence(
            absence_id=derived_id("away", number), absent_from=first, absent_until=last, substitute=substitute, today=self.today
        )
        await self.service.commands.execute(*leaving(name, absence, organisation="ciac"), context=self.service.context())

    async def follows(self, tutor_id: UUID = TUTOR_ID) -> str | None:
        """Return who follows a tutor now."""
        return (await self.service.facts(tutor_id)).follow_up.supervisor

    async def present(self, name: str) -> bool:
        """Tell whether a supervisor is there today."""
        state = (await self.service.commands.read(SUPERVISOR, supervisor_of("ciac", name))).state
        assert isinstance(state, Supervising)
        return state.away(self.today) is None


async def test_an_absent_supervisor_orphaned_volunteers() -> None:
    """CASA's complaint: on the first day of an absence every tutor passes to whoever stands in, and back after the last."""
    tutors = {derived_id("tutor", number): ADA for number in range(4)} | {derived_id("tutor", 9): CARLA}
    ciac = Organisation()
    await ciac.begin(tutors)
    await ciac.away(1, ADA, after(5), after(10), BRUNO)
    expected = {4: ADA, 5: BRUNO, 10: BRUNO, 11: ADA}
    for days, follower in expected.items():
        await ciac.service.wait_until(after(days))
        for tutor_id, regular in tutors.items():
            assert await ciac.follows(tutor_id) == (follower if regular == ADA else CARLA), days
    assert await ciac.service.types(TUTOR, derived_id("tutor", 0)) == [
        *(event.type_name.partition(".")[2] for event in ASSIGNABLE),
        *["supervisor_changed"] * 3,
    ]


async def test_an_absence_that_has_begun_moves_the_tutors_at_once() -> None:
    ciac = Organisation()
    await ciac.begin({TUTOR_ID: ADA})
    await ciac.away(1, ADA, after(-3), after(3), BRUNO)
    await ciac.service.wait_until(TODAY)
    assert await ciac.follows() == BRUNO


async def test_where_nobody_can_stand_in_the_absence_is_refused_and_nothing_changes() -> None:
    """Refused with the reason, so that a person finds somebody: an absence without a substitute would orphan tutors in silence."""
    ciac = Organisation()
    await ciac.begin({TUTOR_ID: ADA})
    await ciac.away(1, BRUNO, after(8), after(20), CARLA)
    before = await ciac.service.stored()
    with pytest.raises(SubstituteAway):
        await ciac.away(2, ADA, after(5), after(10), BRUNO)
    with pytest.raises(SupervisorUnknown):
        await ciac.away(2, ADA, after(5), after(10), "coordinator-d")
    with pytest.raises(Invalid):
        await ciac.away(2, ADA, after(5), after(10), ADA)
    assert await ciac.service.stored() == before


async def test_whoever_stands_in_and_goes_away_hands_on_those_too_for_whom_they_stand_in() -> None:
    ciac = Organisation()
    await ciac.begin({TUTOR_ID: ADA})
    await ciac.away(1, ADA, after(5), after(20), BRUNO)
    await ciac.away(2, BRUNO, after(10), after(25), CARLA)
    followers = []
    for days in (5, 9, 10, 20, 21, 26):
        await ciac.service.wait_until(after(days))
        followers.append(await ciac.follows())
    assert followers == [BRUNO, BRUNO, CARLA, CARLA, ADA, ADA]


async def test_one_tutor_s_refusal_is_none_of_the_others() -> None:
    """Somebody left the register meanwhile: that one's result is a refusal, the others pass on."""
    gone, stays = sorted((derived_id("tutor", 1), derived_id("tutor", 2)))
    ciac = Organisation()
    await ciac.begin({gone: ADA, stays: ADA})
    await ciac.away(1, ADA, after(5), after(10), BRUNO)
    await ciac.service.tell(TUTOR, gone, RetireTutor(reason=RetirementReason.MOVED))
    await ciac.service.wait_until(after(5))
    assert (await ciac.follows(gone), await ciac.follows(stays)) == (ADA, BRUNO)


async def test_a_tutor_given_to_another_during_an_absence_stays_there() -> None:
    ciac = Organisation()
    await ciac.begin({TUTOR_ID: ADA})
    await ciac.away(1, ADA, after(5), after(10), BRUNO)
    await ciac.service.wait_until(after(7))
    await ciac.name(TUTOR_ID, CARLA)
    await ciac.service.wait_until(after(11))
    assert await ciac.follows() == CARLA


_people = st.sampled_from([ADA, BRUNO, CARLA])
_days = st.integers(0, 4)
_wishes = st.one_of(
    st.tuples(st.just("away"), _people, _people, _days, st.integers(2, 12)),
    st.tuples(st.just("name"), _people, st.integers(0, 2), st.just(0), st.just(0)),
    st.tuples(st.just("wait"), st.just(""), st.just(0), st.integers(1, 4), st.just(0)),
)


@settings(max_examples=80)
@any_of(st.lists(_wishes, min_size=6, max_size=24))
def test_no_tutor_is_ever_without_a_supervisor_who_is_there(wishes: list[tuple[str, str, str | int, int, int]]) -> None:
    """Whatever absences are recorded and whoever is named, day after day: each tutor is followed by somebody who is there that day."""
    asyncio.run(_lived(wishes))


async def _lived(wishes: list[tuple[str, str, str | int, int, int]]) -> None:
    tutors = [derived_id("tutor", number) for number in range(3)]
    ciac = Organisation()
    await ciac.begin(dict.fromkeys(tutors, ADA))
    days = 0
    for number, (kind, name, other, first, length) in enumerate(wishes):
        try:
            if kind == "away":
                await ciac.away(number, name, after(days + first), after(days + first + length), str(other))
            elif kind == "name":
                await ciac.name(tutors[int(other)], name)
        except Refusal:
            continue
        for _ in range(first if kind == "wait" else 0):
            days += 1
            await ciac.service.wait_until(after(days))
            for tutor_id in tutors:
                assert await ciac.present(str(await ciac.follows(tutor_id)))


def test_the_lists_tell_who_follows_whom_and_who_is_away() -> None:
    bruno = CHANGED.model_copy(update={"supervisor": BRUNO, "since": after(5), "reason": SupervisorReason.ABSENCE})
    row = folded(CHANGED, bruno, source="tutors").then(SUPERVISED_TUTORS).row(TUTOR_ID)
    assert row == SupervisedRow(TUTOR_ID, "ciac", BRUNO, ADA, after(5), SupervisorReason.ABSENCE)
    retired = TutorRetired(tutor_id=TUTOR_ID, reason=RetirementReason.MOVED)
    assert folded(CHANGED, retired, source="tutors").then(SUPERVISED_TUTORS).row(TUTOR_ID) is None
    absence = folded(AWAY, source="tutors").then(SUPERVISOR_ABSENCES).row(ABSENCE_ID)
    assert absence == AbsenceRow(ABSENCE_ID, "ciac", ADA, BRUNO, after(5), after(10))
