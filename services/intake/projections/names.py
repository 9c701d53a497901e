"""Names in clear, for search within an organisation: how they are compared, where they are kept (a port), and how they follow the feed.

The one list of intake that holds plaintext. It is no read model: it is opened with the keys, kept out of backups, and built anew whenever
it is found empty. A name is found when each word asked for begins one of its words (`domain/name_words.py`), in any order; other scripts
are compared as they are written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import structlog

from contracts.intake import BeneficiaryEnrolled, IdentityCorrected
from services._runtime.store.port import StreamEvent
from services.intake.domain.name_words import words_of
from services.intake.projections.following import BATCH, follow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from contracts.envelope import FeedEvent
    from services._runtime.access.deciding import Principal
    from services._runtime.projecting.source import Source
    from services._runtime.store.port import EventStore
    from services._runtime.store.recording import Recorder

log = structlog.get_logger(__name__)

RULE = 1
"""Which rule of comparison the words follow: another one builds them anew."""

MOST_WORDS = 8
"""Words that a search takes at most."""

_NAMING = {BeneficiaryEnrolled.type_name, IdentityCorrected.type_name}


@dataclass(frozen=True, slots=True)
class Named:
    """A person and their name as it is known now."""

    beneficiary_id: UUID
    organisation: str
    given_names: str | None = field(repr=False)
    family_name: str | None = field(repr=False)

    @property
    def words(self) -> frozenset[str]:
        """Return the words by which the person is found."""
        return words_of(f"{self.given_names or ''} {self.family_name or ''}")


class Writing(Protocol):
    """The names while one process writes them: nobody else does meanwhile."""

    position: int
    """Up to which position of the feed they are told; 0 where there is nothing, or nothing by this rule."""

    async def write(self, position: int, named: Sequence[Named], moved: Mapping[UUID, str], unnamed: Collection[UUID]) -> None:
        """Tell them up to `position`: these names, these persons of other organisations now, none of these persons' any more."""
        ...


class NameFinder(Protocol):
    """Finds persons by their names."""

    async def find(self, organisation: str, words: Collection[str], *, limit: int) -> list[Named]:
        """Return the organisation's persons of whose words each of these begins one, by family name, given names and id."""
        ...


class NameAnswers(Protocol):
    """What callers are answered from who look for somebody."""

    def to(self, caller: Principal) -> NameFinder:
        """Give a finder for a caller's eyes."""
        ...


class NameIndex(Protocol):
    """Where names are kept."""

    def writing(self) -> AbstractAsyncContextManager[Writing]:
        """Let one process write at a time; what it wrote counts when it leaves without an error."""
        ...

    async def find(self, organisation: str, words: Collection[str], *, limit: int) -> list[Named]:
        """Return the organisation's persons of whose words each of these begins one, by family name, given names and id."""
        ...

    async def forget(self, beneficiary_id: UUID) -> bool:
        """Take a person's name out, once nothing of it can be opened any more; return whether there was one.

        Others may be found again only when they were built anew.
        """
        ...

    async def position(self) -> int:
        """Return up to which position of the feed names are told."""
        ...


class NameFollower:
    """Keeps names level with the service's own feed. Several may run: one writes at a time."""

    def __init__(self, index: NameIndex, source: Source, store: EventStore, recorder: Recorder) -> None:
        """Follow `source`, the feed of `store`; open what is sealed by `recorder`."""
        self._index = index
        self._source = source
        self._store = store
        self._recorder = recorder

    async def run(self) -> None:
        """Follow until cancelled."""
        await follow(self._source, self.step, what="names")

    async def step(self) -> bool:
        """Take a batch of the feed; False where there is no more."""
        async with self._index.writing() as names:
            # What is sealed is read while nobody else may write or forget: what was erased before is not found here.
            entries = await self._source.read(names.position, BATCH)
            if not entries:
                return False
            if names.position == 0:
                log.info("names.building")
            await names.write(entries[-1][0], *await self._told([event for _, event in entries]))
        return len(entries) == BATCH

    async def _told(self, events: Sequence[FeedEvent]) -> tuple[list[Named], dict[UUID, str], set[UUID]]:
        """Return what a batch says in the end: who is named how, who is of which organisation, whose name cannot be read."""
        wanted = [event.recorded for event in events if event.recorded.envelope.type in _NAMING]
        sealed = await self._store.sealed_parts([one.envelope.event_id for one in wanted]) if wanted else {}
        # All keys of the batch at once.
        opened = await self._recorder.read([StreamEvent(0, one, sealed.get(one.envelope.event_id, ())) for one in wanted])
        named: dict[UUID, Named] = {}
        for recorded, event in zip(wanted, opened, strict=True):
            assert isinstance(event, BeneficiaryEnrolled | IdentityCorrected)  # noqa: S101 - of the two types asked for
            organisation = recorded.envelope.responsible_organisation or ""
            named[event.beneficiary_id] = Named(event.beneficiary_id, organisation, event.given_names, event.family_name)
        moved = {
            UUID(envelope.partition_key): envelope.responsible_organisation
            for event in events
            if (envelope := event.recorded.envelope).stream_id == f"person-{envelope.partition_key}" and envelope.responsible_organisation
        }
        readable = [
            Named(one.beneficiary_id, moved.get(one.beneficiary_id, one.organisation), one.given_names, one.family_name)
            for one in named.values()
            if one.words
        ]
        return readable, moved, named.keys() - {one.beneficiary_id for one in readable}
