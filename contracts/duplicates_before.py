"""Versions of the events about duplicates that are written no longer: read for ever, as they were published."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from contracts.duplicates import CountedAdmission, Other, Programme, Survivor, Territory, Words
from contracts.event import Event
from contracts.fields import BeneficiaryId


class CountedAdmissionBefore(BaseModel):
    """An admission to a programme, which did not say whether the person is in it still."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    programme: Programme
    territory: Territory
    international_protection: bool = Field(description="whether it counted for the programme's targets")


class DuplicateConfirmedBefore(Event, type="intake.duplicate_confirmed"):
    """As it was published first: of an admission counted twice it did not say whether the person is in the programme still."""

    beneficiary_id: BeneficiaryId
    other_id: Other
    survivor_id: Survivor
    counted_twice: tuple[CountedAdmissionBefore, ...] = Field(
        default=(), description="this record's admissions that count no more; never the survivor's"
    )
    also_admitted: tuple[Programme, ...] = Field(
        default=(), description="programmes to which the person was admitted under the other record"
    )
    reason: Words = Field(default=None, description="how it is known, in words")


class DuplicateSplitBefore(Event, type="intake.duplicate_split"):
    """As it was published first: of an admission that counts again it did not say whether the person is in the programme still."""

    beneficiary_id: BeneficiaryId
    other_id: Other
    survivor_id: Survivor
    counts_again: tuple[CountedAdmissionBefore, ...] = Field(default=(), description="this record's admissions that count again")
    reason: Words = Field(default=None, description="what was wrong, in words")


class DuplicateConfirmedOfNoEpisode(Event, type="intake.duplicate_confirmed", version=2):
    """As it was published second: it did not say how many episodes of care the record had."""

    beneficiary_id: BeneficiaryId
    other_id: Other
    survivor_id: Survivor
    counted_twice: tuple[CountedAdmission, ...] = Field(
        default=(), description="this record's admissions that count no more; never the survivor's"
    )
    also_admitted: tuple[Programme, ...] = Field(
        default=(), description="programmes to which the person was admitted under the other record"
    )
    reason: Words = Field(default=None, description="how it is known, in words")


class DuplicateSplitOfNoEpisode(Event, type="intake.duplicate_split", version=2):
    """As it was published second: it did not say how many episodes of care the record had."""

    beneficiary_id: BeneficiaryId
    other_id: Other
    survivor_id: Survivor
    counts_again: tuple[CountedAdmission, ...] = Field(default=(), description="this record's admissions that count again")
    reason: Words = Field(default=None, description="what was wrong, in words")
