"""A person's other names: what may be recorded beside the name on the document, and what is taken back. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from contracts.aliases import AliasEvent, AliasRecorded, AliasRetracted
from contracts.errors import Invalid, Refusal
from services.intake.domain.alias_commands import AliasCommand, RecordAlias, RetractAlias
from services.intake.domain.name_words import words_of

if TYPE_CHECKING:
    from services.intake.domain.commands import Identity
    from services.intake.domain.person import Record

MOST_ALIASES = 12
"""Other names that a person has at most: each is one more name under which everybody is compared with them."""

Aliases = tuple[AliasRecorded, ...]
Name = tuple[str | None, str | None]
"""Given names and family name."""


class AliasKnown(Refusal):
    """The person is known under this name already, or another one has the id."""

    code = "alias-known"


class TooManyAliases(Refusal):
    """The person has as many other names as are kept."""

    code = "too-many-aliases"


class UnknownAlias(Refusal):
    """The person has no such other name."""

    code = "unknown-alias"


def alias(command: AliasCommand, record: Record) -> AliasEvent:
    """Return what the command leads to; raises a `Refusal`."""
    return _recorded(command, record) if isinstance(command, RecordAlias) else _retracted(command, record)


def evolve(aliases: Aliases, event: AliasEvent) -> Aliases:
    """Return the other names under which the person is known after the event."""
    match event:
        case AliasRecorded():
            return (*aliases, event)
        case AliasRetracted():
            return tuple(each for each in aliases if each.alias_id != event.alias_id)
        case _:
            assert_never(event)


def whole(name: RecordAlias | AliasRecorded, identity: Identity) -> Name:
    """Return another name as the person bears it: the part that it leaves out is as on the document."""
    return name.given_names or identity.given_names, name.family_name or identity.family_name


def _recorded(command: RecordAlias, record: Record) -> AliasRecorded:
    who = record.identity
    if not words_of(f"{command.given_names or ''} {command.family_name or ''}"):
        raise Invalid("give given names, a family name, or both, with at least one letter or digit")
    known = ((who.given_names, who.family_name), *(whole(each, who) for each in record.aliases))
    if _as_found(whole(command, who)) in map(_as_found, known):
        raise AliasKnown("the person is known under this name already, accents and capitals aside: there is nothing to add")
    if any(each.alias_id == command.alias_id for each in record.aliases):
        raise AliasKnown("another name of this person has this id: take a new one")
    if len(record.aliases) >= MOST_ALIASES:
        raise TooManyAliases(f"a person has at most {MOST_ALIASES} other names: retract one that is of no use any more")
    return AliasRecorded(
        beneficiary_id=record.beneficiary_id,
        alias_id=command.alias_id,
        kind=command.kind,
        given_names=command.given_names,
        family_name=command.family_name,
    )


def _retracted(command: RetractAlias, record: Record) -> AliasRetracted:
    if all(each.alias_id != command.alias_id for each in record.aliases):
        raise UnknownAlias("the person has no other name of this id: it was never recorded, or retracted before")
    return AliasRetracted(beneficiary_id=record.beneficiary_id, alias_id=command.alias_id, reason_code=command.reason_code)


def _as_found(name: Name) -> tuple[frozenset[str], ...]:
    """Return a name's words, given and family: the same are the same name, whichever accents and capitals they are written with."""
    return tuple(words_of(part or "") for part in name)
