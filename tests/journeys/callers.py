"""People with tokens of the development issuer, who call the services over HTTP, and one person's way through them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

import httpx

from services._runtime.clock import SystemClock, day_of
from services._runtime.ids import new_id
from tests.support.identities import unlike_anybody
from tests.support.whole import eventually

if TYPE_CHECKING:
    from types import TracebackType

    from tests.support.whole import Ancora

Body = dict[str, Any]

WORKER, SECOND, COORDINATOR = "case-worker.ciac", "case-worker-2.ciac", "tutor-coordinator.ciac"
LEADER = "team-coordinator.ciac"
EVIDENCE = {"kind": "certificate", "holder": "CPIA Parma", "place": "faldone 7", "date": "2021-04-02"}


class Callers:
    """Whoever signs in, by login; each command carries the version that its record has now."""

    def __init__(self, ancora: Ancora) -> None:
        """Call the services of `ancora`."""
        self._ancora = ancora
        self._client = httpx.Client(timeout=20)
        self._tokens: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the connections."""
        self._client.close()

    def token(self, login: str) -> str:
        """Return a token, fetched once."""
        if login not in self._tokens:
            asked = {"grant_type": "client_credentials", "client_id": login}
            answer = self._client.post(f"{self._ancora.url('issuer')}/token", data=asked)
            self._tokens[login] = answer.raise_for_status().json()["access_token"]
        return self._tokens[login]

    def get(self, service: str, path: str, login: str = WORKER) -> httpx.Response:
        """Read."""
        return self._client.get(f"{self._ancora.url(service)}{path}", headers={"Authorization": f"Bearer {self.token(login)}"})

    def post(self, service: str, path: str, body: object, *, login: str = WORKER, **headers: str) -> httpx.Response:
        """Send a command with just these headers (underscores stand for hyphens), a token and a new key."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        all_headers = {"Authorization": f"Bearer {self.token(login)}", "Idempotency-Key": str(new_id())} | given
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        return self._client.post(f"{self._ancora.url(service)}{path}", headers=all_headers, **sent)

    def tell(self, service: str, record: str, command: str, body: Body, login: str = WORKER) -> list[str]:
        """Send a command to a record at its present version, demand that it is carried out, return the types of its events."""
        now = self.get(service, record, login)
        assert now.status_code in {200, 404}, now.text
        version = {"If-Match": now.headers["etag"]} if now.status_code == 200 else {}
        answer = self.post(service, f"{record}{command}", body, login=login, **version)
        assert answer.status_code in {200, 201}, answer.text
        return [event["type"] for event in answer.json()["events"]]


class PersonsWay:
    """One person's way from the notice on, told by case workers of CIAC in Parma."""

    def __init__(self, callers: Callers) -> None:
        """Begin with an id that nobody has."""
        self.callers = callers
        self.person: UUID = new_id()
        self.record = f"/beneficiaries/{self.person}"

    def enrolled(self) -> Self:
        """Give the notice and enrol."""
        self.tell("/privacy-notices", {"notice_version": "2021-1", "language": "ti", "how": "orally", "mediator": True})
        self.tell("/enrolment", {"territory": "PR", "municipality": "034027", "identity": unlike_anybody()})
        return self

    def admitted(self) -> Self:
        """Record status and reception exit, and admit to the programme by its own rule."""
        self.tell("/protection-status", {"status": "refugee", "granted_on": days_ago(300)})
        self.tell("/reception-exit", {"occurred_on": days_ago(60)})
        types = self.tell("/admissions", {"programme": "ancora-2.0"})
        assert types == ["intake.eligibility_assessed", "intake.programme_admitted"]
        return self

    def pathway(self) -> str:
        """Return the address of the pathway, which opens by itself."""
        listing = f"/pathways?beneficiary-id={self.person}"
        (one,) = eventually(lambda: self.callers.get("pathways", listing).json()["items"])
        return f"/pathways/{one['pathway_id']}"

    def with_baseline(self) -> str:
        """Record the baseline on the pathway; return its address."""
        pathway = self.pathway()
        values = {"housing": "reception", "work": "seeking", "income": "none", "language": "a1", "schooling": "primary"}
        situations = [{"situation_id": str(new_id()), "area": area, "value": one, "since": days_ago(30)} for area, one in values.items()]
        ties = [{"connection": "bridge", "kind": "neighbour", "strength": "weak", "count": 2}]
        needs = {
            "instrument": "needs-and-resources",
            "instrument_version": "1.0",
            "respondent": "worker",
            "scores": {"work": 2, "health": 1},
        }
        for command, body in (
            ("/situations", {"moment": "baseline", "situations": situations}),
            ("/network-maps", {"map_id": str(new_id()), "moment": "baseline", "ties": ties}),
            ("/assessments", {"assessment_id": str(new_id()), "moment": "baseline", **needs}),
        ):
            self.callers.tell("pathways", pathway, command, body)
        return pathway

    def tell(self, command: str, body: Body) -> list[str]:
        """Send a command on the person's record."""
        return self.callers.tell("intake", self.record, command, body)

    def timeline(self) -> list[Body]:
        """Return what reporting has of the person so far."""
        items: list[Body] = self.callers.get("reporting", f"/persons/{self.person}/timeline?limit=200").json().get("items", [])
        return items


def days_ago(days: int) -> str:
    """Return the day so many days before today, in Italy."""
    return (day_of(SystemClock().now()) - timedelta(days=days)).isoformat()
