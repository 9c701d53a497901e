"""Decides by the policies of `policies/`, in process: who, which action, whose record; and says which policy permitted it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

import cedarpy

from contracts.personal import DataClass
from contracts.purpose_codes import Purpose
from contracts.reference import consortium
from services._runtime.access.roles import Role
from services._runtime.errors import RuntimeFault

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from services._runtime.decider import Placement

FOLDER = Path(__file__).parent / "policies"
_SCHEMA = "schema.cedarschema"
_REMEMBERED = 4096


class PoliciesBroken(RuntimeFault):
    """The policies do not read, or name what the schema does not know; nothing is decided by them."""


class Principal(Protocol):
    """Who asks, as their verified token says."""

    @property
    def role(self) -> Role:
        """Their role."""
        ...

    @property
    def organisation(self) -> str:
        """The organisation for which they act."""
        ...

    @property
    def purpose(self) -> str:
        """What for: one of `Purpose`, or else they may nothing."""
        ...

    @property
    def person(self) -> UUID | None:
        """The person in care, or the tutor, who they are, where they are one."""
        ...

    @property
    def sub(self) -> str:
        """Their pseudonym, by which events name their actor."""
        ...

    @property
    def now(self) -> datetime | None:
        """The moment at which they ask, where it is not the clock's."""
        ...


@cache
def _municipalities() -> dict[str, str]:
    return {one.code: one.istat for one in consortium().municipalities}


def municipality_of(caller: Principal) -> str | None:
    """Return the ISTAT code of the municipality for which the caller acts; None where their organisation is no municipality."""
    return _municipalities().get(caller.organisation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Of whom and where a record is: what policies ask about it. None is what is not known of it, or what it has not."""

    organisation: str | None = None
    territory: str | None = None
    municipality: str | None = None
    person: UUID | None = None
    joined: bool = False
    """Whether the caller is, at this time, a party to the record: of its team, its tutor, or of those who referred."""
    offered: bool = False
    """Whether the record waits for the answer of the caller's organisation: whether it will have it."""

    @classmethod
    def placed(cls, placement: Placement, *, joined: bool = False, offered: bool = False) -> Self:
        """Return whose a record with this placement is."""
        return cls(
            organisation=placement.responsible_organisation,
            territory=placement.territory,
            municipality=placement.municipality,
            joined=joined,
            offered=offered,
        )

    @classmethod
    def own(cls, caller: Principal) -> Self:
        """Return the record that is as much the caller's own as any can be: who may not take an action here may take it nowhere."""
        return cls(organisation=caller.organisation, municipality=municipality_of(caller), person=caller.person, joined=True)


class _Who(NamedTuple):
    """What policies ask about a caller."""

    role: str
    organisation: str
    purpose: str
    person: UUID | None
    municipality: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether it is permitted, and the names of the policies that decided so: none, where no policy permits it.

    What is refused by a policy is refused for the purpose of the caller's token: nothing else forbids.
    """

    permitted: bool
    by: tuple[str, ...] = ()

    @property
    def forbidden(self) -> bool:
        """Whether a policy refuses it, whatever others permit."""
        return not self.permitted and bool(self.by)


class Policies:
    """A set of policies, parsed once. Nothing is permitted but by one of them."""

    def __init__(self, policies: str, schema: str) -> None:
        """Take policies and their schema in Cedar's own form; raises `PoliciesBroken` where they do not fit each other."""
        try:
            checked = cedarpy.validate_policies(policies, schema)
            self._policies, self._schema = cedarpy.PolicySet.from_str(policies), cedarpy.Schema.from_str(schema)
        except ValueError as error:
            raise PoliciesBroken(str(error)) from error
        if not checked.validation_passed:
            raise PoliciesBroken("; ".join(str(error) for error in checked.errors))
        self._decided = lru_cache(_REMEMBERED)(self._decide)
        self._told = lru_cache(_REMEMBERED)(self._tell)

    @classmethod
    def of_folder(cls, folder: Path = FOLDER) -> Self:
        """Read the policies of a folder, and its schema."""
        texts = [file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.cedar"))]
        return cls("\n".join(texts), (folder / _SCHEMA).read_text(encoding="utf-8"))

    def decide(self, caller: Principal, action: str, whose: Whose) -> Decision:
        """Decide whether the caller may take the action on a record of these. Raises `PoliciesBroken` for an action the schema lacks."""
        return self._decided(_who(caller), action, whose)

    def tell(self, caller: Principal, reading: str, whose: Whose) -> frozenset[DataClass]:
        """Return the classes of personal data that the caller is told of who takes the action `reading` on a record of these."""
        return self._told(_who(caller), reading, whose)

    def purposes(self, caller: Principal, action: str) -> tuple[Purpose, ...]:
        """Return the purposes for which the caller's role might take the action; whether it may at all, `decide` says."""
        who, own = _who(caller), Whose.own(caller)
        return tuple(one for one in Purpose if not self._decided(who._replace(purpose=one), action, own).forbidden)

    def permit_somewhere(self, caller: Principal, action: str) -> bool:
        """Tell whether there could be a record on which the caller may take the action; their own is the likeliest."""
        return self.decide(caller, action, Whose.own(caller)).permitted

    def roles_that_may(self, caller: Principal, action: str) -> list[Role]:
        """Return the roles in which somebody of the caller's organisation could take the action, for one purpose or another."""
        who, own = _who(caller), Whose.own(caller)
        return [
            role
            for role in Role
            if any(self._decided(who._replace(role=role, purpose=purpose), action, own).permitted for purpose in Purpose)
        ]

    def _tell(self, who: _Who, reading: str, whose: Whose) -> frozenset[DataClass]:
        return frozenset(one for one in DataClass if self._decide(who, f"disclose.{one}", whose, reading=reading).permitted)

    def _decide(self, who: _Who, action: str, whose: Whose, **context: str) -> Decision:
        caller = _known(**who._asdict())
        record = _known(organisation=whose.organisation, territory=whose.territory, municipality=whose.municipality, person=whose.person)
        record |= {"joined": whose.joined, "offered": whose.offered}
        asked = {"principal": 'Caller::"caller"', "action": f'Action::"{action}"', "resource": 'Record::"record"', "context": context}
        entities = [
            {"uid": {"type": "Caller", "id": "caller"}, "attrs": caller, "parents": []},
            {"uid": {"type": "Record", "id": "record"}, "attrs": record, "parents": []},
        ]
        result = cedarpy.is_authorized(asked, self._policies, entities, self._schema)
        if errors := result.diagnostics.errors:
            raise PoliciesBroken("; ".join(errors))
        return Decision(result.allowed, tuple(sorted(result.diagnostics.id_annotations_by_reason.values())))


def _who(caller: Principal) -> _Who:
    return _Who(caller.role, caller.organisation, caller.purpose, caller.person, municipality_of(caller))


def _known(**attributes: Any) -> dict[str, str | bool]:  # noqa: ANN401 - whatever has a text
    return {name: str(value) for name, value in attributes.items() if value is not None}


POLICIES = Policies.of_folder()
"""What every process of every service decides by."""
