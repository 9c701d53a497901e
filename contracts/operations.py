"""What every service publishes about its own operation: that a person tried a parked record again, or took it away.

The same two facts from each of the four emitters, each under its own name, because a topic holds the events of one service only.
They name a record by its place and its event's id, never a person; their streams are keyed by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.event import Event
from contracts.operations_codes import DiscardReason, RetryOutcome, RetryReason

Code = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")]
ErrorKind = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.<>]{1,200}$")]


class ParkedRecord(BaseModel):
    """Which record, of which consumer. Without `event_id` it is a record that carries no event of ours."""

    consumer: Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,100}$", description="the consumer that parked it")]
    event_id: UUID | None = Field(default=None, description="the event it carries")
    event_type: Annotated[str, Field(pattern=r"^[a-z0-9_.]{1,100}$")] | None = Field(default=None, description="that event's type")
    topic: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,249}$", description="the topic it came from")]
    partition: Annotated[int, Field(ge=0, description="the partition it lay in")]
    offset: Annotated[int, Field(ge=0, description="where in the partition it lay")]


class Retried(ParkedRecord):
    """A new try at a parked record, and what came of it."""

    reason: RetryReason = Field(description="why it was tried again")
    outcome: RetryOutcome = Field(description="what came of it")
    refusal: Code | None = Field(default=None, description="the refusal's code, where the decider refused")
    failure: ErrorKind | None = Field(default=None, description="the error's kind, where it fails still")


class Discarded(ParkedRecord):
    """A parked record that was taken away for good."""

    reason: DiscardReason = Field(description="why it was taken away")


class IntakeRetried(Retried, Event, type="intake.parked_record_retried"):
    """A person had intake try a parked record again; a refusal is an outcome, and an outcome takes the record away."""


class IntakeDiscarded(Discarded, Event, type="intake.parked_record_discarded"):
    """A person took a record that intake had parked away for good; it counts as handled, without any effect."""


class PathwaysRetried(Retried, Event, type="pathways.parked_record_retried"):
    """A person had pathways try a parked record again; a refusal is an outcome, and an outcome takes the record away."""


class PathwaysDiscarded(Discarded, Event, type="pathways.parked_record_discarded"):
    """A person took a record that pathways had parked away for good; it counts as handled, without any effect."""


class TutorsRetried(Retried, Event, type="tutors.parked_record_retried"):
    """A person had tutors try a parked record again; a refusal is an outcome, and an outcome takes the record away."""


class TutorsDiscarded(Discarded, Event, type="tutors.parked_record_discarded"):
    """A person took a record that tutors had parked away for good; it counts as handled, without any effect."""


class ReportingRetried(Retried, Event, type="reporting.parked_record_retried"):
    """A person had reporting try a parked record again; a refusal is an outcome, and an outcome takes the record away."""


class ReportingDiscarded(Discarded, Event, type="reporting.parked_record_discarded"):
    """A person took a record that reporting had parked away for good; it counts as handled, without any effect."""


AnyRetried = IntakeRetried | PathwaysRetried | TutorsRetried | ReportingRetried
AnyDiscarded = IntakeDiscarded | PathwaysDiscarded | TutorsDiscarded | ReportingDiscarded

RETRIED: Mapping[str, type[AnyRetried]] = {
    "intake": IntakeRetried,
    "pathways": PathwaysRetried,
    "tutors": TutorsRetried,
    "reporting": ReportingRetried,
}
"""The class that each service publishes for a new try."""

DISCARDED: Mapping[str, type[AnyDiscarded]] = {
    "intake": IntakeDiscarded,
    "pathways": PathwaysDiscarded,
    "tutors": TutorsDiscarded,
    "reporting": ReportingDiscarded,
}
"""The class that each service publishes for a discard."""
