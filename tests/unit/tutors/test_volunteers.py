"""Groups and associations: named volunteers, and the two sections of the register."""

from __future__ import annotations

from contracts.errors import Invalid
from contracts.tutor_codes import TutorKind
from contracts.tutor_follow_up_codes import RegisterSection
from contracts.tutor_register import RegisterSectionChosen, VolunteerLeft, VolunteerNamed
from services._runtime.ids import derived_id
from services.tutors.app.deciders import SERVING
from services.tutors.domain.follow_up_commands import ChooseSection, NameVolunteer, ReleaseVolunteer
from services.tutors.domain.following import SectionAlready, VolunteerAlreadyNamed, VolunteerUnknown
from tests.support.given import given
from tests.unit.tutors.cases import REGISTERED, TODAY, TUTOR_ID, after

given_tutor = given(SERVING)
VOLUNTEER_ID = derived_id("case", "volunteer")
GROUP = REGISTERED.model_copy(update={"kind": TutorKind.GROUP, "name": "Parrocchia di Prova"})
NAME = NameVolunteer(volunteer_id=VOLUNTEER_ID, section=RegisterSection.OCCASIONAL, since=TODAY, name="Prova Volontaria")
NAMED = VolunteerNamed(
    tutor_id=TUTOR_ID, volunteer_id=VOLUNTEER_ID, section=RegisterSection.OCCASIONAL, since=TODAY, name="Prova Volontaria"
)
LEFT = VolunteerLeft(tutor_id=TUTOR_ID, volunteer_id=VOLUNTEER_ID, until=after(10))


def test_a_group_names_its_volunteers_and_they_leave() -> None:
    given_tutor([GROUP]).when(NAME).then([NAMED])
    given_tutor([GROUP, NAMED]).when(ReleaseVolunteer(volunteer_id=VOLUNTEER_ID, until=after(10))).then([LEFT])


def test_a_citizen_names_nobody() -> None:
    given_tutor([REGISTERED]).when(NAME).refused(Invalid)


def test_a_volunteer_has_a_name_and_is_named_once() -> None:
    blank = NameVolunteer(volunteer_id=VOLUNTEER_ID, section=RegisterSection.ORDINARY, since=TODAY, name=" ")
    given_tutor([GROUP]).when(blank).refused(Invalid)
    given_tutor([GROUP, NAMED]).when(NAME).refused(VolunteerAlreadyNamed)
    given_tutor([GROUP, NAMED, LEFT]).when(NAME).refused(VolunteerAlreadyNamed)


def test_only_who_is_there_leaves_and_not_before_coming() -> None:
    leave = ReleaseVolunteer(volunteer_id=VOLUNTEER_ID, until=after(10))
    given_tutor([GROUP]).when(leave).refused(VolunteerUnknown)
    given_tutor([GROUP, NAMED, LEFT]).when(leave).refused(VolunteerUnknown)
    given_tutor([GROUP, NAMED]).when(ReleaseVolunteer(volunteer_id=VOLUNTEER_ID, until=after(-1))).refused(Invalid)


def test_a_tutor_stands_in_the_ordinary_section_until_another_is_chosen() -> None:
    occasional = ChooseSection(section=RegisterSection.OCCASIONAL, since=after(1))
    chosen = RegisterSectionChosen(tutor_id=TUTOR_ID, section=RegisterSection.OCCASIONAL, since=after(1))
    given_tutor([REGISTERED]).when(ChooseSection(section=RegisterSection.ORDINARY, since=TODAY)).refused(SectionAlready)
    given_tutor([REGISTERED]).when(occasional).then([chosen])
    given_tutor([REGISTERED, chosen]).when(occasional).refused(SectionAlready)
