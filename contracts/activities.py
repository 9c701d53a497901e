"""Published events of the pathways service about group activities: held for whoever comes, on a stream of their own that names nobody.

Who came stands on each person's pathway. No activity is of a sensitive area: to have been there would tell why.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.event import Event
from contracts.fields import BeneficiaryId, PathwayId, Territory
from contracts.pathway_values import Code, Dimension

ActivityId = Annotated[UUID, Field(description="the activity: random, says nothing")]


class ActivityHeld(Event, type="pathways.activity_held"):
    """An activity took place, on the envelope's `occurred_on`."""

    activity_id: ActivityId
    organisation: Code = Field(description="the organisation that held it")
    territory: Territory
    kind: Code = Field(description="code of the service, from the methodology; never of a sensitive area")
    dimension: Dimension = Field(description="the dimension of inclusion to which it belongs")
    minutes: int = Field(ge=1, le=1440, description="its length in minutes")
    methodology_version: Code = Field(description="version of the methodology whose catalogue it names")


class AttendanceRecorded(Event, type="pathways.attendance_recorded"):
    """A person came to an activity, or was expected and did not. Once for each activity; a wrong record is replaced by a new one."""

    pathway_id: PathwayId
    beneficiary_id: BeneficiaryId
    attendance_id: UUID = Field(description="the record, if it is to be corrected")
    activity_id: ActivityId
    attended: bool = Field(description="whether the person was there")
    minutes: int = Field(ge=0, le=1440, description="for how long they were there; 0 where they were not")
    corrects: UUID | None = Field(default=None, description="the wrong record that this one replaces")
