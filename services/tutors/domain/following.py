"""The tutor's decisions about their follow-up: expenses, who follows them, the section of the register, named volunteers."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from contracts.errors import Invalid, Refusal, Unknown
from contracts.tutor_codes import TutorKind
from contracts.tutor_follow_up import SupervisorChanged
from contracts.tutor_follow_up_codes import SupervisorReason
from contracts.tutor_register import RegisterSectionChosen, VolunteerLeft, VolunteerNamed
from services.tutors.domain import expenses
from services.tutors.domain.follow_up_commands import (
    ChangeSupervisor,
    CheckVolunteer,
    ChooseSection,
    DeclareExpense,
    FollowUpCommand,
    NameVolunteer,
    ReleaseVolunteer,
    WithdrawExpense,
)
from services.tutors.domain.taking import check_insured

if TYPE_CHECKING:
    from services.tutors.domain.follow_up import FollowUpEvent
    from services.tutors.domain.tutor_state import Facts


class SupervisorAlready(Refusal):
    """They follow the tutor already."""

    code = "supervisor-already"


class SupervisedByAnother(Refusal):
    """The tutor is another supervisor's to follow than the one who is away or comes back."""

    code = "supervised-by-another"


class SectionAlready(Refusal):
    """The tutor stands in that section already."""

    code = "register-section-already"


class VolunteerAlreadyNamed(Refusal):
    """A volunteer is named under this id."""

    code = "volunteer-already-named"


class VolunteerUnknown(Unknown):
    """No volunteer who is with this tutor now is named under this id."""

    code = "volunteer-unknown"


def decide(command: FollowUpCommand, facts: Facts) -> list[FollowUpEvent]:  # noqa: PLR0911 - a case per command
    """Return what follows from a command about a registered tutor's follow-up; raises a `Refusal`."""
    match command:
        case DeclareExpense():
            return [expenses.declare(command, facts)]
        case WithdrawExpense():
            return [expenses.withdraw(command, facts)]
        case ChangeSupervisor():
            return [_change_supervisor(command, facts)]
        case ChooseSection():
            return [_choose_section(command, facts)]
        case NameVolunteer():
            return [_name(command, facts)]
        case ReleaseVolunteer():
            return [_release(command, facts)]
        case CheckVolunteer():
            _check_volunteer(command, facts)
            return []
        case _:
            assert_never(command)


def _change_supervisor(command: ChangeSupervisor, facts: Facts) -> SupervisorChanged:
    named = command.reason is SupervisorReason.NAMED
    if not named and command.regular != facts.follow_up.regular:
        raise SupervisedByAnother("somebody named another supervisor for this tutor meanwhile")
    if command.supervisor == (facts.follow_up.regular if named else facts.follow_up.supervisor):
        raise SupervisorAlready("they follow this tutor already")
    return SupervisorChanged(tutor_id=facts.profile.tutor_id, supervisor=command.supervisor, since=command.since, reason=command.reason)


def _choose_section(command: ChooseSection, facts: Facts) -> RegisterSectionChosen:
    if command.section is facts.follow_up.section:
        raise SectionAlready("the tutor stands in that section of the register already")
    return RegisterSectionChosen(tutor_id=facts.profile.tutor_id, section=command.section, since=command.since)


def _name(command: NameVolunteer, facts: Facts) -> VolunteerNamed:
    if facts.profile.kind is TutorKind.CITIZEN:
        raise Invalid("a citizen volunteers alone: register a group or an association")
    if not command.name.strip():
        raise Invalid("a volunteer has a name")
    if command.volunteer_id in facts.follow_up.volunteers:
        raise VolunteerAlreadyNamed("a volunteer is named under this id: who comes back is named anew, under another one")
    return VolunteerNamed(
        tutor_id=facts.profile.tutor_id,
        volunteer_id=command.volunteer_id,
        section=command.section,
        since=command.since,
        name=command.name,
        birth_date=command.birth_date,
    )


def _check_volunteer(command: CheckVolunteer, facts: Facts) -> None:
    """Refuse whoever is not with the tutor on a day, or not insured: the tutor's insurance covers whom it names, from the day of entry."""
    volunteer = facts.follow_up.volunteers.get(command.volunteer_id)
    if volunteer is None or not volunteer.there(command.on):
        raise VolunteerUnknown("no volunteer who is with this tutor on that day is named under this id: name them first")
    check_insured(facts, command.on)


def _release(command: ReleaseVolunteer, facts: Facts) -> VolunteerLeft:
    volunteer = facts.follow_up.volunteers.get(command.volunteer_id)
    if volunteer is None or volunteer.until is not None:
        raise VolunteerUnknown("no volunteer who is with this tutor now is named under this id")
    if command.until < volunteer.since:
        raise Invalid("a volunteer does not leave before the day of entry")
    return VolunteerLeft(tutor_id=facts.profile.tutor_id, volunteer_id=command.volunteer_id, until=command.until)
