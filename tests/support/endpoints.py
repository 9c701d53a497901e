"""Every endpoint of every service, from the very routers that the services run, and applications of them in memory."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast
from uuid import UUID

from fastapi.routing import APIRoute

from services._runtime.access.roles import Role
from services._runtime.clock import SystemClock
from services._runtime.handling import Commands
from services._runtime.ids import new_id
from services._runtime.messaging.parking_memory import MemoryParking
from services._runtime.messaging.tending import Tending
from services._runtime.observing.observer import Observer
from services._runtime.projecting.memory import MemoryRows
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.memory import MemoryEventStore
from services._runtime.store.recording import Recorder
from services._runtime.web.application import create_app
from services._runtime.web.examples import with_examples
from services._runtime.web.parked_in import parked_router
from services._runtime.web.parts import Web
from tests.support.purposes import usual_purpose
from tests.support.reading import ReadsInMemory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from datetime import datetime

    from fastapi import FastAPI
    from fastapi.dependencies.models import Dependant

    from services._runtime.hosting.parts import Parts
    from services._runtime.hosting.service import Service
    from services._runtime.web.identity import TokenVerifier

PERSONS = frozenset({Role.BENEFICIARY, Role.TUTOR})
"""The roles whose tokens say which person of our records they are."""

SECRET = b"the secret of tests of endpoints, 32 bytes"


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody of a role, as policies see them."""

    role: Role
    organisation: str = "ciac"
    purpose: str = ""
    """What for; their role's usual purpose, where none is said."""
    person: UUID | None = None
    sub: str = "somebody-1"
    now: datetime | None = None

    def __post_init__(self) -> None:
        """Name the usual purpose."""
        object.__setattr__(self, "purpose", self.purpose or usual_purpose(self.role))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path, and the actions that a caller must be permitted."""

    method: str
    route: APIRoute
    actions: frozenset[str]

    @property
    def name(self) -> str:
        """Return it as `GET /beneficiaries`."""
        return f"{self.method} {self.route.path}"


class EmptyDatabase:
    """A database in which nothing is found."""

    async def fetch(self, _query: str, *_arguments: object) -> list[object]:
        """Return nothing."""
        return []

    @asynccontextmanager
    async def answering(self, _caller: object, _record: str = "") -> AsyncIterator[EmptyDatabase]:
        """Give itself, as a fence gives a connection."""
        yield self


class InMemory:
    """One service over memory: its application, its store, its rows."""

    def __init__(
        self,
        service: Service,
        verifier: TokenVerifier | None = None,
        observer: Observer | None = None,
        keyring: MemoryKeyring | None = None,
    ) -> None:
        """Make it; without a verifier it is there to be looked at, not to be called."""
        clock = SystemClock()
        self.service = service
        self.store = MemoryEventStore(service.name, clock=clock)
        self.rows = MemoryRows()
        self.reads = ReadsInMemory(service.name)
        keyring = keyring or MemoryKeyring()
        self.recorder = Recorder(keyring)
        told = observer or Observer()
        self.commands = Commands(self.store, self.recorder, observer=told)
        parking = MemoryParking()
        settings = SimpleNamespace(issuer="https://issuer.example", client_id="pages", client_secret=None)
        made = SimpleNamespace(
            store=self.store,
            keyring=keyring,
            rows=self.rows,
            answers=self.rows,
            settings=settings,
            clock=clock,
            pool=EmptyDatabase(),
            fence=EmptyDatabase(),
            wakes=None,
            shown=None,
            closing=asyncio.Event(),
            observer=told,
        )
        self.own_routers = service.routers(cast("Parts", made))
        self.parked = parked_router(parking, Tending(service.name, parking, self.commands, None))
        web = Web(
            verifier=cast("TokenVerifier", verifier),
            clock=clock,
            commands=self.commands,
            secret=SECRET,
            joined=None if service.joined is None else partial(service.joined, self.store),
            offered=service.offered,
            reads=self.reads,
        )
        routers = (*self.own_routers, self.parked)
        self.app: FastAPI = create_app(name=service.name, summary=service.summary, routers=routers, web=web, observer=told)
        with_examples(self.app, service.examples)

    def endpoints(self) -> Iterator[Endpoint]:
        """Yield every endpoint that the application answers, those outside of its document too."""
        for route in _flat(self.app.routes):
            for method in sorted(route.methods or ()):
                yield Endpoint(method, route, frozenset(actions_of(route.dependant)))


def actions_of(dependant: Dependant) -> Iterator[str]:
    """Yield the actions that the dependencies of an endpoint demand."""
    for needed in dependant.dependencies:
        if needed.call is not None and inspect.isfunction(needed.call):
            action = inspect.getclosurevars(needed.call).nonlocals.get("action")
            if isinstance(action, str):
                yield action
        yield from actions_of(needed)


def stand_ins() -> list[StandIn]:
    """Return one of each role; the beneficiary is a person in care, and a tutor stands in the register."""
    return [StandIn(role, organisation_of(role), person=new_id() if role in PERSONS else None) for role in Role]


def organisation_of(role: Role) -> str:
    """Return an organisation for which somebody of the role acts."""
    return "comune-parma" if role is Role.MUNICIPALITY else "ciac"


def _flat(routes: object) -> Iterator[APIRoute]:
    for route in cast("list[object]", routes):
        if isinstance(route, APIRoute):
            yield route
        elif (inner := getattr(route, "original_router", None)) is not None:
            yield from _flat(inner.routes)
