"""A browser at the page and the issuer that it is sent to, both in the test's own process."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from services._runtime.clock import SimulatedClock
from services._runtime.web.callers import SESSION
from services.reporting.adapters.issuer_out import Client, IssuerClient
from tests.support.issuer import ISSUER, SigningIssuer
from tests.support.reporting import Reporting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BASE = "https://reporting.test"
OURS = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says of a form of our own page."""

FIGURES = 'id="counted-national"'


@dataclass
class CodeIssuer:
    """An issuer that gives tokens for a code, once; what it was asked is kept. `id_changes` make its ID tokens wrong."""

    tokens: SigningIssuer
    status: int = 200
    name: str = ISSUER
    nonce: str | None = None
    access: str | None = None
    id_changes: dict[str, object] = field(default_factory=dict)
    id_token: str | None = None
    spent: set[str] = field(default_factory=set)
    forms: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)

    def client(self, client: Client | None = None) -> IssuerClient:
        """Return a client that speaks to it."""
        return IssuerClient(ISSUER, httpx.AsyncClient(transport=httpx.MockTransport(self._answer)), client)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/.well-known/openid-configuration":
            endpoints = {name: f"{ISSUER}/{name.partition('_')[0]}" for name in ("authorization_endpoint", "token_endpoint")}
            return httpx.Response(200, json={"issuer": self.name, "end_session_endpoint": f"{ISSUER}/leave", **endpoints})
        form = dict(parse_qsl(request.content.decode()))
        self.forms.append(form)
        self.authorizations.append(request.headers.get("authorization"))
        if self.status != 200 or form["code"] in self.spent:
            return httpx.Response(self.status if self.status != 200 else 400)
        self.spent.add(form["code"])
        id_token = self.id_token or self.tokens.id_token(**({"nonce": self.nonce, "sid": "theirs-1"} | self.id_changes))
        return httpx.Response(200, json={"access_token": self.access or self.tokens.token(), "id_token": id_token})


@dataclass
class Visitor:
    """A browser at the page, and the issuer that it is sent to."""

    reporting: Reporting
    issuer: CodeIssuer
    http: httpx.AsyncClient

    async def begin(self) -> dict[str, str]:
        """Begin to sign in; return what the issuer is asked."""
        answer = await self.http.get("/sign-in")
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"{ISSUER}/authorization?")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
        self.issuer.nonce = asked["nonce"]
        return asked

    async def come_back(self, **answer: str) -> httpx.Response:
        """Come back from the issuer with its answer."""
        return await self.http.get("/sign-in/callback", params=answer)

    async def sign_in(self, code: str = "c") -> httpx.Response:
        """Sign in."""
        asked = await self.begin()
        return await self.come_back(code=code, state=asked["state"], iss=ISSUER)

    async def sees_figures(self) -> bool:
        """Tell whether the page shows what only those see who signed in."""
        return FIGURES in (await self.http.get("/")).text

    @property
    def secret(self) -> str:
        """The session's secret."""
        return self.http.cookies[SESSION]

    def another(self, secret: str) -> httpx.AsyncClient:
        """Return another browser, which has this secret."""
        return httpx.AsyncClient(transport=self.http._transport, base_url=BASE, cookies={SESSION: secret})


@pytest.fixture
def clock() -> SimulatedClock:
    """Give the clock of issuer and page."""
    return SimulatedClock(datetime(2026, 5, 4, 8, 0, tzinfo=UTC))


@pytest.fixture
async def visitor(clock: SimulatedClock) -> AsyncIterator[Visitor]:
    """Give a browser that nobody has signed in yet."""
    reporting = Reporting(SigningIssuer(clock))
    issuer = CodeIssuer(reporting.issuer)
    transport = httpx.ASGITransport(reporting.application(issuer=issuer.client()))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as http:
        yield Visitor(reporting, issuer, http)
