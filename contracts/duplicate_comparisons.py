"""What intake publishes when two organisations look together whether a record of each is one person's: asked, agreed, or declined.

Each fact is appended to both persons' streams at once, and tells of the other record from there. Nothing of who they are travels: each
record is known to the other organisation by an opaque reference, and whose it is is sealed.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from contracts.duplicate_codes import ScoreBand
from contracts.duplicates import Reference, SealedOther, Words
from contracts.event import Event
from contracts.fields import BeneficiaryId, PolicyVersion
from contracts.pathway_values import Code

OtherOrganisation = Annotated[Code, Field(description="code of the organisation that answers for the other record")]


class _OfComparison(BaseModel):
    beneficiary_id: BeneficiaryId
    reference: Reference


class DuplicateComparisonRequested(_OfComparison, Event, type="intake.duplicate_comparison_requested"):
    """An organisation asks another to look together whether both records are one person's; until that agrees, nothing is shown."""

    organisation: OtherOrganisation
    asked_by: Code = Field(description="code of the organisation that asks: the one of this record, or the other")
    band: ScoreBand = Field(description="how much speaks for it")
    matcher: str = Field(pattern=r"^[0-9]{4}-[0-9]{1,3}$", description="version of the weights by which it was compared")
    lapses_on: date = Field(description="the last day on which it can be agreed to")
    policy_version: PolicyVersion
    other: SealedOther = Field(default=None, description="the other record's id")


class DuplicateComparisonAgreed(_OfComparison, Event, type="intake.duplicate_comparison_agreed"):
    """Both organisations agreed: the other one may see who this person is, and how each field compares, until a day."""

    organisation: OtherOrganisation
    shown_until: date = Field(description="the last day on which it may be seen")
    policy_version: PolicyVersion


class DuplicateComparisonDeclined(_OfComparison, Event, type="intake.duplicate_comparison_declined"):
    """One of both organisations does not agree, or no longer: both records are closed to each other."""

    reason: Words = Field(default=None, description="why not, in words")


DuplicateComparisonEvent = DuplicateComparisonRequested | DuplicateComparisonAgreed | DuplicateComparisonDeclined
"""Every event of a comparison, each on both persons' streams."""
