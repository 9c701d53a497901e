"""Two records that may be one person's: what is known of it on one record, and what may be decided. Pure.

A candidate comes with the command, found and compared beforehand. What is decided of a pair stands on both records' streams; each decides
for its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from contracts.duplicate_codes import ScoreBand
from contracts.duplicate_comparisons import DuplicateComparisonEvent, DuplicateComparisonRequested
from contracts.duplicates import (
    CountedAdmission,
    DuplicateConfirmed,
    DuplicateDismissed,
    DuplicateEvent,
    DuplicateSplit,
    DuplicateSuspected,
    FieldsCompared,
)
from services.intake.domain import joint_state
from services.intake.domain.joint_state import JointComparison


class Standing(StrEnum):
    """What came of a suspicion."""

    OPEN = "open"
    DISMISSED = "dismissed"
    CONFIRMED = "confirmed"
    SPLIT = "split"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """Another record that may be this person's. `other`, `score` and `fields` are None where they cannot be opened, or must not be told."""

    reference: UUID
    organisation: str
    band: ScoreBand
    matcher: str
    other: UUID | None
    score: float | None
    fields: FieldsCompared | None
    standing: Standing = Standing.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class SamePerson:
    """Another record that was confirmed to be this person's; programmes to which they were admitted under it."""

    other: UUID
    survivor: UUID
    also_admitted: tuple[str, ...]
    counted_twice: tuple[CountedAdmission, ...]


@dataclass(frozen=True, slots=True)
class Duplicates:
    """What a record says about others: suspicions, each with what came of it; whom it is compared with; who is the same person now."""

    suspicions: tuple[Suspicion, ...] = ()
    same: tuple[SamePerson, ...] = ()
    comparisons: tuple[JointComparison, ...] = ()

    def survivor(self, own: UUID) -> UUID | None:
        """Return the record that goes on in this one's place; None where this one does."""
        return next((one.survivor for one in self.same if one.survivor != own), None)

    def about(self, other: UUID) -> Suspicion | None:
        """Return the suspicion about another record."""
        return next((one for one in self.suspicions if one.other == other), None)

    def under(self, reference: UUID) -> Suspicion | None:
        """Return the suspicion under a reference."""
        return next((one for one in self.suspicions if one.reference == reference), None)

    def compared(self, *, reference: UUID | None = None, other: UUID | None = None) -> JointComparison | None:
        """Return the comparison with another record, by its reference or by its id."""
        return next((one for one in self.comparisons if reference == one.reference or (other is not None and other == one.other)), None)

    def confirmed(self, other: UUID) -> SamePerson | None:
        """Return what was confirmed of another record, while it holds."""
        return next((one for one in self.same if one.other == other), None)

    @property
    def also_admitted(self) -> frozenset[str]:
        """Return the programmes to which the person was admitted under other records."""
        return frozenset(programme for one in self.same for programme in one.also_admitted)


NO_DUPLICATES = Duplicates()
"""What a record says that is like no other."""


def evolve(duplicates: Duplicates, event: DuplicateEvent) -> Duplicates:
    """Return what the record says after the event."""
    match event:
        case DuplicateSuspected():
            return replace(duplicates, suspicions=(*duplicates.suspicions, _suspicion(event)))
        case DuplicateDismissed():
            by_reference = tuple(
                replace(one, standing=Standing.DISMISSED) if one.reference == event.reference else one for one in duplicates.suspicions
            )
            return replace(duplicates, suspicions=by_reference)
        case DuplicateConfirmed():
            one = SamePerson(
                other=event.other_id, survivor=event.survivor_id, also_admitted=event.also_admitted, counted_twice=event.counted_twice
            )
            return replace(_standing(duplicates, event.other_id, Standing.CONFIRMED), same=(*duplicates.same, one))
        case DuplicateSplit():
            same = tuple(one for one in duplicates.same if one.other != event.other_id)
            return replace(_standing(duplicates, event.other_id, Standing.SPLIT), same=same)
        case _:
            assert_never(event)


def evolve_compared(duplicates: Duplicates, event: DuplicateComparisonEvent) -> Duplicates:
    """Return what the record says after something was said of a comparison. Whoever is asked to compare suspects from then on, too."""
    after = replace(duplicates, comparisons=joint_state.evolve(duplicates.comparisons, event))
    match event:
        case DuplicateComparisonRequested(reference=reference, other=other) if not (
            duplicates.under(reference) or (other is not None and duplicates.about(other))
        ):
            return replace(after, suspicions=(*duplicates.suspicions, _suspicion(event)))
        case _:
            return after


def _suspicion(event: DuplicateSuspected | DuplicateComparisonRequested) -> Suspicion:
    told = event if isinstance(event, DuplicateSuspected) else None
    score = None if told is None else told.score_permille
    return Suspicion(
        reference=event.reference,
        organisation=event.organisation,
        band=event.band,
        matcher=event.matcher,
        other=event.other,
        score=None if score is None else score / 1000,
        fields=None if told is None else told.fields,
    )


def _standing(duplicates: Duplicates, other: UUID, standing: Standing) -> Duplicates:
    changed = tuple(replace(one, standing=standing) if one.other == other else one for one in duplicates.suspicions)
    return replace(duplicates, suspicions=changed)
