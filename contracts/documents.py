"""What intake publishes about a document's validity: that it will expire, and that its renewal was asked for.

The facts stand on the person's own stream. The day of expiry is sealed with the document; a reminder tells how many days ahead it was due.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from contracts.event import Event
from contracts.fields import BeneficiaryId
from contracts.personal import DataClass, Personal

DocumentId = Annotated[UUID, Field(description="the document, whatever is later learnt of it")]
_IDENTITY = Personal(DataClass.IDENTITY)


class DocumentExpiring(Event, type="intake.document_expiring"):
    """A document of a person in care expires before so many days have passed."""

    beneficiary_id: BeneficiaryId
    document_id: DocumentId
    days_ahead: Annotated[int, Field(ge=1, le=366, description="which reminder it is: 90, 30 or 7 days ahead")]


class DocumentRenewalRequested(Event, type="intake.document_renewal_requested"):
    """The renewal of a document was asked for and is pending, until the renewed one is recorded in its place."""

    beneficiary_id: BeneficiaryId
    document_id: DocumentId
    receipt_on: Annotated[date | None, _IDENTITY] = Field(default=None, description="the day that the receipt bears")
    receipt_number: Annotated[str | None, _IDENTITY] = Field(default=None, description="the receipt's number")


DocumentEvent = DocumentExpiring | DocumentRenewalRequested
"""Every event of a document's validity, on the person's own stream."""
