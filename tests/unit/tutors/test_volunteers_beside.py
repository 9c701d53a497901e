"""Several volunteers in one assignment: who joins and leaves, insured and of the group; which of them were at a meeting."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from contracts.assignments import MeetingCorrected, VolunteerAssigned, VolunteerWithdrawn
from contracts.errors import Invalid
from contracts.tutor_register import VolunteerLeft
from services._runtime.ids import derived_id
from services.tutors.app.deciders import ASSIGNMENT, SERVING, TUTOR
from services.tutors.app.steps import releasing, volunteering
from services.tutors.domain.approval import TutorNotInsured
from services.tutors.domain.assignment_commands import AssignVolunteer, CorrectMeeting, LogMeeting, LoseVolunteer, WithdrawVolunteer
from services.tutors.domain.assignment_state import AssignmentUnknown, Ended, Running
from services.tutors.domain.follow_up_commands import CheckVolunteer, ReleaseVolunteer
from services.tutors.domain.following import VolunteerUnknown
from services.tutors.domain.meetings import AssignmentHasEnded, OutsideAssignment, VolunteerNotThere
from services.tutors.domain.volunteering import VolunteerMetLater, VolunteerThereAlready
from tests.support.given import given
from tests.unit.tutors.cases import ASSIGNABLE, ASSIGNED, ASSIGNMENT_ID, BENEFICIARY_ID, INSURED, MEET, TUTOR_ID, YEAR_END, after
from tests.unit.tutors.service import REQUEST_OF_PERSON, Service, plan_agreed
from tests.unit.tutors.test_reassigning import ENDED
from tests.unit.tutors.test_volunteers import GROUP, LEFT, NAMED, VOLUNTEER_ID

if TYPE_CHECKING:
    from contracts.errors import Refusal
    from contracts.event import Event

given_assignment, given_tutor = given(ASSIGNMENT), given(SERVING)
SECOND = derived_id("case", "second volunteer")
JOIN = AssignVolunteer(volunteer_id=VOLUNTEER_ID, since=after(2), today=after(5))
LEAVE = WithdrawVolunteer(volunteer_id=VOLUNTEER_ID, until=after(9))


def joined(volunteer_id: object = VOLUNTEER_ID, days: int = 2) -> VolunteerAssigned:
    return VolunteerAssigned.model_validate(
        {
            "assignment_id": ASSIGNMENT_ID,
            "beneficiary_id": BENEFICIARY_ID,
            "tutor_id": TUTOR_ID,
            "volunteer_id": volunteer_id,
            "since": after(days),
        }
    )


JOINED = joined()
WITHDRAWN = VolunteerWithdrawn(
    assignment_id=ASSIGNMENT_ID, beneficiary_id=BENEFICIARY_ID, tutor_id=TUTOR_ID, volunteer_id=VOLUNTEER_ID, until=after(9)
)
TOGETHER: LogMeeting = replace(MEET, volunteers=(VOLUNTEER_ID, SECOND))
BOTH = [ASSIGNED, JOINED, joined(SECOND, 3)]


def test_several_volunteers_stand_beside_one_person_each_for_their_time() -> None:
    given_assignment([ASSIGNED]).when(JOIN).then([JOINED])
    state = given_assignment([ASSIGNED, JOINED]).when(replace(JOIN, volunteer_id=SECOND, since=after(3))).then([joined(SECOND, 3)])
    assert isinstance(state, Running)
    assert [one.volunteer_id for one in state.volunteers] == [VOLUNTEER_ID, SECOND]
    given_assignment(BOTH).when(LEAVE).then([WITHDRAWN])
    given_assignment([*BOTH, WITHDRAWN]).when(replace(JOIN, since=after(9), today=after(9))).then([joined(days=9)])


@pytest.mark.parametrize(
    ("events", "command", "refusal"),
    [
        ([], JOIN, AssignmentUnknown),
        ([ASSIGNED], replace(JOIN, since=after(-1)), OutsideAssignment),
        ([ASSIGNED], replace(JOIN, since=after(6)), OutsideAssignment),
        ([ASSIGNED, ENDED], JOIN, AssignmentHasEnded),
        ([ASSIGNED, JOINED], JOIN, VolunteerThereAlready),
        ([ASSIGNED, JOINED, WITHDRAWN], replace(JOIN, since=after(8), today=after(9)), VolunteerThereAlready),
    ],
    ids=["no assignment", "before it", "not yet", "ended", "twice", "while they were there"],
)
def test_a_volunteer_joins_once_while_the_assignment_runs(events: list[Event], command: AssignVolunteer, refusal: type[Refusal]) -> None:
    given_assignment(events).when(command).refused(refusal)


@pytest.mark.parametrize(
    ("events", "command", "refusal"),
    [
        ([ASSIGNED], LEAVE, VolunteerNotThere),
        ([*BOTH, WITHDRAWN], LEAVE, VolunteerNotThere),
        (BOTH, replace(LEAVE, until=after(1)), Invalid),
        ([*BOTH, ENDED], LEAVE, AssignmentHasEnded),
    ],
    ids=["never there", "left", "before they came", "ended"],
)
def test_only_who_stands_there_leaves(events: list[Event], command: WithdrawVolunteer, refusal: type[Refusal]) -> None:
    given_assignment(events).when(command).refused(refusal)


def test_who_left_the_group_stands_there_no_longer_if_they_did() -> None:
    """Told to every assignment of the group, whoever answers for it; where they do not stand there is nothing to record."""
    lost = LoseVolunteer(volunteer_id=VOLUNTEER_ID, until=after(9))
    given_assignment(BOTH).when(lost).then([WITHDRAWN])
    for events in ([ASSIGNED], [*BOTH, WITHDRAWN], [*BOTH, ENDED]):
        given_assignment(events).when(lost).then([])
    met = given_assignment(BOTH).when(TOGETHER)._decide()
    given_assignment([*BOTH, *met]).when(replace(lost, until=TOGETHER.held_on)).refused(VolunteerMetLater)


def test_nobody_leaves_before_a_meeting_at_which_they_were() -> None:
    met = given_assignment(BOTH).when(TOGETHER)._decide()
    given_assignment([*BOTH, *met]).when(replace(LEAVE, until=TOGETHER.held_on)).refused(VolunteerMetLater)
    given_assignment([*BOTH, *met]).when(replace(LEAVE, until=after(4))).then([WITHDRAWN.model_copy(update={"until": after(4)})])


def test_a_meeting_says_which_volunteers_were_there_and_a_correction_says_it_anew() -> None:
    state = given_assignment(BOTH).state(given_assignment(BOTH).when(TOGETHER)._decide())
    assert isinstance(state, Running)
    assert state.meetings[0].volunteers == (VOLUNTEER_ID, SECOND)
    told = {field: getattr(MEET, field) for field in LogMeeting.__dataclass_fields__}
    correct = CorrectMeeting(**{**told, "volunteers": (SECOND,)}, reason="Uno solo.")
    events = [*BOTH, *given_assignment(BOTH).when(TOGETHER)._decide()]
    (corrected,) = given_assignment(events).when(correct).then_types(MeetingCorrected)
    assert isinstance(corrected, MeetingCorrected)
    assert corrected.volunteers == (SECOND,)


def test_who_was_not_there_on_that_day_is_at_no_meeting_of_it() -> None:
    given_assignment([ASSIGNED, JOINED]).when(TOGETHER).refused(VolunteerNotThere)
    given_assignment([ASSIGNED, JOINED]).when(replace(MEET, held_on=after(1), volunteers=(VOLUNTEER_ID,))).refused(VolunteerNotThere)
    late = replace(MEET, held_on=after(9), today=after(9), volunteers=(VOLUNTEER_ID,))
    given_assignment([ASSIGNED, JOINED, WITHDRAWN]).when(late).refused(VolunteerNotThere)
    given_assignment(BOTH).when(replace(TOGETHER, volunteers=(SECOND, SECOND))).refused(Invalid)


def test_with_the_assignment_ends_whoever_stood_there_and_stays_recorded() -> None:
    state = given_assignment(BOTH).state([ENDED])
    assert isinstance(state, Ended)
    assert len(state.volunteers) == 2


# --- what is asked of the group or association -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("events", "refusal"),
    [
        ([GROUP, INSURED], VolunteerUnknown),
        ([GROUP, INSURED, NAMED.model_copy(update={"since": after(3)})], VolunteerUnknown),
        ([GROUP, INSURED, NAMED, LEFT.model_copy(update={"until": after(2)})], VolunteerUnknown),
        ([GROUP, NAMED], TutorNotInsured),
        ([GROUP, NAMED, INSURED.model_copy(update={"valid_until": after(1)})], TutorNotInsured),
    ],
    ids=["not named", "named later", "left", "never insured", "no longer insured"],
)
def test_only_a_named_and_insured_volunteer_of_the_group_joins(events: list[Event], refusal: type[Refusal]) -> None:
    check = CheckVolunteer(volunteer_id=VOLUNTEER_ID, on=after(2))
    given_tutor(events).when(check).refused(refusal)
    given_tutor([GROUP, INSURED, NAMED]).when(check).then([])


@pytest.fixture
async def service() -> Service:
    """Have a group with two named volunteers, beside two persons."""
    made = Service()
    second = NAMED.model_copy(update={"volunteer_id": SECOND})
    await made.tutor(TUTOR_ID, [GROUP.model_copy(update={"capacity": 2}), *ASSIGNABLE[1:], NAMED, second])
    await made.deliver(made.came(plan_agreed()))
    await made.assign(REQUEST_OF_PERSON, ASSIGNMENT_ID)
    return made


async def _join(service: Service, command: AssignVolunteer) -> None:
    opened = await service.commands.read(ASSIGNMENT, ASSIGNMENT_ID)
    steps = volunteering(ASSIGNMENT_ID, opened.state, command, version=opened.version)
    await service.commands.execute(*steps, context=service.context())


async def test_a_volunteer_who_is_not_insured_joins_nobody(service: Service) -> None:
    """Every volunteer is insured before the first meeting; where the tutor refuses, the assignment is not changed."""
    later = replace(JOIN, since=YEAR_END.replace(year=2022), today=YEAR_END.replace(year=2022))
    with pytest.raises(TutorNotInsured):
        await _join(service, later)
    assert await service.types(ASSIGNMENT, ASSIGNMENT_ID) == ["tutor_assigned"]
    await _join(service, JOIN)
    assert await service.types(ASSIGNMENT, ASSIGNMENT_ID) == ["tutor_assigned", "volunteer_assigned"]


async def test_who_leaves_the_group_leaves_the_persons_too(service: Service) -> None:
    """One append: the register and the assignments never disagree about who is there."""
    await _join(service, JOIN)
    opened = await service.commands.read(TUTOR, TUTOR_ID)
    told = ReleaseVolunteer(volunteer_id=VOLUNTEER_ID, until=after(9))
    await service.commands.execute(*releasing(TUTOR_ID, told, [ASSIGNMENT_ID], version=opened.version), context=service.context())
    assert (await service.types(ASSIGNMENT, ASSIGNMENT_ID))[-1] == "volunteer_withdrawn"
    assert (await service.types(TUTOR, TUTOR_ID))[-1] == VolunteerLeft.type_name.partition(".")[2]


async def test_whoever_takes_over_begins_without_the_volunteers_of_the_tutor_before(service: Service) -> None:
    await _join(service, JOIN)
    other, after_it = derived_id("case", "another tutor"), derived_id("case", "after")
    await service.tutor(other)
    await service.reassign(ASSIGNMENT_ID, service.told(after_it, other))
    begun = await service.assignment(after_it)
    assert isinstance(begun, Running)
    assert begun.volunteers == ()
