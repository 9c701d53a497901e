"""What `docs/reference/access.yaml` expects, endpoint by endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, cast

import yaml

from contracts.personal import DataClass
from services._runtime.access.roles import Role
from services.cli.services import services
from tests.support.endpoints import InMemory
from tests.support.purposes import FILE

if TYPE_CHECKING:
    from collections.abc import Mapping

_EVERY = "every-service"

Relation = Literal[
    "own-organisation",
    "own-organisation-or-team",
    "own-organisation-or-sender",
    "authorised",
    "own-organisation-or-receiver",
    "own-organisation-or-compared",
    "own-assignments",
    "own-municipality",
    "own-person",
    "anybody",
    "nobody",
]
Telling = Literal["own-organisation", "team", "sender", "authorised", "own-assignments", "own-person", "anybody"]
"""The relations in which somebody is told sealed values."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Who may call an endpoint, in which relation to the record. Without roles it needs no token, and `without_token` says why.

    `told` are the classes of personal data that its answer holds for each role, in each relation.
    """

    roles: Mapping[Role, Relation]
    told: Mapping[tuple[Role, Telling], frozenset[DataClass]]
    without_token: str | None = None


@cache
def expectation() -> dict[tuple[str, str], Expected]:
    """Return what is expected, by service and endpoint. What stands under every service stands under each."""
    told: dict[str, list[dict[str, Any]]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    del told["purposes"]
    found: dict[tuple[str, str], Expected] = {}
    for name, groups in told.items():
        for group in groups:
            roles = {Role(role): cast("Relation", relation) for role, relation in group.get("roles", {}).items()}
            expected = Expected(roles, _told(group.get("told", {})), group.get("without-token"))
            for service in services() if name == _EVERY else (name,):
                for endpoint in group["endpoints"]:
                    if (service, endpoint) in found:
                        raise ValueError(f"{service} {endpoint} stands there twice")
                    found[service, endpoint] = expected
    return found


def _told(group: dict[str, dict[str, list[str]]]) -> Mapping[tuple[Role, Telling], frozenset[DataClass]]:
    return {
        (Role(role), cast("Telling", relation)): frozenset(map(DataClass, classes))
        for role, relations in group.items()
        for relation, classes in relations.items()
    }


@cache
def in_memory() -> tuple[InMemory, ...]:
    """Return every service, to be looked at."""
    return tuple(InMemory(service) for service in services().values())
