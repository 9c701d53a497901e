"""What pathways publishes when intake has confirmed that a record is the same person's as another, or split the two.

`decided` is the version of the record's stream in intake at which it was decided: whatever comes later with a lower one has been overtaken,
in whichever order it is delivered. Nothing is published of the record that goes on: nothing changes for it.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from contracts.duplicates import Survivor
from contracts.event import Event
from contracts.fields import BeneficiaryId, PathwayId

Decided = Annotated[int, Field(ge=1, description="version of the person's stream in intake at which it was decided")]


class _Decided(BaseModel):
    beneficiary_id: BeneficiaryId
    survivor_id: Survivor
    decided: Decided


class PathwayJoined(_Decided, Event, type="pathways.pathway_joined"):
    """Another record of the same person goes on: nothing new is recorded on this pathway, but what was begun on it can be ended."""

    pathway_id: PathwayId


class PathwayParted(_Decided, Event, type="pathways.pathway_parted"):
    """The two records are two persons' after all: the pathway goes on as before, and awaits again what it awaited."""

    pathway_id: PathwayId
    review_due: date | None = Field(description="the review that is awaited again, where one was")
    plan_runs_from: date | None = Field(description="the day from which an accepted plan runs unconfirmed, where one waits")
