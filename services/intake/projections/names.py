"""Names in clear, for search within an organisation: how they are compared, where they are kept (a port), and how they follow the feed.

The one list of intake that holds plaintext. It is no read model: it is opened with the keys, kept out of backups, and built anew whenever
it is found empty. A person is found when each word asked for begins a word of their names (`domain/name_words.py`), in any order, be it
the name on the document or another one; other scripts are compared as they are written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol
from uuid import UUID

import structlog

from contracts.aliases import AliasRecorded, AliasRetracted
from contracts.intake import BeneficiaryEnrolled, IdentityCorrected
from services._runtime.store.port import StreamEvent
from services.intake.domain.name_words import words_of
from services.intake.projections.following import BATCH, follow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from contracts.envelope import FeedEvent
    from contracts.event import Event
    from services._runtime.access.deciding import Principal
    from services._runtime.projecting.source import Source
    from services._runtime.store.port import EventStore
    from services._runtime.store.recording import Recorder

log = structlog.get_logger(__name__)

RULE = 2
"""Which rule the names are kept by: another one builds them anew."""

MOST_WORDS = 8
"""Words that a search takes at most."""

_NAMING = {one.type_name for one in (BeneficiaryEnrolled, IdentityCorrected, AliasRecorded, AliasRetracted)}


class Name(NamedTuple):
    """One of a person's names: `name_id` is their own id for the name on the document, another name's id for that one."""

    beneficiary_id: UUID
    name_id: UUID


@dataclass(frozen=True, slots=True)
class Spelt:
    """A name as it is written, None where a part is not known or cannot be read; without words it is none."""

    given_names: str | None = field(default=None, repr=False)
    family_name: str | None = field(default=None, repr=False)

    @property
    def words(self) -> frozenset[str]:
        """Return the words by which it is found."""
        return words_of(f"{self.given_names or ''} {self.family_name or ''}")

    def has(self, word: str) -> bool:
        """Tell whether a word that is asked for begins one of its words."""
        return any(each.startswith(word) for each in self.words)


@dataclass(frozen=True, slots=True)
class Named:
    """A person, the name on their document as it is known now, and the other names they are known under."""

    beneficiary_id: UUID
    organisation: str
    name: Spelt
    others: tuple[Spelt, ...] = ()

    def found_by(self, words: Collection[str]) -> tuple[Spelt, ...]:
        """Return the other names that have words of these which the name on the document has not: none where it has them all."""
        wanting = [word for word in words if not self.name.has(word)]
        return tuple(each for each in self.others if any(each.has(word) for word in wanting))


@dataclass(frozen=True, slots=True)
class Told:
    """What a batch of the feed says in the end: `names` as they are known now, and who is whose.

    A name without words is a person's no more, and a person without a name is not in the list.
    """

    names: Mapping[Name, Spelt]
    whose: Mapping[UUID, str]


class Writing(Protocol):
    """The names while one process writes them: nobody else does meanwhile."""

    position: int
    """Up to which position of the feed they are told; 0 where there is nothing, or nothing by this rule."""

    async def write(self, position: int, told: Told) -> None:
        """Tell them up to `position`."""
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
            await names.write(entries[-1][0], await self._told([event for _, event in entries]))
        return len(entries) == BATCH

    async def _told(self, events: Sequence[FeedEvent]) -> Told:
        wanted = [event.recorded for event in events if event.recorded.envelope.type in _NAMING]
        sealed = await self._store.sealed_parts([one.envelope.event_id for one in wanted]) if wanted else {}
        # All keys of the batch at once.
        opened = await self._recorder.read([StreamEvent(0, one, sealed.get(one.envelope.event_id, ())) for one in wanted])
        whose = {
            UUID(envelope.partition_key): envelope.responsible_organisation
            for event in events
            if (envelope := event.recorded.envelope).stream_id == f"person-{envelope.partition_key}" and envelope.responsible_organisation
        }
        names: dict[Name, Spelt] = {}
        for event in opened:
            names |= _names(event)
        return Told(names, whose)


def _names(event: Event) -> dict[Name, Spelt]:
    """Return the name of which an event tells."""
    match event:
        case BeneficiaryEnrolled(beneficiary_id=person) | IdentityCorrected(beneficiary_id=person):
            return {Name(person, person): Spelt(event.given_names, event.family_name)}
        case AliasRecorded(beneficiary_id=person, alias_id=name):
            return {Name(person, name): Spelt(event.given_names, event.family_name)}
        case AliasRetracted(beneficiary_id=person, alias_id=name):
            return {Name(person, name): Spelt()}
        case _:
            return {}
