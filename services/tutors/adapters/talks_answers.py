"""What callers get back of matching in a record: what a side brings and wishes, the match that stands, what was declined."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from contracts.intake_codes import Sex
from contracts.matching_codes import Holding, Interest, MatchDeclineReason, MatchParty, TimeSlot

if TYPE_CHECKING:
    from services.tutors.domain.match_talks import Standing, Talks
    from services.tutors.domain.traits import Traits


class TraitsAnswer(BaseModel):
    """What one side of a match brings and wishes, as far as it was said and can still be read."""

    languages: tuple[str, ...]
    interests: tuple[Interest, ...]
    times: tuple[TimeSlot, ...]
    gender: Sex | None
    wanted_gender: Sex | None
    municipality: str | None


class MatchAnswer(BaseModel):
    """The match that stands, and who accepted it when."""

    match_id: UUID
    tutor_id: UUID
    proposed_on: date
    first_meeting_on: date | None
    tutor_accepted_on: date | None
    beneficiary_accepted_on: date | None


class DeclinedAnswer(BaseModel):
    """A match that was declined, and how long it is not proposed again."""

    model_config = ConfigDict(from_attributes=True)

    tutor_id: UUID
    reason: MatchDeclineReason
    holds: Holding
    until: date | None


def talks_answer(talks: Talks) -> dict[str, object]:
    """Return what a request's answer says of its talks."""
    standing = talks.standing
    return {
        "wishes": traits_answer(talks.wishes),
        "match": None if standing is None else _match(standing),
        "declined": tuple(DeclinedAnswer.model_validate(one) for one in talks.declined),
    }


def _match(standing: Standing) -> MatchAnswer:
    return MatchAnswer(
        match_id=standing.match_id,
        tutor_id=standing.tutor_id,
        proposed_on=standing.proposed_on,
        first_meeting_on=standing.first_meeting_on,
        tutor_accepted_on=standing.accepted.get(MatchParty.TUTOR),
        beneficiary_accepted_on=standing.accepted.get(MatchParty.BENEFICIARY),
    )


def traits_answer(traits: Traits) -> TraitsAnswer:
    """Return what is said of one side."""
    return TraitsAnswer(
        languages=tuple(sorted(traits.languages)),
        interests=tuple(sorted(traits.interests)),
        times=tuple(sorted(traits.times)),
        gender=traits.gender,
        wanted_gender=traits.wanted_gender,
        municipality=traits.municipality,
    )
