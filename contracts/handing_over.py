"""What pathways and tutors publish when responsibility for a person has moved in intake: their own records follow.

`responsibility` is the version of the person's stream in intake at which the transfer was accepted: whatever comes later with a lower one
has been overtaken, in whichever order it is delivered.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from contracts.event import Event
from contracts.fields import AssignmentId, BeneficiaryId, Episode, Municipality, Organisation, PathwayId, RequestId, Territory
from contracts.pathway_values import Code
from contracts.transfers import TransferId

Responsibility = Annotated[int, Field(ge=1, description="version of the person's stream in intake at which the transfer was accepted")]


class _HandedOver(BaseModel):
    beneficiary_id: BeneficiaryId
    transfer_id: TransferId
    organisation: Organisation
    territory: Territory
    municipality: Municipality = None
    sender: Code = Field(description="code of the organisation that was responsible before")
    responsibility: Responsibility


class PathwayHandedOver(_HandedOver, Event, type="pathways.pathway_handed_over"):
    """The pathway is the receiver's from now on, with its history; the team of the organisation before has it no longer."""

    pathway_id: PathwayId


class RequestHandedOver(_HandedOver, Event, type="tutors.request_handed_over"):
    """The request for a tutor is the receiver's from now on; where nobody has asked yet, it is where a wish will belong."""

    request_id: RequestId
    pathway_id: PathwayId
    episode: Episode


class AssignmentHandedOver(_HandedOver, Event, type="tutors.assignment_handed_over"):
    """The tutor goes on standing beside the person, who stays in the province; the receiver coordinates from now on."""

    assignment_id: AssignmentId
