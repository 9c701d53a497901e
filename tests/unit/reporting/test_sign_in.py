"""Signing in by authorization code with PKCE: only the browser that began it ends it, and no script sees what it gets."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from services._runtime.errors import RuntimeFault
from services._runtime.web.callers import SESSION
from services._runtime.web.sessions import LONGEST
from services.reporting.adapters.issuer_out import Attempt, Client
from services.reporting.adapters.pages_in import POLICY
from services.reporting.adapters.sign_in import ATTEMPT
from tests.support.issuer import CLIENT_ID, ISSUER
from tests.support.reporting import Reporting
from tests.support.signing_in import BASE, FIGURES, OURS, clock, visitor

if TYPE_CHECKING:
    from tests.support.signing_in import Visitor

__all__ = ["clock", "visitor"]


def refused(visitor: Visitor, back: httpx.Response) -> bool:
    """Tell whether nobody was signed in."""
    failed = (back.status_code, back.headers["location"]) == (303, "/?sign-in=failed")
    return failed and SESSION not in visitor.http.cookies and ATTEMPT not in visitor.http.cookies


async def test_the_code_is_exchanged_with_the_verifier_of_its_challenge_and_the_session_kept_from_scripts(visitor: Visitor) -> None:
    asked = await visitor.begin()
    assert (asked["response_type"], asked["code_challenge_method"], asked["scope"]) == ("code", "S256", "openid")
    answer = await visitor.come_back(code="c", state=asked["state"], iss=ISSUER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    (form,) = visitor.issuer.forms
    challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
    assert (challenge, form["redirect_uri"]) == (asked["code_challenge"], f"{BASE}/sign-in/callback")
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith(f"{SESSION}="))
    attributes = {part.strip() for part in cookie.split(";")[1:]}
    assert attributes == {"HttpOnly", "SameSite=lax", "Path=/", "Secure", f"Max-Age={int(LONGEST.total_seconds())}"}
    assert SESSION.startswith("__Host-")
    assert ATTEMPT not in visitor.http.cookies
    page = await visitor.http.get("/")
    assert FIGURES in page.text
    assert page.headers["content-security-policy"] == POLICY
    assert page.headers["cache-control"] == "no-store"
    assert visitor.secret not in page.text


async def test_an_issuer_that_gave_the_page_a_secret_is_sent_it_in_its_header(visitor: Visitor) -> None:
    client = visitor.issuer.client(Client("pages of ours", SecretStr("a:b")))
    await client.redeem("c", Attempt.begin(), f"{BASE}/sign-in/callback")
    assert httpx.BasicAuth("pages%20of%20ours", "a%3Ab")._auth_header == visitor.issuer.authorizations[-1]
    assert "client_secret" not in visitor.issuer.forms[-1]


@pytest.mark.parametrize(
    "answer",
    [{"code": "c", "state": "another"}, {"code": "c"}, {"state": ""}, {"error": "access_denied"}, {"code": "c", "state": "è"}],
)
async def test_an_answer_that_is_not_to_our_question_signs_nobody_in(visitor: Visitor, answer: dict[str, str]) -> None:
    await visitor.begin()
    assert refused(visitor, await visitor.come_back(**answer))
    assert visitor.issuer.forms == []


async def test_a_code_without_a_sign_in_under_way_or_from_another_issuer_is_not_used(visitor: Visitor) -> None:
    for cookie in ("", "bm90IG91cnM", "%%%"):
        visitor.http.cookies.set(ATTEMPT, cookie, domain="reporting.test", path="/")
        assert (await visitor.come_back(code="c", state="s")).headers["location"] == "/?sign-in=failed"
        visitor.http.cookies.clear()
    asked = await visitor.begin()
    assert refused(visitor, await visitor.come_back(code="c", state=asked["state"], iss="https://evil.test"))
    assert visitor.issuer.forms == []


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "of-another-sign-in"},
        {"nonce": None},
        {"aud": "another-client"},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"iss": "https://evil.test"},
        {"sub": "worker-2"},
        {"exp": 1},
        {"iat": 32_000_000_000},
    ],
    ids=str,
)
async def test_an_id_token_that_is_not_of_this_sign_in_signs_nobody_in(visitor: Visitor, changes: dict[str, object]) -> None:
    """Of another sign-in, client, issuer, person or time."""
    visitor.issuer.id_changes = changes
    assert refused(visitor, await visitor.sign_in())


async def test_no_token_is_taken_for_one_of_another_kind(visitor: Visitor) -> None:
    """An access token is no ID token, an ID token no access token."""
    asked = await visitor.begin()
    visitor.issuer.id_token = visitor.issuer.tokens.token(aud=CLIENT_ID, nonce=asked["nonce"])
    assert refused(visitor, await visitor.come_back(code="c", state=asked["state"]))
    visitor.issuer.id_token = None
    asked = await visitor.begin()
    visitor.issuer.access = visitor.issuer.tokens.signed({"typ": "JWT"})
    assert refused(visitor, await visitor.come_back(code="d", state=asked["state"]))


async def test_a_code_that_comes_again_signs_nobody_in(visitor: Visitor) -> None:
    """Neither for who has the address of the callback, nor for who has the cookie of the attempt as well."""
    asked = await visitor.begin()
    attempt = visitor.http.cookies[ATTEMPT]
    await visitor.come_back(code="c", state=asked["state"])
    visitor.http.cookies.clear()
    assert refused(visitor, await visitor.come_back(code="c", state=asked["state"]))
    visitor.http.cookies.set(ATTEMPT, attempt, domain="reporting.test", path="/")
    assert refused(visitor, await visitor.come_back(code="c", state=asked["state"]))


async def test_nobody_is_sent_where_a_request_says(visitor: Visitor) -> None:
    elsewhere = dict.fromkeys(("to", "next", "return_to", "redirect_uri", "post_logout_redirect_uri"), "https://evil.test/")
    answer = await visitor.http.get("/sign-in", params=elsewhere)
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["redirect_uri"] == [f"{BASE}/sign-in/callback"]
    visitor.issuer.nonce = asked["nonce"][0]
    back = await visitor.http.get("/sign-in/callback", params=elsewhere | {"code": "c", "state": asked["state"][0]})
    assert back.headers["location"] == "/"
    out = await visitor.http.post("/sign-out", params=elsewhere, headers=OURS)
    assert "evil.test" not in str(out.headers)


async def test_a_silent_issuer_is_said_to_be_away(visitor: Visitor) -> None:
    visitor.issuer.status = 503
    back = await visitor.sign_in()
    assert back.status_code == 503
    assert SESSION not in visitor.http.cookies


async def test_another_issuers_discovery_document_is_not_believed(visitor: Visitor) -> None:
    visitor.issuer.name = "https://evil.test"
    with pytest.raises(RuntimeFault, match="another issuer"):
        await visitor.issuer.client().authorization_url(Attempt.begin(), f"{BASE}/sign-in/callback")


async def test_a_token_in_the_cookie_is_no_session(visitor: Visitor) -> None:
    """Nor does the demonstration's clock come in by the page."""
    async with visitor.another(visitor.issuer.tokens.token()) as other:
        assert (await other.get("/live")).status_code == 401
    visitor.issuer.access = visitor.issuer.tokens.token(ancora_clock="demonstration")
    assert refused(visitor, await visitor.sign_in())


async def test_only_what_is_meant_for_the_page_is_served() -> None:
    async with Reporting().client(sub=None) as client:
        assert (await client.get("/static/ancora.css")).headers["content-type"].startswith("text/css")
        for path in ("/static/nothing.css", "/static/..%2fadapters/words.py", "/static/"):
            assert (await client.get(path)).status_code == 404
