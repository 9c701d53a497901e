"""Sends planned commands like any client of the public APIs: with a token, a version, an idempotency key, and patience."""

from __future__ import annotations

import asyncio
import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from services.cli.caseload.errors import DemonstrationError
from services.cli.caseload.telling_apart import looked_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.cli.caseload.planned import PlannedCommand, ServiceName

_PATIENCE_S = 60.0
"""How long a command waits for what another service's reaction brings about."""
_UNREACHABLE_S = 60.0
"""How long a service may be away, for instance while it is restarted."""
_TOKEN_S = 12 * 60 * 60
TIMEOUT = httpx.Timeout(30.0)
LIMITS = httpx.Limits(max_connections=32, max_keepalive_connections=32, keepalive_expiry=60.0)
_AWAITED = frozenset({"tutor-request-not-open", "tutor-at-capacity", "assignments-running"})
"""Refusals that end when a reaction has arrived: a request opens, an exit frees a tutor's place."""
_AT_ONCE_S = 0.002
_OK = (200, 201)
_ANOTHER_CASELOAD = frozenset({"idempotency-key-reused", "already-exists", "tutor-already-registered"})
_TYPE = "urn:ancora:problem:"


@dataclass(slots=True)
class _Waited:
    """How long one command has waited, and the pause before it is sent again."""

    pause: float = 0.04
    total: float = 0.0

    async def again(self, limit: float) -> bool:
        """Wait, a little longer each time; return False at once where the limit is passed."""
        if self.total >= limit:
            return False
        await asyncio.sleep(self.pause)
        self.total += self.pause
        self.pause = min(self.pause * 1.6, 1.0)
        return True


class Sender:
    """Sends commands to the three services, and knows the version of every record it has written to."""

    def __init__(self, clients: Mapping[ServiceName, httpx.AsyncClient], issuer: httpx.AsyncClient, versions: dict[str, int]) -> None:
        """Speak through these clients; `versions` are those known already, and kept up to date."""
        self.versions = versions
        self._clients = clients
        self._issuer = issuer
        self._tokens: dict[str, str] = {}

    async def send(self, command: PlannedCommand) -> None:
        """Have a command carried out; raises `DemonstrationError` where it is refused or nobody answers.

        A repeated command is answered as it was the first time, so what was cut off is simply sent again.
        """
        waited = _Waited()
        while True:
            answer = await self._ask(command, waited)
            if answer.status_code in _OK:
                self._learn(answer.json())
                return
            await self._cope(command, answer, waited)

    async def _ask(self, command: PlannedCommand, waited: _Waited) -> httpx.Response:
        client = self._clients[command.service]
        headers = await self._headers(command)
        content = command.content({name: pseudonym_in(await self._token_of(login)) for name, login in command.left_open.named.items()})
        while True:
            try:
                if command.left_open.looked_up:
                    content = await self._looked_up(client, command, headers["authorization"], waited)
                return await client.post(command.path, content=content, headers=headers)
            except httpx.TransportError as error:
                if not await waited.again(_UNREACHABLE_S):
                    raise DemonstrationError(f"{command.service} does not answer: see its log, then run the demonstration again") from error

    async def _looked_up(self, client: httpx.AsyncClient, command: PlannedCommand, authorization: str, waited: _Waited) -> bytes:
        while (body := await looked_up(client, authorization, command)) is None:
            if not await waited.again(_PATIENCE_S):
                raise DemonstrationError(f"{command.name} of {command.moment.date()}: nobody like the person is found")
        return body

    async def _headers(self, command: PlannedCommand) -> dict[str, str]:
        headers = {
            "authorization": f"Bearer {await self._token_of(command.login)}",
            "content-type": "application/json",
            "idempotency-key": command.key,
            "ancora-demonstration-clock": command.moment.isoformat().replace("+00:00", "Z"),
        }
        if not command.creates:
            headers["if-match"] = f'"{self.versions.get(command.stream, 1)}"'
        return headers

    async def _token_of(self, login: str) -> str:
        if (token := self._tokens.get(login)) is None:
            token = self._tokens[login] = await self._token(login)
        return token

    async def _token(self, login: str) -> str:
        form = {"grant_type": "client_credentials", "client_id": login, "clock": "demonstration", "expires_in": str(_TOKEN_S)}
        try:
            answer = await self._issuer.post("/token", data=form)
            answer.raise_for_status()
            return str(answer.json()["access_token"])
        except (httpx.HTTPError, ValueError, KeyError) as error:
            raise DemonstrationError(f"the issuer gives no token for the login {login}: is it the development issuer?") from error

    async def _cope(self, command: PlannedCommand, answer: httpx.Response, waited: _Waited) -> None:
        """Do what makes a repetition worthwhile, or raise."""
        problem = _problem_of(answer)
        match answer.status_code:
            case 412 | 428 if isinstance(version := problem.get("current_version"), int):
                self.versions[command.stream] = version
                waited.pause = min(waited.pause, _AT_ONCE_S)
                worthwhile = await waited.again(_PATIENCE_S)
            case 401:
                worthwhile = self._tokens.pop(command.login, None) is not None and await waited.again(_PATIENCE_S)
            case 404:
                worthwhile = await waited.again(_PATIENCE_S)
            case 409:
                worthwhile = _code(problem) in _AWAITED and await waited.again(_PATIENCE_S)
            case 429 | 502 | 503 | 504:
                worthwhile = await waited.again(_UNREACHABLE_S)
            case _:
                worthwhile = False
        if not worthwhile:
            raise _refused(command, answer.status_code, problem)

    def _learn(self, receipt: Mapping[str, Any]) -> None:
        self.versions[receipt["stream"]] = receipt["version"]
        for related in receipt["related"]:
            self.versions[related["stream"]] = related["version"]


def pseudonym_in(token: str) -> str:
    """Return the subject that a token names; whoever issued it has just said so, and nothing is decided by it."""
    payload = token.split(".")[1]
    return str(json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"])


def _problem_of(answer: httpx.Response) -> dict[str, Any]:
    try:
        problem = answer.json()
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


def _code(problem: Mapping[str, Any]) -> str:
    return str(problem.get("type", "no problem type")).removeprefix(_TYPE)


def _refused(command: PlannedCommand, status: int, problem: Mapping[str, Any]) -> DemonstrationError:
    """Return what to tell the person: the command, its moment and the kind of refusal; never a value or a text of the body."""
    code = _code(problem)
    told = f"{command.name} of {command.moment.date()} (number {command.key.rsplit('-', 1)[-1]}) was answered with {status} {code}"
    if code in _ANOTHER_CASELOAD:
        return DemonstrationError(f"{told}: this Ancora holds another caseload already; `./ancora up --reset` begins afresh")
    return DemonstrationError(told)
