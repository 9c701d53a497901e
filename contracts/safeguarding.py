"""Published events of the pathways service about safeguarding: that a concern was raised, closed or handed over, and nothing else of it.

What it is about, whom it points to and what came of it are sealed under a class of their own, so that whoever may open the rest of a
pathway does not open this with it. The fact alone travels, so that nobody can lose a concern unseen.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.event import Event
from contracts.fields import BeneficiaryId, PathwayId
from contracts.pathway_values import Text
from contracts.personal import DataClass, Personal

ConcernKind = Literal["violence", "exploitation", "self-harm", "neglect", "child-at-risk", "other"]
ConcernOutcome = Literal["resolved", "referred-to-services", "reported-to-authority", "unfounded"]

_Told = Annotated[Text | None, Personal(DataClass.SAFEGUARDING)]


class _OfConcern(BaseModel):
    pathway_id: PathwayId
    beneficiary_id: BeneficiaryId
    concern_id: UUID = Field(description="the concern: random, says nothing")


class ConcernRaised(_OfConcern, Event, type="pathways.concern_raised"):
    """Somebody of the care team fears for the person, or for somebody near them."""

    kind: Annotated[ConcernKind | None, Personal(DataClass.SAFEGUARDING)] = Field(default=None, description="what is feared")
    description: _Told = Field(default=None, description="what was seen or said, in words")


class ConcernClosed(_OfConcern, Event, type="pathways.concern_closed"):
    """A concern was followed up and needs no more."""

    outcome: Annotated[ConcernOutcome | None, Personal(DataClass.SAFEGUARDING)] = Field(default=None, description="what came of it")
    notes: _Told = Field(default=None, description="what was done, in words")


class ConcernHandedOver(_OfConcern, Event, type="pathways.concern_handed_over"):
    """The pathway closed while the concern stood open: it did not end with it, and whoever looks after the person next must know."""
