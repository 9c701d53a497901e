"""Published events of the tutors service about matching: what both sides wish, and the proposals that were accepted or declined.

Proposals lie on the tutor request's stream, keyed by the beneficiary; at most one stands at a time. What the two are like is sealed:
how well they fit travels as numbers, and is put into words where it is shown.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from contracts.event import Event
from contracts.fields import BeneficiaryId, RequestId, TutorId
from contracts.intake_codes import Sex
from contracts.matching_codes import Holding, Interest, MatchDeclineReason, MatchOrigin, MatchParty, TimeSlot
from contracts.personal import DataClass, Personal

OfTutor = Personal(DataClass.IDENTITY, subject="tutor_id")
TutorPlace = Personal(DataClass.CONTACT, subject="tutor_id")
OfBeneficiary = Personal(DataClass.IDENTITY, subject="beneficiary_id")
BeneficiaryPlace = Personal(DataClass.CONTACT, subject="beneficiary_id")
BeneficiaryNotes = Personal(DataClass.NOTES, subject="beneficiary_id")

Accepting = Literal[MatchParty.TUTOR, MatchParty.BENEFICIARY]
MatchId = Annotated[UUID, Field(description="the proposal, whatever becomes of it")]
Fit = Annotated[int | None, Field(ge=0, le=100, description="how well they fit in it, 0 to 100; None where one side said nothing")]


class TutorOfferDescribed(Event, type="tutors.tutor_offer_described"):
    """What a tutor brings and wishes, all of it as it is now. What is not said is taken from the registration, where it stands there."""

    tutor_id: TutorId
    languages: Annotated[tuple[str, ...] | None, OfTutor] = Field(default=None, description="ISO 639 codes of the languages spoken")
    interests: Annotated[tuple[Interest, ...] | None, OfTutor] = Field(default=None, description="what the tutor likes to do")
    times: Annotated[tuple[TimeSlot, ...] | None, OfTutor] = Field(default=None, description="when in the week the tutor has time")
    gender: Annotated[Sex | None, OfTutor] = Field(default=None, description="the tutor's")
    wanted_gender: Annotated[Sex | None, OfTutor] = Field(default=None, description="the only one whom the tutor would stand beside")
    municipality: Annotated[str | None, TutorPlace] = Field(default=None, description="ISTAT code of where the tutor can be met")


class TutorWishDescribed(Event, type="tutors.tutor_wish_described"):
    """Whom a person would like as a tutor, all of it as it is now, in the person's own words put into codes."""

    request_id: RequestId
    beneficiary_id: BeneficiaryId
    languages: Annotated[tuple[str, ...] | None, OfBeneficiary] = Field(default=None, description="ISO 639 codes of the languages spoken")
    interests: Annotated[tuple[Interest, ...] | None, OfBeneficiary] = Field(default=None, description="what the person likes to do")
    times: Annotated[tuple[TimeSlot, ...] | None, OfBeneficiary] = Field(default=None, description="when in the week the person has time")
    gender: Annotated[Sex | None, OfBeneficiary] = Field(default=None, description="the person's")
    wanted_gender: Annotated[Sex | None, OfBeneficiary] = Field(default=None, description="the only one whom the person would accept")
    municipality: Annotated[str | None, BeneficiaryPlace] = Field(default=None, description="ISTAT code of where the person lives")


class _OfMatch(BaseModel):
    match_id: MatchId
    request_id: RequestId
    beneficiary_id: BeneficiaryId
    tutor_id: TutorId


class MatchProposed(_OfMatch, Event, type="tutors.match_proposed"):
    """A tutor was proposed for a person (*abbinamento*). Nothing is taken by it: both accept after a first meeting, or it is declined.

    The parts of the score and their sum by the weights of `policy_version` say why; a match that was agreed outside has none.
    """

    origin: MatchOrigin = Field(description="how it came about")
    proposed_on: date = Field(description="the day of the proposal")
    policy_version: str | None = Field(default=None, description="version of the weights by which it was scored")
    score: Annotated[int | None, Field(ge=0, le=10_000, description="the parts by their weights, 0 to 10000")] = None
    languages: Fit = None
    distance: Fit = None
    interests: Fit = None
    availability: Fit = None
    continuity: Fit = None


class MatchAccepted(_OfMatch, Event, type="tutors.match_accepted"):
    """One of the two accepted, after their first meeting. When both did, the tutor may be assigned."""

    by: Accepting = Field(description="who accepted")
    first_meeting_on: date = Field(description="the day on which the two met first")
    accepted_on: date = Field(description="the day of the acceptance")


class MatchDeclined(_OfMatch, Event, type="tutors.match_declined"):
    """A standing match was declined. While `holds` lasts the pair is not proposed again, and what was declined is never assigned."""

    by: MatchParty = Field(description="who declined")
    reason: MatchDeclineReason = Field(description="why")
    holds: Holding = Field(description="how long the pair is not proposed again")
    until: date | None = Field(default=None, description="the last day of that, where it is a day")
    availability: Annotated[int | None, Field(ge=0)] = Field(
        default=None, description="how often the tutor had changed their availability, where it holds until they do again"
    )
    notes: Annotated[str | None, BeneficiaryNotes] = Field(default=None, description="what led to it, in words")
