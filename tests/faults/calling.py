"""Clients who repeat what they are unsure of under the same key, give up at times, and remember all that they are told."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import httpx

from services._runtime.ids import new_id
from tests.faults.told import OK, UNSURE, Record

if TYPE_CHECKING:
    from random import Random

    from tests.support.whole import Ancora

_TIMEOUT = httpx.Timeout(3.0, connect=1.0)
_PAUSE_S = 0.15
_TOKEN_S = 12 * 60 * 60
_GIVES_UP = 0.04
"""How often somebody who is unsure does not try again: they closed the page."""


class Refused(Exception):
    """The answer was no, and will be no again."""


class GaveUp(Exception):
    """Nobody knows whether it is stored, and nobody asks again."""


class Caller:
    """Whoever signs in, by login; speaks with services that may be dead."""

    def __init__(self, ancora: Ancora, record: Record, *, patience_s: float = 120.0) -> None:
        """Call the services of `ancora`, note in `record`; try for `patience_s` at most."""
        self._ancora = ancora
        self._record = record
        self._patience_s = patience_s
        self._tokens: dict[str, str] = {}
        self._client = httpx.AsyncClient(timeout=_TIMEOUT, limits=httpx.Limits(max_connections=64))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def get(self, service: str, path: str, login: str) -> httpx.Response:
        """Read, as often as it takes to be answered."""
        headers = {"authorization": f"Bearer {await self._token(login)}"}
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                answer = await self._client.get(f"{self._ancora.url(service)}{path}", headers=headers)
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code not in UNSURE:
                return answer
            if time.monotonic() > deadline:
                raise GaveUp(f"GET {service} is not answered")
            await asyncio.sleep(_PAUSE_S)

    async def tell(self, service: str, path: str, body: object, *, login: str, version: int, dice: Random) -> dict[str, Any]:
        """Have a command carried out once, and return its receipt; raises `Refused` or `GaveUp`. Version 0: a new record."""
        key, correlation = str(new_id()), new_id()
        told = self._record.begin(service, login, key, correlation)
        headers = {
            "authorization": f"Bearer {await self._token(login)}",
            "idempotency-key": key,
            "x-correlation-id": str(correlation),
        } | ({"if-match": f'"{version}"'} if version else {})
        deadline = time.monotonic() + self._patience_s
        while True:
            status, answer = await self._post(f"{self._ancora.url(service)}{path}", body, headers)
            told.answered(status, answer)
            if status in OK:
                # At times the answer is lost on its way to the person, who sends it all again.
                if dice.random() < _GIVES_UP:
                    told.answered(*await self._post(f"{self._ancora.url(service)}{path}", body, headers))
                return answer
            if status not in UNSURE:
                raise Refused(f"{service}: {told.statuses} {answer.get('type')}")
            if time.monotonic() > deadline or dice.random() < _GIVES_UP:
                raise GaveUp(f"{service}: {told.statuses}")
            await asyncio.sleep(_PAUSE_S)

    async def _post(self, url: str, body: object, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        try:
            answer = await self._client.post(url, json=body, headers=headers)
            return answer.status_code, answer.json()
        except (httpx.TransportError, ValueError):
            return 0, {}

    async def _token(self, login: str) -> str:
        if login not in self._tokens:
            form = {"grant_type": "client_credentials", "client_id": login, "expires_in": str(_TOKEN_S)}
            answer = await self._client.post(f"{self._ancora.url('issuer')}/token", data=form)
            self._tokens[login] = answer.raise_for_status().json()["access_token"]
        return self._tokens[login]
