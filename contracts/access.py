"""What every service publishes about its answers: who read, whose data, of which classes. One event for each answer, refusals too.

The same fact from each of the four services, each under its own name and from a store, a feed and a topic of its own:
`<service>.access`. Who read, for which organisation, for what purpose and when, the envelope says. Nothing here is personal but ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.access_codes import DataClassOnce, ReadOutcome
from contracts.event import Event

Code = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
Action = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}\.[a-z0-9-]{1,64}$")]
Address = Annotated[str, Field(pattern=r"^[0-9a-f.:]{0,45}(/[0-9]{1,3})?$")]


class _Answered(BaseModel):
    """What every version says of an answer."""

    role: Code = Field(description="the caller's role")
    action: Action = Field(description="what they did, as the policies name it")
    subjects: tuple[UUID, ...] = Field(description="whose data the answer holds; where it was refused, whose were asked for by name")
    outcome: ReadOutcome = Field(description="whether it was answered")
    status: Annotated[int, Field(ge=100, le=599)] = Field(description="the answer's HTTP status")
    origin: Address = Field(description="the network from which it was asked, never the machine; empty where that is unknown")


class AccessRecordedOnce(_Answered):
    """As it was published first: with a closed list of classes, which none could join."""

    classes: tuple[DataClassOnce, ...] = Field(description="which classes of personal data the answer holds; none where it names nobody")


class AccessRecorded(_Answered):
    """An answer that told somebody of persons, or refused to."""

    classes: tuple[Code, ...] = Field(
        description="which classes of personal data the answer holds, by their codes; none where it names nobody"
    )


class IntakeAccessRecordedOnce(AccessRecordedOnce, Event, type="intake.access_recorded"):
    """Intake told somebody of persons, or refused to; as it was published first."""


class PathwaysAccessRecordedOnce(AccessRecordedOnce, Event, type="pathways.access_recorded"):
    """Pathways told somebody of persons, or refused to; as it was published first."""


class TutorsAccessRecordedOnce(AccessRecordedOnce, Event, type="tutors.access_recorded"):
    """Tutors told somebody of persons, or refused to; as it was published first."""


class ReportingAccessRecordedOnce(AccessRecordedOnce, Event, type="reporting.access_recorded"):
    """Reporting told somebody of persons, or refused to; as it was published first."""


class IntakeAccessRecorded(AccessRecorded, Event, type="intake.access_recorded", version=2):
    """Intake told somebody of persons, or refused to."""


class PathwaysAccessRecorded(AccessRecorded, Event, type="pathways.access_recorded", version=2):
    """Pathways told somebody of persons, or refused to."""


class TutorsAccessRecorded(AccessRecorded, Event, type="tutors.access_recorded", version=2):
    """Tutors told somebody of persons, or refused to."""


class ReportingAccessRecorded(AccessRecorded, Event, type="reporting.access_recorded", version=2):
    """Reporting told somebody of persons, or refused to."""


AnyAccessRecorded = IntakeAccessRecorded | PathwaysAccessRecorded | TutorsAccessRecorded | ReportingAccessRecorded

ACCESS_RECORDED: Mapping[str, type[AnyAccessRecorded]] = {
    "intake": IntakeAccessRecorded,
    "pathways": PathwaysAccessRecorded,
    "tutors": TutorsAccessRecorded,
    "reporting": ReportingAccessRecorded,
}
"""The event of each service."""
