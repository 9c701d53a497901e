"""Signing in by authorization code with PKCE: only the browser that began it ends it, and no script sees what it gets."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from services._runtime.clock import SimulatedClock
from services._runtime.errors import RuntimeFault
from services._runtime.web.callers import SESSION
from services._runtime.web.sessions import IDLE, LONGEST, RENEWED_AFTER
from services.reporting.adapters.issuer_out import Attempt, Client, IssuerClient
from services.reporting.adapters.pages_in import POLICY
from services.reporting.adapters.sign_in import ATTEMPT
from tests.support.issuer import CLIENT_ID, ISSUER, SigningIssuer
from tests.support.reporting import Reporting

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BASE = "https://reporting.test"
OURS = {"Sec-Fetch-Site": "same-origin"}
EVENT = "http://schemas.openid.net/event/backchannel-logout"
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


async def test_signing_in_again_gives_another_session_and_ends_the_one_before(visitor: Visitor) -> None:
    """A secret that was planted before a sign-in is worth nothing after it."""
    await visitor.sign_in("c")
    first = visitor.secret
    await visitor.sign_in("d")
    assert visitor.secret != first
    async with visitor.another(first) as copy:
        assert (await copy.get("/live")).status_code == 401


async def test_a_session_ends_when_nobody_uses_it_and_at_the_latest_after_a_working_day(visitor: Visitor, clock: SimulatedClock) -> None:
    await visitor.sign_in()
    began = clock.now()
    while clock.now() - began < LONGEST - IDLE:
        clock.move_to(clock.now() + IDLE - timedelta(seconds=1))
        assert await visitor.sees_figures()
    clock.move_to(began + LONGEST)
    assert not await visitor.sees_figures()
    assert SESSION not in visitor.http.cookies
    await visitor.sign_in("d")
    clock.move_to(clock.now() + IDLE)
    assert (await visitor.http.get("/live")).status_code == 401


async def test_the_secret_is_replaced_from_time_to_time_and_the_old_one_is_good_no_more(visitor: Visitor, clock: SimulatedClock) -> None:
    """Only for what was asked already is it good a while; a copy that comes later ends the session."""
    await visitor.sign_in()
    first = visitor.secret
    clock.move_to(clock.now() + RENEWED_AFTER)
    assert await visitor.sees_figures()
    assert visitor.secret != first
    async with visitor.another(first) as copy:
        assert (await copy.get("/live")).status_code == 200
        assert await visitor.sees_figures()
        clock.move_to(clock.now() + timedelta(seconds=61))
        assert (await copy.get("/live")).status_code == 401
    assert not await visitor.sees_figures()


async def test_a_session_that_was_signed_out_is_refused_wherever_its_secret_is(visitor: Visitor) -> None:
    """I8: revoked here, not only forgotten by the browser; and the browser goes on to end the issuer's session."""
    await visitor.sign_in()
    secret = visitor.secret
    out = await visitor.http.post("/sign-out", headers=OURS)
    assert out.headers["refresh"] == (
        f"0; url={ISSUER}/leave?client_id={CLIENT_ID}&post_logout_redirect_uri=https%3A%2F%2Freporting.test%2F"
    )
    assert out.headers["clear-site-data"] == '"cache", "storage"'
    assert SESSION not in visitor.http.cookies
    async with visitor.another(secret) as copy:
        assert FIGURES not in (await copy.get("/")).text
        assert (await copy.get("/live")).status_code == 401


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "none"}, {"Origin": "null"}], ids=str)
async def test_another_sites_page_signs_nobody_out(visitor: Visitor, headers: dict[str, str]) -> None:
    await visitor.sign_in()
    assert (await visitor.http.post("/sign-out", headers=headers)).status_code == 403
    assert await visitor.sees_figures()


async def test_an_origin_of_our_own_is_enough_for_browsers_that_say_no_more(visitor: Visitor) -> None:
    await visitor.sign_in()
    assert (await visitor.http.post("/sign-out", headers={"Origin": BASE})).status_code == 200


def logout_token(issuer: SigningIssuer, changes: dict[str, object], *, typ: str = "logout+jwt") -> str:
    events: dict[str, object] = {EVENT: {}, "revoke_offline_access": True}
    ours = dict.fromkeys(("ancora_org", "ancora_role", "ancora_purpose"))
    usual = {"aud": CLIENT_ID, "events": events, "jti": "1", "sid": "theirs-1"}
    return issuer.signed({"typ": typ}, **{**usual, **ours, **changes})


@pytest.mark.parametrize("changes", [{}, {"sub": None}, {"sid": None}], ids=str)
async def test_the_issuer_ends_the_sessions_of_one_of_its_own_or_of_a_person(visitor: Visitor, changes: dict[str, object]) -> None:
    """Sent again it ends nothing more, and says so alike."""
    await visitor.sign_in()
    for _ in range(2):
        told = await visitor.http.post("/back-channel-logout", data={"logout_token": logout_token(visitor.issuer.tokens, changes)})
        assert (told.status_code, told.headers["cache-control"]) == (200, "no-store")
    assert not await visitor.sees_figures()


@pytest.mark.parametrize("changes", [{"sid": "theirs-2"}, {"sub": "worker-2", "sid": None}, {"sub": "worker-2"}], ids=str)
async def test_sessions_that_the_issuer_did_not_name_go_on(visitor: Visitor, changes: dict[str, object]) -> None:
    await visitor.sign_in()
    answer = await visitor.http.post("/back-channel-logout", data={"logout_token": logout_token(visitor.issuer.tokens, changes)})
    assert answer.status_code == 200
    assert await visitor.sees_figures()


async def test_a_logout_token_that_is_none_ends_nothing(visitor: Visitor) -> None:
    """Signed by another, for another client, an ID token, an access token, one without the event, one that names nobody."""
    await visitor.sign_in()
    issuer = visitor.issuer.tokens
    wrong = [
        "nonsense",
        logout_token(SigningIssuer(issuer.clock), {}),
        logout_token(issuer, {"aud": "another-client"}),
        logout_token(issuer, {"iss": "https://evil.test"}),
        logout_token(issuer, {"exp": 1}),
        logout_token(issuer, {"nonce": "n"}),
        logout_token(issuer, {"events": {}}),
        logout_token(issuer, {"events": {EVENT: True}}),
        logout_token(issuer, {"sub": None, "sid": None}),
        logout_token(issuer, {}, typ="at+jwt"),
        issuer.id_token(nonce="n", sid="theirs-1"),
    ]
    for token in wrong:
        assert (await visitor.http.post("/back-channel-logout", data={"logout_token": token})).status_code == 400, token
    assert (await visitor.http.post("/back-channel-logout")).status_code == 422
    assert await visitor.sees_figures()


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
