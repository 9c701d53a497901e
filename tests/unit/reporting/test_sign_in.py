"""Signing in by authorization code with PKCE: only the browser that began it ends it, and no script sees the token."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from services._runtime.errors import RuntimeFault
from services.reporting.adapters.issuer_out import Attempt, IssuerClient
from services.reporting.adapters.pages_in import POLICY
from services.reporting.adapters.sign_in import ATTEMPT, SESSION
from tests.support.issuer import ISSUER
from tests.support.reporting import Reporting

BASE = "http://reporting.test"


@dataclass
class CodeIssuer:
    """An issuer that gives one code; what it was asked is kept."""

    token: str
    status: int = 200
    name: str = ISSUER
    forms: list[dict[str, str]] = field(default_factory=list)

    def client(self) -> IssuerClient:
        """Return a client that speaks to it."""
        return IssuerClient(ISSUER, httpx.AsyncClient(transport=httpx.MockTransport(self._answer)))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/.well-known/openid-configuration":
            endpoints = {"authorization_endpoint": f"{ISSUER}/authorize", "token_endpoint": f"{ISSUER}/token"}
            return httpx.Response(200, json={"issuer": self.name, **endpoints})
        self.forms.append(dict(parse_qsl(request.content.decode())))
        return httpx.Response(self.status, json={"access_token": self.token, "expires_in": 300})


def browser(reporting: Reporting, issuer: CodeIssuer) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(reporting.application(issuer=issuer.client())), base_url=BASE)


async def begun(client: httpx.AsyncClient) -> dict[str, str]:
    """Begin to sign in; return what the issuer is asked."""
    answer = await client.get("/sign-in")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{ISSUER}/authorize?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def test_the_code_is_exchanged_with_the_verifier_of_its_challenge_and_the_token_kept_from_scripts() -> None:
    reporting = Reporting()
    issuer = CodeIssuer(reporting.issuer.token())
    async with browser(reporting, issuer) as client:
        asked = await begun(client)
        assert (asked["response_type"], asked["code_challenge_method"], asked["scope"]) == ("code", "S256", "openid")
        answer = await client.get("/sign-in/callback", params={"code": "c", "state": asked["state"], "iss": ISSUER})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        (form,) = issuer.forms
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        assert (challenge, form["redirect_uri"]) == (asked["code_challenge"], f"{BASE}/sign-in/callback")
        cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(SESSION))
        assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=300"} <= {part.strip() for part in cookie.split(";")}
        assert ATTEMPT not in client.cookies
        page = await client.get("/")
        assert 'id="counted-national"' in page.text
        assert page.headers["content-security-policy"] == POLICY
        assert page.headers["cache-control"] == "no-store"
        assert issuer.token not in page.text


@pytest.mark.parametrize(
    "answer",
    [{"code": "c", "state": "another"}, {"code": "c"}, {"state": ""}, {"error": "access_denied"}, {"code": "c", "state": "è"}],
)
async def test_an_answer_that_is_not_to_our_question_signs_nobody_in(answer: dict[str, str]) -> None:
    reporting = Reporting()
    issuer = CodeIssuer(reporting.issuer.token())
    async with browser(reporting, issuer) as client:
        await begun(client)
        back = await client.get("/sign-in/callback", params=answer)
        assert (back.status_code, back.headers["location"]) == (303, "/?sign-in=failed")
        assert SESSION not in client.cookies
        assert issuer.forms == []


async def test_a_code_without_a_sign_in_under_way_or_from_another_issuer_is_not_used() -> None:
    reporting = Reporting()
    issuer = CodeIssuer(reporting.issuer.token())
    async with browser(reporting, issuer) as client:
        for cookie in ("", "bm90IG91cnM", "%%%"):
            client.cookies.set(ATTEMPT, cookie, domain="reporting.test", path="/sign-in")
            back = await client.get("/sign-in/callback", params={"code": "c", "state": "s"})
            assert back.headers["location"] == "/?sign-in=failed"
        client.cookies.clear()
        asked = await begun(client)
        back = await client.get("/sign-in/callback", params={"code": "c", "state": asked["state"], "iss": "https://evil.test"})
        assert back.headers["location"] == "/?sign-in=failed"
        assert issuer.forms == []


async def test_a_spent_code_is_said_to_have_failed_and_a_silent_issuer_to_be_away() -> None:
    reporting = Reporting()
    for status, expected in ((400, 303), (503, 503)):
        async with browser(reporting, CodeIssuer("", status)) as client:
            asked = await begun(client)
            assert (await client.get("/sign-in/callback", params={"code": "c", "state": asked["state"]})).status_code == expected
            assert SESSION not in client.cookies


async def test_another_issuers_discovery_document_is_not_believed() -> None:
    with pytest.raises(RuntimeFault, match="another issuer"):
        await CodeIssuer("", name="https://evil.test").client().authorization_url(Attempt.begin(), f"{BASE}/sign-in/callback")


async def test_a_session_that_is_not_valid_any_more_is_dropped() -> None:
    reporting = Reporting()
    async with browser(reporting, CodeIssuer("")) as client:
        client.cookies.set(SESSION, reporting.issuer.token(exp=1), domain="reporting.test")
        page = await client.get("/")
        assert page.status_code == 200
        assert "counted-national" not in page.text
        assert SESSION not in client.cookies
        assert (await client.get("/live")).status_code == 401


async def test_signing_out_forgets_the_session() -> None:
    reporting = Reporting()
    async with browser(reporting, CodeIssuer("")) as client:
        client.cookies.set(SESSION, reporting.issuer.token(), domain="reporting.test")
        assert (await client.post("/sign-out")).status_code == 303
        assert SESSION not in client.cookies


async def test_only_what_is_meant_for_the_page_is_served() -> None:
    async with Reporting().client(sub=None) as client:
        assert (await client.get("/static/ancora.css")).headers["content-type"].startswith("text/css")
        for path in ("/static/nothing.css", "/static/..%2fadapters/words.py", "/static/"):
            assert (await client.get(path)).status_code == 404
