"""What intake publishes about two records that may be one person's: suspected, dismissed, confirmed, split again.

Each fact stands on a person's own stream, and tells of the other from there; what joins two streams is appended to both at once. What was
compared, and how it compared, is sealed: nobody needs it but who decides.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.duplicate_codes import Agreement, ScoreBand
from contracts.event import Event
from contracts.fields import BeneficiaryId, Episode, Organisation
from contracts.personal import DataClass, Personal

_IDENTITY = Personal(DataClass.IDENTITY)

Reference = Annotated[UUID, Field(description="the other record, as the organisation that asked may know it: opaque, not its id")]
Other = Annotated[UUID, Field(description="the other record of the same person")]
Survivor = Annotated[UUID, Field(description="which of both goes on; nothing new is recorded on the other")]
Programme = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$", description="code of the programme, such as ancora-2.0")]
Territory = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="code of the province, such as PR")]
SealedOther = Annotated[UUID | None, _IDENTITY]
Words = Annotated[str | None, Personal(DataClass.NOTES)]


class FieldsCompared(BaseModel):
    """How each field of two persons compares."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    given_names: Agreement = Field(description="how the given names of both compare")
    family_name: Agreement = Field(description="how the family name of both compare")
    birth_date: Agreement = Field(description="how the day of birth of both compare")
    sex: Agreement = Field(description="how the sex of both compare")
    citizenship: Agreement = Field(description="how the citizenship of both compare")
    tax_code: Agreement = Field(description="how the codice fiscale of both compare")


class CountedAdmission(BaseModel):
    """An admission to a programme, as it counts for its figures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    programme: Programme
    territory: Territory
    international_protection: bool = Field(description="whether it counted for the programme's targets")
    current: bool = Field(description="whether the person is in the programme still, seen from this record")


class DuplicateSuspected(Event, type="intake.duplicate_suspected"):
    """Another record may be this person's: it was found before this one was saved, and is still to be decided on."""

    beneficiary_id: BeneficiaryId
    reference: Reference
    organisation: Organisation
    band: ScoreBand = Field(description="how much speaks for it")
    matcher: str = Field(pattern=r"^[0-9]{4}-[0-9]{1,3}$", description="version of the weights by which it was compared")
    other: SealedOther = Field(default=None, description="the other record's id")
    score_permille: Annotated[int | None, _IDENTITY] = Field(default=None, description="how much speaks for it, from 0 to 1000")
    fields: Annotated[FieldsCompared | None, _IDENTITY] = Field(default=None, description="how each field compares")
    remarks: Words = Field(default=None, description="what whoever saved it found, in words")


class DuplicateDismissed(Event, type="intake.duplicate_dismissed"):
    """Somebody looked at both: they are two persons. The pair is not suspected again."""

    beneficiary_id: BeneficiaryId
    reference: Reference
    other: SealedOther = Field(default=None, description="the other record's id")
    reason: Words = Field(default=None, description="why they are two, in words")


class DuplicateConfirmed(Event, type="intake.duplicate_confirmed", version=3):
    """Both records are one person's. Both keep their histories; it stands on both streams, at once."""

    beneficiary_id: BeneficiaryId
    other_id: Other
    survivor_id: Survivor
    episode: Episode
    counted_twice: tuple[CountedAdmission, ...] = Field(
        default=(), description="this record's admissions that count no more; never the survivor's"
    )
    also_admitted: tuple[Programme, ...] = Field(
        default=(), description="programmes to which the person was admitted under the other record"
    )
    reason: Words = Field(default=None, description="how it is known, in words")


class DuplicateSplit(Event, type="intake.duplicate_split", version=3):
    """They are two persons after all: both records go on as before they were taken for one. It stands on both streams, at once."""

    beneficiary_id: BeneficiaryId
    other_id: Other
    survivor_id: Survivor
    episode: Episode
    counts_again: tuple[CountedAdmission, ...] = Field(default=(), description="this record's admissions that count again")
    reason: Words = Field(default=None, description="what was wrong, in words")


DuplicateEvent = DuplicateSuspected | DuplicateDismissed | DuplicateConfirmed | DuplicateSplit
"""Every event about duplicates, each on a person's stream."""
