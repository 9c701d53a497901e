"""What callers send about matching: what both sides wish, and what becomes of a proposal."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import UUID4, Field

from contracts.intake_codes import Sex
from contracts.matching_codes import Interest, MatchDeclineReason, MatchParty, TimeSlot
from services._runtime.web.bodies import CommandBody, Day, Prose
from services.tutors.adapters.bodies import Language, Municipality
from services.tutors.domain.traits import Traits


class Description(CommandBody):
    """All that one side brings and wishes, as it is now: what is left out is taken as not said."""

    languages: Annotated[tuple[Language, ...], Field(max_length=20)] = ()
    interests: Annotated[tuple[Interest, ...], Field(max_length=20)] = ()
    times: Annotated[tuple[TimeSlot, ...], Field(max_length=10)] = ()
    gender: Sex | None = None
    wanted_gender: Annotated[Sex | None, Field(description="the only one whom this side would have; absent: any")] = None
    municipality: Municipality | None = None

    def traits(self) -> Traits:
        """Return it as the domain takes it."""
        return Traits(
            languages=frozenset(self.languages),
            interests=frozenset(self.interests),
            times=frozenset(self.times),
            gender=self.gender,
            wanted_gender=self.wanted_gender,
            municipality=self.municipality,
        )


class Proposing(CommandBody):
    """The tutor who is proposed on `occurred_on`, and the proposal's id, chosen by the caller."""

    match_id: UUID4
    tutor_id: UUID


class Acceptance(CommandBody):
    """Who accepted on `occurred_on`, and when the two met first."""

    by: Literal[MatchParty.TUTOR, MatchParty.BENEFICIARY]
    first_meeting_on: Day


class MatchRefusal(CommandBody):
    """Who declined, and why. `until`: the last day on which the reason holds, with `not_now` and `no_first_meeting` only."""

    by: MatchParty
    reason: MatchDeclineReason
    until: Day | None = None
    notes: Prose | None = None
