"""Who may be somebody already recorded: found by shared keys, opened at once, compared; of every organisation, never by looking at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from contracts.aliases import AliasRecorded
from contracts.intake import BeneficiaryEnrolled, IdentityCorrected, TaxCodeConfirmed
from services.intake.domain.blocking import asked_keys
from services.intake.domain.comparing import Comparison, Known, compare, known_of
from services.intake.domain.duplicate_commands import Candidate
from services.intake.domain.person import identity_of
from services.intake.projections.likenesses import IDENTITY, TAX_CODE, blinded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.event import Event
    from services._runtime.store.keyring import Keyring
    from services._runtime.store.port import EventStore
    from services._runtime.store.recording import Recorder
    from services.intake.projections.likenesses import Like, LikenessIndex

MOST_COMPARED = 200
"""Records that are opened and compared at most for one question: those whose shared keys say most."""

MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A candidate, and what is known of them."""

    candidate: Candidate
    known: Known


class DuplicateFinder(Protocol):
    """Finds who may be somebody already recorded."""

    async def find(self, asked: Known, *, asking: str, apart_from: UUID | None) -> list[Found]:
        """Return the candidates, of every organisation, the likeliest first.

        References are those by which the organisation `asking` may know them. `apart_from` is the person who is asked about, where they
        are recorded: neither they nor those of whom it was decided that they are somebody else are found.
        """
        ...


class LikenessFinder:
    """Finds them by an index of blinded keys, and opens whom it found in the store."""

    def __init__(self, index: LikenessIndex, store: EventStore, recorder: Recorder, keyring: Keyring) -> None:
        """Find in `index`, open events of `store` by `recorder`, blind by `keyring`."""
        self._index = index
        self._store = store
        self._recorder = recorder
        self._keyring = keyring

    async def find(self, asked: Known, *, asking: str, apart_from: UUID | None) -> list[Found]:
        """See `DuplicateFinder.find`. Three queries, however many are compared."""
        keys = blinded(self._keyring, asked_keys(asked.identity, asked.tax_code))
        alike = await self._index.find(keys, apart_from=apart_from, limit=MOST_COMPARED) if keys else []
        known = await self._known(alike)
        compared = [(like, known[like.beneficiary_id]) for like in alike if like.beneficiary_id in known]
        found = [self._found(like, other, compare(asked, other), asking) for like, other in compared]
        likeliest = sorted((one for one in found if one is not None), key=lambda one: (-one.candidate.score, one.candidate.reference))
        return likeliest[:MOST_TOLD]

    async def _known(self, alike: list[Like]) -> Mapping[UUID, Known]:
        """Return what is known of each, all opened together; of whom nothing can be opened any more, nothing."""
        stored = await self._store.events(sorted({event_id for like in alike for event_id in like.parts.values()}))
        opened = dict(zip(stored, await self._recorder.read(list(stored.values())), strict=True))
        return {like.beneficiary_id: known for like in alike if (known := _known(like, opened)) is not None}

    def _found(self, like: Like, other: Known, comparison: Comparison, asking: str) -> Found | None:
        if comparison.band is None:
            return None
        candidate = Candidate(
            reference=self.reference(asking, like.beneficiary_id),
            other=like.beneficiary_id,
            organisation=like.organisation,
            band=comparison.band,
            score=comparison.score,
            fields=comparison.fields,
            matcher=comparison.matcher,
        )
        return Found(candidate, other)

    def reference(self, asking: str, other: UUID) -> UUID:
        """Return how an organisation may know a record: the same each time, another for each organisation, and never its id."""
        return UUID(bytes=self._keyring.blinded("duplicate-reference", f"{asking}\x1f{other}")[:16], version=4)


def _known(like: Like, opened: Mapping[UUID, Event]) -> Known | None:
    identity, code = (opened.get(like.parts[part]) if part in like.parts else None for part in (IDENTITY, TAX_CODE))
    if not isinstance(identity, BeneficiaryEnrolled | IdentityCorrected):
        return None
    tax_code = code.tax_code if isinstance(code, BeneficiaryEnrolled | TaxCodeConfirmed) else None
    others = [event for event_id in like.aliases if isinstance(event := opened.get(event_id), AliasRecorded)]
    return known_of(identity_of(identity), tax_code, others)
