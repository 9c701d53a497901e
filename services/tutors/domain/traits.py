"""What one of the two sides of a match is like and wishes: the same values on both, so that they can be laid side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from contracts.intake_codes import Sex
from contracts.matching import TutorOfferDescribed, TutorWishDescribed
from contracts.matching_codes import Interest, TimeSlot


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """One side. What was not said, or cannot be read any more, is empty or None: it neither helps nor harms."""

    languages: frozenset[str] = frozenset()
    interests: frozenset[Interest] = frozenset()
    times: frozenset[TimeSlot] = frozenset()
    gender: Sex | None = None
    wanted_gender: Sex | None = None
    municipality: str | None = None

    def accepts(self, other: Traits) -> bool:
        """Tell whether this side would have the other: who wants a gender is never given somebody of another, or of an unknown one."""
        return self.wanted_gender is None or self.wanted_gender == other.gender


UNSAID = Traits()
"""A side that said nothing."""


def traits_of(said: TutorOfferDescribed | TutorWishDescribed) -> Traits:
    """Return what was said, as far as it can still be read."""
    return Traits(
        languages=frozenset(said.languages or ()),
        interests=frozenset(said.interests or ()),
        times=frozenset(said.times or ()),
        gender=said.gender,
        wanted_gender=said.wanted_gender,
        municipality=said.municipality,
    )


def offer_described(traits: Traits, *, tutor_id: UUID) -> TutorOfferDescribed:
    """Return what a tutor brings, as a fact."""
    return TutorOfferDescribed(tutor_id=tutor_id, **_said(traits))


def wish_described(traits: Traits, *, request_id: UUID, beneficiary_id: UUID) -> TutorWishDescribed:
    """Return what a person wishes, as a fact."""
    return TutorWishDescribed(request_id=request_id, beneficiary_id=beneficiary_id, **_said(traits))


class _Said(TypedDict):
    languages: tuple[str, ...] | None
    interests: tuple[Interest, ...] | None
    times: tuple[TimeSlot, ...] | None
    gender: Sex | None
    wanted_gender: Sex | None
    municipality: str | None


def _said(traits: Traits) -> _Said:
    return _Said(
        languages=tuple(sorted(traits.languages)) or None,
        interests=tuple(sorted(traits.interests)) or None,
        times=tuple(sorted(traits.times)) or None,
        gender=traits.gender,
        wanted_gender=traits.wanted_gender,
        municipality=traits.municipality,
    )
