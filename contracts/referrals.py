"""What intake publishes about referrals: somebody tells an organisation of a person, and the organisation accepts or declines.

The stream is the referral's own, kept in the order of the person who is referred: their id is made with the referral, seals what is said
of them from its first event on, and is their id in care where the referral is accepted. So an erasure of theirs reaches it.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.event import Event
from contracts.fields import BeneficiaryId, Territory
from contracts.pathway_values import Code
from contracts.personal import DataClass, Personal
from contracts.referral_codes import DeclineReason, Referrer

ReferralId = Annotated[UUID, Field(description="the referral: random, says nothing")]
Receiver = Annotated[str, Field(description="code of the organisation that is asked to take the person into care")]
Words = Annotated[str | None, Personal(DataClass.NOTES)]
IdentityText = Annotated[str | None, Personal(DataClass.IDENTITY)]
ContactText = Annotated[str | None, Personal(DataClass.CONTACT)]


class _OfReferral(BaseModel):
    referral_id: ReferralId
    beneficiary_id: BeneficiaryId


class ReferralReceived(_OfReferral, Event, type="intake.referral_received"):
    """An organisation was told of a person. `sender` is the organisation that entered it."""

    by: Referrer = Field(description="who refers the person")
    sender: Code = Field(description="code of the organisation that entered it")
    organisation: Receiver
    territory: Territory
    given_names: IdentityText = Field(default=None, description="given names, as the referrer knows them")
    family_name: IdentityText = Field(default=None, description="family name, as the referrer knows it")
    languages: Annotated[tuple[str, ...] | None, Personal(DataClass.CONTACT)] = Field(
        default=None, description="ISO 639 codes of the languages that the person understands"
    )
    email: ContactText = Field(default=None, description="address for electronic mail")
    phone: ContactText = Field(default=None, description="number under which the person is reached")
    reason: Words = Field(default=None, description="why the person is referred, in words")


class ReferralAccepted(_OfReferral, Event, type="intake.referral_accepted"):
    """The organisation takes the person: a record of theirs begins, on which notice and enrolment follow."""


class ReferralDeclined(_OfReferral, Event, type="intake.referral_declined"):
    """The organisation does not take the person."""

    reason: DeclineReason = Field(description="why not, as a code")
    words: Words = Field(default=None, description="why not, in words")


class ReferralUnanswered(_OfReferral, Event, type="intake.referral_unanswered"):
    """The time within which a referral is to be answered has passed without an answer."""


class ReferralDataErased(_OfReferral, Event, type="intake.referral_data_erased"):
    """The time for which a declined referral's personal data are kept has passed: they are unreadable."""

    key_backups_expire_on: date = Field(description="the day on which the last backup that holds a destroyed key expires")


class PersonReferred(_OfReferral, Event, type="intake.person_referred"):
    """A person's own stream begins: they are known by an accepted referral, which stays named as where the record comes from."""

    organisation: Receiver
    territory: Territory


ReferralEvent = ReferralReceived | ReferralAccepted | ReferralDeclined | ReferralUnanswered | ReferralDataErased
"""Every event of a referral's stream."""
