"""What the tutors service publishes about the statutory register: its sections, and the volunteers behind a group or an association."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from contracts.event import Event
from contracts.fields import TutorId, VolunteerId
from contracts.tutor_follow_up_codes import RegisterSection
from contracts.tutors import TutorIdentity


class RegisterSectionChosen(Event, type="tutors.register_section_chosen"):
    """The tutor stands in this section of the register from `since` on; without it, in the ordinary one."""

    tutor_id: TutorId
    section: RegisterSection = Field(description="the section")
    since: date = Field(description="the day from which the tutor stands in it")


class VolunteerNamed(Event, type="tutors.volunteer_named"):
    """Somebody volunteers with a group or an association, from `since` on. The name is sealed under the tutor's key, and goes with it."""

    tutor_id: TutorId
    volunteer_id: VolunteerId
    section: RegisterSection = Field(description="in which section of the register they stand")
    since: date = Field(description="the day of entry")
    name: Annotated[str | None, TutorIdentity] = Field(default=None, description="the volunteer's name")
    birth_date: Annotated[date | None, TutorIdentity] = Field(default=None, description="the volunteer's day of birth")


class VolunteerLeft(Event, type="tutors.volunteer_left"):
    """A named volunteer is with the group or association no longer, from `until` on."""

    tutor_id: TutorId
    volunteer_id: VolunteerId
    until: date = Field(description="the first day without them")
