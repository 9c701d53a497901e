"""What intake publishes about a person's other names: recorded beside the one that is on the document, and taken back if wrong.

The facts stand on the person's own stream, and the names are sealed with the identity. No name of either event takes the place of the
person's own: that is what a corrected identity does.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.event import Event
from contracts.fields import BeneficiaryId
from contracts.intake_codes import AliasFault, AliasKind
from contracts.personal import DataClass, Personal

_IDENTITY = Personal(DataClass.IDENTITY)
AliasId = Annotated[UUID, Field(description="the name, if it is to be taken back: random, says nothing")]


class AliasRecorded(Event, type="intake.alias_recorded"):
    """The person is, or was, also known under this name, or theirs is also spelt like this."""

    beneficiary_id: BeneficiaryId
    alias_id: AliasId
    kind: Annotated[AliasKind | None, _IDENTITY] = Field(default=None, description="what the name is to the person")
    given_names: Annotated[str | None, _IDENTITY] = Field(default=None, description="given names, in any script")
    family_name: Annotated[str | None, _IDENTITY] = Field(default=None, description="family name, in any script")


class AliasRetracted(Event, type="intake.alias_retracted"):
    """The name was recorded wrongly: the person is neither found by it nor compared under it any more."""

    beneficiary_id: BeneficiaryId
    alias_id: AliasId
    reason_code: AliasFault = Field(description="what was wrong")


AliasEvent = AliasRecorded | AliasRetracted
"""Every event of a person's other names, on the person's own stream."""
