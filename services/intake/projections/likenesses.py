"""Under which keys each person is kept who may turn out to be another: HMACs, where they are kept (a port), how they follow the feed.

No name is in it, and nothing from which one is found without the service's secret: the keys of `domain/blocking.py` are blinded as a
codice fiscale's reservation is. Like the names in clear it is opened with the keys, unlogged and built anew whenever it is found empty.
Beside the keys stand the events in which a person's identity, codice fiscale and other names are sealed, to be opened for comparing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol
from uuid import UUID

import structlog

from contracts.aliases import AliasRecorded, AliasRetracted
from contracts.duplicates import DuplicateDismissed, DuplicateSplit
from contracts.intake import BeneficiaryEnrolled, IdentityCorrected, TaxCodeConfirmed
from services._runtime.store.port import StreamEvent
from services.intake.domain.blocking import code_keys, identity_keys, name_keys
from services.intake.domain.person import identity_of
from services.intake.projections.following import BATCH, follow

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from contracts.envelope import FeedEvent
    from contracts.event import Event
    from services._runtime.projecting.source import Source
    from services._runtime.store.keyring import Keyring
    from services._runtime.store.port import EventStore
    from services._runtime.store.recording import Recorder

log = structlog.get_logger(__name__)

_TELLING = {
    one.type_name
    for one in (
        BeneficiaryEnrolled,
        IdentityCorrected,
        TaxCodeConfirmed,
        AliasRecorded,
        AliasRetracted,
        DuplicateDismissed,
        DuplicateSplit,
    )
}
IDENTITY, TAX_CODE = "identity", "tax-code"
_KEY_BYTES = 16
_KIND = "likeness"


class Part(NamedTuple):
    """One part of what is known of a person: `IDENTITY`, `TAX_CODE`, or the id of another name."""

    beneficiary_id: UUID
    part: str


@dataclass(frozen=True, slots=True)
class Kept:
    """The event that says a part as it is known now, and its keys; without any, the part is known no more."""

    event_id: UUID
    organisation: str
    keys: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class Told:
    """What a batch of the feed says in the end. `apart` are pairs of which somebody decided that they are two persons."""

    kept: Mapping[Part, Kept]
    moved: Mapping[UUID, str]
    apart: Collection[tuple[UUID, UUID]]


@dataclass(frozen=True, slots=True)
class Like:
    """A person who shares keys with what was asked, and the events that say each part of what is known of them now, by part."""

    beneficiary_id: UUID
    organisation: str
    parts: Mapping[str, UUID]

    @property
    def aliases(self) -> list[UUID]:
        """Return the events that say other names of theirs."""
        return [event_id for part, event_id in sorted(self.parts.items()) if part not in (IDENTITY, TAX_CODE)]


class Writing(Protocol):
    """The keys while one process writes them: nobody else does meanwhile."""

    position: int
    """Up to which position of the feed they are told; 0 where there is nothing, or nothing by this rule."""

    async def write(self, position: int, told: Told) -> None:
        """Tell them up to `position`."""
        ...


class LikenessIndex(Protocol):
    """Where keys are kept."""

    def writing(self) -> AbstractAsyncContextManager[Writing]:
        """Let one process write at a time; what it wrote counts when it leaves without an error."""
        ...

    async def find(self, keys: Mapping[bytes, int], *, apart_from: UUID | None, limit: int) -> list[Like]:
        """Return who shares keys with these, whose shared keys weigh most first; of whichever organisation.

        `apart_from` is left out, and so is everybody of whom it was decided that they are somebody else than that person.
        """
        ...

    async def forget(self, beneficiary_id: UUID) -> bool:
        """Take a person's keys out, once nothing of theirs can be opened any more; return whether there were some."""
        ...


def blinded(keyring: Keyring, keys: Mapping[str, int]) -> dict[bytes, int]:
    """Return keys as they are kept, with what each says."""
    return {keyring.blinded(_KIND, key)[:_KEY_BYTES]: weight for key, weight in keys.items()}


class LikenessFollower:
    """Keeps the keys level with the service's own feed. Several may run: one writes at a time."""

    def __init__(self, index: LikenessIndex, source: Source, store: EventStore, recorder: Recorder, keyring: Keyring) -> None:
        """Follow `source`, the feed of `store`; open what is sealed by `recorder`, blind keys by `keyring`."""
        self._index = index
        self._source = source
        self._store = store
        self._recorder = recorder
        self._keyring = keyring

    async def run(self) -> None:
        """Follow until cancelled."""
        await follow(self._source, self.step, what="likenesses")

    async def step(self) -> bool:
        """Take a batch of the feed; False where there is no more."""
        async with self._index.writing() as writing:
            # What is sealed is read while nobody else may write or forget: what was erased before is not found here.
            entries = await self._source.read(writing.position, BATCH)
            if not entries:
                return False
            if writing.position == 0:
                log.info("likenesses.building")
            await writing.write(entries[-1][0], await self._told([event for _, event in entries]))
        return len(entries) == BATCH

    async def _told(self, events: Sequence[FeedEvent]) -> Told:
        wanted = [event.recorded for event in events if event.recorded.envelope.type in _TELLING]
        sealed = await self._store.sealed_parts([one.envelope.event_id for one in wanted]) if wanted else {}
        opened = await self._recorder.read([StreamEvent(0, one, sealed.get(one.envelope.event_id, ())) for one in wanted])
        kept: dict[Part, Kept] = {}
        apart: set[tuple[UUID, UUID]] = set()
        for recorded, event in zip(wanted, opened, strict=True):
            kept |= self._parts(event, recorded.envelope.event_id, recorded.envelope.responsible_organisation or "")
            apart |= _apart(event)
        moved = {
            UUID(envelope.partition_key): envelope.responsible_organisation
            for event in events
            if (envelope := event.recorded.envelope).stream_id == f"person-{envelope.partition_key}" and envelope.responsible_organisation
        }
        return Told(kept, moved, apart)

    def _parts(self, event: Event, event_id: UUID, organisation: str) -> dict[Part, Kept]:
        told: dict[Part, Kept] = {}
        if isinstance(event, BeneficiaryEnrolled | IdentityCorrected):
            keys = blinded(self._keyring, identity_keys(identity_of(event)))
            told[Part(event.beneficiary_id, IDENTITY)] = Kept(event_id, organisation, frozenset(keys))
        if isinstance(event, BeneficiaryEnrolled | TaxCodeConfirmed):
            keys = blinded(self._keyring, code_keys(event.tax_code))
            told[Part(event.beneficiary_id, TAX_CODE)] = Kept(event_id, organisation, frozenset(keys))
        if isinstance(event, AliasRecorded | AliasRetracted):
            said = name_keys(event.given_names, event.family_name) if isinstance(event, AliasRecorded) else {}
            part = Part(event.beneficiary_id, str(event.alias_id))
            told[part] = Kept(event_id, organisation, frozenset(blinded(self._keyring, said)))
        return told


def _apart(event: Event) -> set[tuple[UUID, UUID]]:
    match event:
        case DuplicateDismissed(beneficiary_id=one, other=other) if other is not None:
            return {(one, other), (other, one)}
        case DuplicateSplit(beneficiary_id=one, other_id=other):
            return {(one, other), (other, one)}
        case _:
            return set()
