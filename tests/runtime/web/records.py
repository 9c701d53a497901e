"""A small application over the real parts: one aggregate with two commands, the memory store, an issuer in the process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import httpx
from fastapi import APIRouter, Depends
from pydantic import UUID4

from contracts.errors import Invalid, Refusal
from contracts.intake import NoteAdded, NoticeGiven
from contracts.intake_codes import NoticeChannel
from services._runtime.clock import Clock, SystemClock
from services._runtime.decider import Decider, Placement
from services._runtime.errors import Retryable
from services._runtime.handling import Commands, Step
from services._runtime.ids import new_id
from services._runtime.observing.observer import Observer
from services._runtime.store.keyring import MemoryKeyring
from services._runtime.store.memory import MemoryEventStore
from services._runtime.store.recording import Recorder
from services._runtime.web.application import create_app
from services._runtime.web.bodies import CommandBody, Count, Prose
from services._runtime.web.callers import allow
from services._runtime.web.commands import Call, ReceiptBody, command
from services._runtime.web.identity import Caller
from services._runtime.web.parts import Web
from services._runtime.web.queries import Query, query
from services._runtime.web.rates import Rates
from services._runtime.web.sessions import Sessions
from services._runtime.web.sessions_memory import MemorySessionRows
from tests.support.issuer import SigningIssuer
from tests.support.reading import ReadsInMemory

SECRET = b"a secret of thirty-two bytes or so"


class AlreadyThere(Refusal):
    """The record exists."""

    code = "already-there"


@dataclass(frozen=True)
class Open:
    beneficiary_id: UUID
    organisation: str


@dataclass(frozen=True)
class Note:
    beneficiary_id: UUID
    text: str


@dataclass(frozen=True)
class State:
    beneficiary_id: UUID | None = None
    organisation: str | None = None
    notes: tuple[str | None, ...] = ()


def decide(command: Open | Note, state: State) -> Sequence[NoticeGiven | NoteAdded]:
    """Open once, note anything but the impossible."""
    match command:
        case Open() if state.beneficiary_id:
            raise AlreadyThere("the record exists: add a note instead")
        case Open(beneficiary_id, organisation):
            how = NoticeChannel.ORALLY
            return [NoticeGiven(beneficiary_id=beneficiary_id, organisation=organisation, notice_version="1", how=how, mediator=False)]
        case Note(text="impossible"):
            raise Invalid("a note cannot be impossible: write another")
        case Note(beneficiary_id, text):
            return [NoteAdded(beneficiary_id=beneficiary_id, text=text)]


def evolve(state: State, event: NoticeGiven | NoteAdded) -> State:
    """Remember who is responsible, and the notes."""
    match event:
        case NoticeGiven():
            return State(event.beneficiary_id, event.organisation)
        case NoteAdded():
            return State(state.beneficiary_id, state.organisation, (*state.notes, event.text))


def place(state: State) -> Placement:
    """Say whose the record is."""
    return Placement(responsible_organisation=state.organisation, territory="PR")


RECORD = Decider("person", State(), decide, evolve, place, lambda state: state.beneficiary_id)


class OpenBody(CommandBody):
    """No field of its own."""


class NoteBody(CommandBody):
    """One text, and a number."""

    text: Prose
    weight: Count = 0


router = APIRouter(tags=["records"])


@router.post("/records/{record_id}", summary="Open a record", status_code=201)
async def open_record(
    record_id: UUID4, body: OpenBody, call: Annotated[Call, Depends(command("intake.give-notice", needs="either"))]
) -> ReceiptBody:
    """Begin a record."""
    return await call.execute(body, Step(RECORD, record_id, Open(record_id, call.caller.organisation), call.expected_version))


@router.post("/records/{record_id}/notes", summary="Add a note")
async def add_note(record_id: UUID4, body: NoteBody, call: Annotated[Call, Depends(command("intake.add-note"))]) -> ReceiptBody:
    """Add to it."""
    return await call.execute(body, Step(RECORD, record_id, Note(record_id, body.text), call.expected_version))


@router.get("/records/{record_id}", summary="Read a record")
async def read_record(record_id: UUID4, asked: Annotated[Query, Depends(query("intake.read"))]) -> dict[str, list[str | None]]:
    """Read its notes."""
    return {"notes": list((await asked.open(RECORD, record_id)).state.notes)}


@router.get("/whoami", summary="Who calls")
async def whoami(caller: Annotated[Caller, Depends(allow("reporting.read-figures", recorded=False))]) -> dict[str, str]:
    """Tell who calls."""
    return {"sub": caller.sub, "role": caller.role}


@router.get("/broken", summary="Fail")
async def broken() -> None:
    """Fail with a text that quotes a person."""
    raise ValueError("Mario Rossi, born in Parma")


@router.get("/busy", summary="Be busy")
async def busy() -> None:
    """Be away for a moment."""
    raise Retryable("no connection")


@dataclass(frozen=True)
class Setup:
    """The application's parts that a test may ask."""

    issuer: SigningIssuer
    store: MemoryEventStore
    client: httpx.AsyncClient
    clock: Clock
    sessions: Sessions

    def headers(self, *, version: int | None = None, key: str | None = None, **claims: object) -> dict[str, str]:
        """Return the headers of a well-formed command."""
        headers = {"Authorization": f"Bearer {self.issuer.token(**claims)}", "Idempotency-Key": key or str(new_id())}
        return headers if version is None else {**headers, "If-Match": f'"{version}"'}

    async def stored(self) -> int:
        """Return how many events the store holds."""
        store = self.store
        return sum([len(await store.load(stream)) for stream in list(store._streams)])

    async def record(self) -> str:
        """Open a record and return its address."""
        address = f"/records/{new_id()}"
        answer = await self.client.post(address, json={}, headers=self.headers())
        assert answer.status_code == 201, answer.text
        return address


class running:  # noqa: N801 - reads as a phrase: async with running(...)
    """The application for the length of a block."""

    def __init__(
        self, *, demonstration: bool, clock: Clock | None = None, observer: Observer | None = None, rates: Rates | None = None
    ) -> None:
        self._demonstration = demonstration
        self._clock = clock or SystemClock()
        self._observer = observer or Observer()
        self._rates = rates

    async def __aenter__(self) -> Setup:
        clock, issuer = self._clock, SigningIssuer()
        store = MemoryEventStore("intake", demonstration=True)
        commands = Commands(store, Recorder(MemoryKeyring()), observer=self._observer)
        sessions = Sessions(MemorySessionRows(), clock)
        web = Web(
            verifier=issuer.verifier(),
            clock=clock,
            commands=commands,
            secret=SECRET,
            demonstration=self._demonstration,
            rates=self._rates,
            reads=ReadsInMemory("intake"),
            sessions=sessions,
        )
        app = create_app(name="records", summary="Records for tests", routers=[router], web=web, observer=self._observer)
        self._client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://records.test")
        return Setup(issuer, store, self._client, clock, sessions)

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, object]:
    """Assert that an answer is this problem, well formed, and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    content: dict[str, object] = answer.json()
    assert content["type"] == f"urn:ancora:problem:{code}"
    assert content["status"] == status
    assert content["title"]
    assert content["detail"]
    assert content["instance"] == f"urn:uuid:{answer.headers['x-correlation-id']}"
    assert content["trace_id"] == UUID(answer.headers["x-correlation-id"]).hex
    return content


MOMENT = datetime(2021, 3, 5, 9, 30, tzinfo=UTC)
