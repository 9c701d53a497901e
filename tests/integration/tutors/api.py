"""The tutors service behind its HTTP interface, on memory or on PostgreSQL, for tests that act as its clients do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from contracts.transfers import TransferAccepted
from services._runtime.clock import SystemClock, day_of
from services._runtime.ids import new_id
from services._runtime.projecting.feed_source import FeedSource
from services._runtime.projecting.runner import Runner
from services._runtime.store.port import InboxEntry
from services.tutors.app.process_managers import PROCESS_MANAGERS, request_id_of
from services.tutors.projections.assignments import ASSIGNMENTS
from services.tutors.projections.supervision import SUPERVISED_TUTORS, SUPERVISOR_ABSENCES
from services.tutors.projections.tutor_requests import TUTOR_REQUESTS
from services.tutors.projections.tutors import TUTORS
from tests.support.issuer import SigningIssuer
from tests.support.reading import ReadsInMemory
from tests.unit.tutors.service import came, exited, pathway_of, plan_agreed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    import httpx

    from contracts.duplicates import DuplicateConfirmed, DuplicateSplit
    from services._runtime.handling import Commands
    from services._runtime.projecting.memory import MemoryRows
    from services._runtime.projecting.model import ReadModel
    from services._runtime.projecting.postgres import PostgresRows
    from services._runtime.store.port import EventStore, Sequencer
    from tests.support.reading import ReadsInMemory

COORDINATOR: dict[str, object] = {"sub": "coordinator-1", "ancora_role": "tutor-coordinator", "ancora_org": "ciac"}


@dataclass
class Api:
    """The service and a coordinator of CIAC who calls it. `versions` remembers each stream's version, as a client would."""

    client: httpx.AsyncClient
    issuer: SigningIssuer
    store: EventStore
    sequencer: Sequencer
    commands: Commands
    rows: MemoryRows | PostgresRows
    reads: ReadsInMemory
    clock: SystemClock = field(default_factory=SystemClock)

    @property
    def today(self) -> date:
        """The day it is in Rome."""
        return day_of(self.clock.now())

    def day(self, days: int) -> str:
        """Return the day so many days from today, as a body says it."""
        return (self.today + timedelta(days=days)).isoformat()

    def headers(self, claims: Mapping[str, object], *, version: int | None = None, key: str | None = None) -> dict[str, str]:
        """Return the headers of a well-formed request."""
        token = self.issuer.token(**{**COORDINATOR, **claims})
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key or str(new_id())}
        return headers if version is None else {**headers, "If-Match": f'"{version}"'}

    async def post(
        self, path: str, body: dict[str, Any], *, version: int | None = None, key: str | None = None, **claims: object
    ) -> httpx.Response:
        """Send a command."""
        return await self.client.post(path, json=body, headers=self.headers(claims, version=version, key=key))

    async def get(self, path: str, **claims: object) -> httpx.Response:
        """Read."""
        return await self.client.get(path, headers=self.headers(claims))

    async def done(self, path: str, body: dict[str, Any], version: int | None = None) -> int:
        """Send a command that must succeed; return the version it leads to."""
        answer = await self.post(path, body, version=version)
        assert answer.status_code in {200, 201}, answer.text
        version_now: int = answer.json()["version"]
        return version_now

    async def registered(self, **changes: object) -> str:
        """Register a tutor and return their address."""
        path = f"/tutors/{new_id()}"
        await self.done(path, {**REGISTRATION, **changes})
        return path

    async def approved(self, **changes: object) -> tuple[str, int]:
        """Have an approved tutor, approved a year ago; return their address and version. `insured`: until so many days from today."""
        insured = changes.pop("insured", 365)
        assert isinstance(insured, int)
        path = await self.registered(**changes)
        long_ago = self.day(-365)
        version = await self.done(f"{path}/interviews", {"occurred_on": long_ago}, 1)
        version = await self.done(f"{path}/trainings", {"course": "tutors-basic", "hours": 12, "occurred_on": long_ago}, version)
        vetting = {"outcome": "passed", "valid_until": self.day(365), "notes": "Visto il 3 marzo.", "occurred_on": long_ago}
        version = await self.done(f"{path}/vettings", vetting, version)
        version = await self.done(f"{path}/insurances", {"valid_from": long_ago, "valid_until": self.day(insured)}, version)
        return path, await self.done(f"{path}/approval", {"occurred_on": long_ago}, version)

    async def requested(self) -> tuple[UUID, str]:
        """Have a person whose agreed plan wants a tutor; return the person and the request's address."""
        person = new_id()
        await self._react(plan_agreed(person))
        return person, f"/tutor-requests/{request_id_of(pathway_of(person))}"

    async def exit(self, person: UUID) -> None:
        """Have a person exit."""
        await self._react(exited(person))

    async def transfer(self, person: UUID, organisation: str, territory: str) -> None:
        """Have a person accepted by another organisation, as the seventh event of their record."""
        accepted = TransferAccepted(
            beneficiary_id=person,
            transfer_id=new_id(),
            episode=1,
            organisation=organisation,
            territory=territory,
            sender="ciac",
            admissions=(),
        )
        await self._react(accepted, stream_version=7, responsible_organisation=organisation, territory=territory)

    async def decided(self, event: type[DuplicateConfirmed | DuplicateSplit], person: UUID, survivor: UUID, *, version: int) -> None:
        """Let intake's decision about two records arrive, which stands at this version of the stream of the one that does not go on."""
        told = event(beneficiary_id=person, other_id=survivor, survivor_id=survivor, episode=1)
        await self._react(told, stream_version=version)

    async def assigned(self, *, starts: int = -200) -> tuple[UUID, str, str, str]:
        """Have an assignment that began days ago; return the person and the addresses of tutor, request and assignment."""
        tutor, _ = await self.approved()
        person, request = await self.requested()
        assignment = f"/assignments/{new_id()}"
        await self.done(f"{request}/assignment", {**assigning(tutor, assignment, self.day(starts)), "occurred_on": self.day(starts)}, 1)
        return person, tutor, request, assignment

    async def project(self) -> None:
        """Bring the feed and the lists up to date."""
        while await self.sequencer.sequence():
            pass
        models: list[ReadModel[Any]] = [TUTORS, TUTOR_REQUESTS, ASSIGNMENTS, SUPERVISED_TUTORS, SUPERVISOR_ABSENCES]
        runner = Runner(models, FeedSource(self.store), self.rows)
        while await runner.step():
            pass

    async def _react(self, event: Any, **envelope: object) -> None:  # noqa: ANN401 - any event with a reaction
        one = came(event, self.clock.now(), **envelope)
        entry = InboxEntry(PROCESS_MANAGERS.name, one.envelope.event_id)
        await PROCESS_MANAGERS.reactions[type(event)](one, self.commands, entry)


REGISTRATION: dict[str, Any] = {
    "kind": "citizen",
    "territory": "PR",
    "municipality": "034027",
    "capacity": 1,
    "paid_staff": False,
    "name": "Prova Esempio",
    "languages": ["it", "ar"],
    "email": "prova@example.org",
}


def assigning(tutor: str, assignment: str, agreed: str | None = None) -> dict[str, Any]:
    """Return the body that assigns the tutor at an address under the assignment's id; `agreed` outside the matching on a day."""
    body: dict[str, Any] = {"tutor_id": tutor.rpartition("/")[2], "assignment_id": assignment.rpartition("/")[2]}
    if agreed is not None:
        body["agreed_outside_matching"] = dict.fromkeys(("first_meeting_on", "tutor_accepted_on", "beneficiary_accepted_on"), agreed)
    return body


def meeting(**changes: object) -> dict[str, Any]:
    """Return the body of a meeting that took place."""
    return {
        "meeting_id": str(new_id()),
        "duration_minutes": 90,
        "kind": "in_person",
        "took_place": True,
        "notes": "Al mercato.",
        **changes,
    }
