"""`ancora parked`: lists, shows, retries and discards what waits for a person, over the services' own API, as an administrator."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import typer
from rich.table import Table

from contracts.reference import consortium
from contracts.topics import SERVICES
from services._runtime.ids import new_id
from services.cli.console import FAILED, MISUSED, OK, fail, out
from services.cli.deployment import ISSUER, running, told
from services.cli.errors import DeploymentError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contracts.operations_codes import DiscardReason, RetryReason
    from services.cli.deployment import Deployment

Json = dict[str, Any]

_WITHIN_S = 600.0
"""A retry goes on through everything that waited, and answers then."""


def show_all(*, as_json: bool) -> None:
    """Print what is parked in all services."""
    with _administrator() as client:
        found = [{"service": service} | item for service in SERVICES for item in client.every(service)]
    if as_json:
        out.print_json(json.dumps({"parked": found}))
    elif not found:
        out.print("Nothing is parked.")
    else:
        _print(found)


def show_one(service: str, parked_id: int, *, as_json: bool) -> None:
    """Print one parked record."""
    with _administrator() as client:
        found = client.get(service, f"/parked/{parked_id}")
    if as_json:
        out.print_json(json.dumps({"service": service} | found))
        return
    for name, value in found.items():
        if value is not None:
            out.print(f"  {name:<15} {_printable(value)}", markup=False)


def retry(service: str, parked_id: int, reason: RetryReason) -> None:
    """Retry one; exit 1 where it fails still."""
    with _administrator() as client:
        answer = client.post(service, f"/parked/{parked_id}/retry", {"reason": reason.value})
    code = f" ({answer['code']})" if answer["code"] else ""
    out.print(f"{service} {parked_id}: {answer['outcome']}{code}", markup=False)
    _tell_what_is_left(service, answer)
    raise typer.Exit(FAILED if answer["outcome"] == "still-failing" else OK)


def discard(service: str, parked_id: int, reason: DiscardReason) -> None:
    """Discard one."""
    with _administrator() as client:
        answer = client.post(service, f"/parked/{parked_id}/discard", {"reason": reason.value})
    out.print(f"{service} {parked_id}: {answer['outcome']}", markup=False)
    _tell_what_is_left(service, answer)


class _Client:
    """Calls the services with an administrator's token."""

    def __init__(self, deployment: Deployment, http: httpx.Client, token: str) -> None:
        self._deployment = deployment
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, service: str, path: str, **query: str) -> Json:
        """Read; leaves with the service's own words where it refuses."""
        return self._answer(service, self._http.get(self._url(service) + path, params=query, headers=self._headers))

    def post(self, service: str, path: str, body: Json) -> Json:
        """Command, as a new request."""
        headers = self._headers | {"Idempotency-Key": str(new_id())}
        return self._answer(service, self._http.post(self._url(service) + path, json=body, headers=headers))

    def every(self, service: str) -> Iterator[Json]:
        """Give all that is parked in a service, page by page."""
        query = {"limit": "200"}
        while True:
            page = self.get(service, "/parked", **query)
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]

    def _url(self, service: str) -> str:
        if service not in SERVICES:
            fail(f"{service!r} is not a service: give one of {', '.join(SERVICES)}", MISUSED)
        return self._deployment.url(service)

    @staticmethod
    def _answer(service: str, answer: httpx.Response) -> Json:
        content: Json = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        if not answer.is_success:
            fail(f"{service} answers {answer.status_code}: {content.get('detail', answer.reason_phrase)}")
        return content


@contextmanager
def _administrator() -> Iterator[_Client]:
    with told():
        deployment = running()
        with httpx.Client(timeout=httpx.Timeout(5, read=_WITHIN_S)) as http:
            yield _Client(deployment, http, _token(deployment, http))


def _token(deployment: Deployment, http: httpx.Client) -> str:
    """Return the token that is given, else one of the development issuer for the lead partner's administrator."""
    given = os.environ.get("ANCORA_TOKEN")
    if given:
        return given
    if not deployment.development:
        raise DeploymentError("set ANCORA_TOKEN to an access token of the issuer, of somebody with the role administrator")
    asked = {"grant_type": "client_credentials", "client_id": f"administrator.{consortium().project.lead}", "purpose": "operations"}
    token: str = http.post(f"{deployment.url(ISSUER)}/token", data=asked).raise_for_status().json()["access_token"]
    return token


def _tell_what_is_left(service: str, answer: Json) -> None:
    if answer["left"]:
        out.print(f"{answer['left']} of its line are parked now; {service} {answer['front']} holds back the others", markup=False)


def _print(found: list[Json]) -> None:
    table = Table("service", "id", "since", "came from", "event", "waits because", "behind it", box=None)
    for one in found:
        place = f"{one['topic']} {one['partition']}/{one['offset']}"
        because = one["reason"] if one["front"] == one["id"] else f"{one['front']} is parked"
        cells = (one["id"], one["parked_at"][:19], place, one["event_type"] or "none of ours", because, one["waiting_behind"])
        table.add_row(one["service"], *(_printable(cell) for cell in cells))
    out.print(table)


def _printable(value: object) -> str:
    """Return a value on one line without control characters: names of headers are whatever somebody put into a topic."""
    text = ", ".join(map(_printable, value)) if isinstance(value, list) else str(value)
    return "".join(character if character.isprintable() else "�" for character in text)
