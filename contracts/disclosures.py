"""What intake publishes about disclosure: which organisation may read which classes of a person's data, for what and until when.

The facts stand on the person's own stream. Nothing in them is personal but ids: they name organisations, purposes, classes and days.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, WithJsonSchema

from contracts.disclosure_codes import LegalBasis, WithdrawnBy
from contracts.event import Event
from contracts.fields import BeneficiaryId
from contracts.pathway_values import Code
from contracts.personal import DataClass

AuthorisationId = Annotated[UUID, Field(description="the authorisation: random, says nothing")]


def _disclosable(data_class: DataClass) -> DataClass:
    if data_class is DataClass.SAFEGUARDING:
        raise ValueError("no authorisation discloses a safeguarding concern")
    return data_class


Disclosable = Annotated[
    DataClass,
    AfterValidator(_disclosable),
    WithJsonSchema({"type": "string", "enum": [one.value for one in DataClass if one is not DataClass.SAFEGUARDING]}),
]
"""A class of personal data that may be disclosed: all there are, but what concerns safeguarding."""


class DisclosureAuthorised(Event, type="intake.disclosure_authorised"):
    """The recipient may read these classes of the person's data for this purpose, up to and including a day."""

    beneficiary_id: BeneficiaryId
    authorisation_id: AuthorisationId
    recipient: Code = Field(description="code of the organisation or municipality that may read")
    purpose: Code = Field(description="what for: the purpose that the reader's token names")
    classes: tuple[Disclosable, ...] = Field(description="the classes of personal data that may be read, and no others")
    legal_basis: LegalBasis = Field(description="on which ground the recipient uses them")
    expires_on: date = Field(description="the last day on which they may be read")


class DisclosureWithdrawn(Event, type="intake.disclosure_withdrawn"):
    """The authorisation opens nothing any more."""

    beneficiary_id: BeneficiaryId
    authorisation_id: AuthorisationId
    by: WithdrawnBy = Field(description="who withdraws it")


DisclosureEvent = DisclosureAuthorised | DisclosureWithdrawn
"""Every event of a disclosure, on the person's own stream."""
