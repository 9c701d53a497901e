"""What pathways and tutors publish when intake has confirmed that a record is the same person's as another, or split the two.

`decided` is the version of the record's stream in intake at which it was decided: whatever comes later with a lower one has been overtaken,
in whichever order it is delivered. Nothing is published of the record that goes on: nothing changes for it.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from contracts.duplicates import Survivor
from contracts.event import Event
from contracts.fields import BeneficiaryId, Episode, Municipality, Organisation, PathwayId, RequestId, Territory

Decided = Annotated[int, Field(ge=1, description="version of the person's stream in intake at which it was decided")]


class _Decided(BaseModel):
    beneficiary_id: BeneficiaryId
    survivor_id: Survivor
    decided: Decided


class _OfRequest(_Decided):
    request_id: RequestId
    pathway_id: PathwayId
    episode: Episode
    organisation: Organisation
    territory: Territory
    municipality: Municipality = None


class PathwayJoined(_Decided, Event, type="pathways.pathway_joined"):
    """Another record of the same person goes on: nothing new is recorded on this pathway, but what was begun on it can be ended."""

    pathway_id: PathwayId


class PathwayParted(_Decided, Event, type="pathways.pathway_parted"):
    """The two records are two persons' after all: the pathway goes on as before, and awaits again what it awaited."""

    pathway_id: PathwayId
    review_due: date | None = Field(description="the review that is awaited again, where one was")
    plan_runs_from: date | None = Field(description="the day from which an accepted plan runs unconfirmed, where one waits")


class RequestJoined(_OfRequest, Event, type="tutors.request_joined"):
    """Another record of the same person goes on: no tutor is sought under this one, whoever asks; a tutor who stands there goes on."""


class RequestParted(_OfRequest, Event, type="tutors.request_parted"):
    """The two records are two persons' after all: a tutor can be sought under this one again."""
