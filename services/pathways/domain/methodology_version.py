"""A version of the shared methodology on its way into use: shared by strategy, not by decree, it is published when a quorum is for it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, TypeAlias, assert_never

from contracts.errors import Invalid, Refusal, Unknown
from contracts.methodologies import MethodologyEndorsed, MethodologyProposed, MethodologyPublished, PartnerKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """The steering committee's rule: so many partners, so many of each kind among them, and the days of notice until it is used."""

    version: str
    partners: int
    of_each_kind: int
    notice_days: int

    def reached(self, endorsed: Mapping[str, PartnerKind]) -> bool:
        """Tell whether these endorsements, by partner, are enough."""
        kinds = list(endorsed.values())
        each: tuple[PartnerKind, ...] = ("third-sector", "research-institute", "municipality")
        return len(kinds) >= self.partners and all(kinds.count(kind) >= self.of_each_kind for kind in each)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeMethodology:
    """Put a version before the partners. `expected_sha256` is that of the files that are here."""

    version: str
    organisation: str
    content_sha256: str
    expected_sha256: str
    objectives: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndorseMethodology:
    """Be for a version, as a partner, `on` a day, under the rule that holds then. `kind` is None for whoever is no partner."""

    organisation: str
    kind: PartnerKind | None
    on: date
    quorum: Quorum


MethodologyCommand: TypeAlias = ProposeMethodology | EndorseMethodology
MethodologyEvent: TypeAlias = MethodologyProposed | MethodologyEndorsed | MethodologyPublished


class ContentDiffers(Invalid):
    """What is proposed is not what is here."""

    code: ClassVar[str] = "methodology-content-differs"


class MethodologyProposedAlready(Refusal):
    """A version is proposed once; what is wrong in it becomes another version."""

    code: ClassVar[str] = "methodology-proposed-already"


class MethodologyEndorsedAlready(Refusal):
    """Each partner endorses a version once."""

    code: ClassVar[str] = "methodology-endorsed-already"


class NotAPartner(Refusal):
    """Only partners of the consortium endorse."""

    code: ClassVar[str] = "not-a-partner"


@dataclass(frozen=True, slots=True)
class NotProposed:
    """Nothing is recorded of the version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A version before the partners; in use from `effective_from` on, once it is published."""

    version: str
    organisation: str
    content_sha256: str
    endorsed: Mapping[str, PartnerKind] = field(default_factory=dict)
    effective_from: date | None = None


MethodologyState: TypeAlias = NotProposed | Proposed


def decide(command: MethodologyCommand, state: MethodologyState) -> list[MethodologyEvent]:
    """Return what the command leads to; raises a `Refusal`. Pure."""
    match command:
        case ProposeMethodology():
            if isinstance(state, Proposed):
                raise MethodologyProposedAlready("this version was proposed: what is to change becomes another version")
            return [_propose(command)]
        case EndorseMethodology():
            if isinstance(state, NotProposed):
                raise Unknown("no such version of the methodology was proposed: check it, see /methodologies")
            return _endorse(command, state)
        case _:
            assert_never(command)


def evolve(state: MethodologyState, event: MethodologyEvent) -> MethodologyState:
    """Return the version after the event."""
    match event, state:
        case MethodologyProposed(), NotProposed():
            return Proposed(version=event.version, organisation=event.organisation, content_sha256=event.content_sha256)
        case MethodologyEndorsed(), Proposed():
            return replace(state, endorsed={**state.endorsed, event.organisation: event.kind})
        case MethodologyPublished(effective_from=day), Proposed():
            return replace(state, effective_from=day)
        case _:
            raise ValueError(f"{event.type_name} could not have followed")


def _propose(command: ProposeMethodology) -> MethodologyProposed:
    if command.content_sha256 != command.expected_sha256:
        raise ContentDiffers("the version's files here have another hash: propose what everybody has, see /methodologies")
    return MethodologyProposed(
        version=command.version,
        organisation=command.organisation,
        content_sha256=command.content_sha256,
        objectives=command.objectives,
    )


def _endorse(command: EndorseMethodology, state: Proposed) -> list[MethodologyEvent]:
    if command.kind is None:
        raise NotAPartner("only a partner of the consortium endorses, for its own organisation")
    if command.organisation in state.endorsed:
        raise MethodologyEndorsedAlready("your organisation endorsed this version already")
    endorsed = MethodologyEndorsed(version=state.version, organisation=command.organisation, kind=command.kind)
    after = {**state.endorsed, command.organisation: command.kind}
    if state.effective_from is not None or not command.quorum.reached(after):
        return [endorsed]
    published = MethodologyPublished(
        version=state.version,
        content_sha256=state.content_sha256,
        effective_from=command.on + timedelta(days=command.quorum.notice_days),
        endorsements=len(after),
        quorum_version=command.quorum.version,
    )
    return [endorsed, published]
