import base64
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from deploy.local.development_issuer.application import create_application
from deploy.local.development_issuer.people import read_people
from deploy.local.development_issuer.tokens import IssuerSecrets, Signer

ISSUER = "http://127.0.0.1:20999"
CALLBACK = "http://127.0.0.1:8080/sign-in/callback"
VERIFIER = "a-verifier-that-is-long-enough-for-the-standard-0123"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
REQUEST = {
    "response_type": "code",
    "client_id": "ancora-pages",
    "redirect_uri": CALLBACK,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "state": "s t&a",
    "nonce": "n-1",
}
CONSORTIUM = """
organisations:
  - {code: ciac, name: CIAC, kind: third_sector, role: lead, province: PR}
  - {code: ics, name: "ICS <Trieste>", kind: third_sector, province: TS}
  - {code: iprs, name: IPRS, kind: research}
municipalities:
  - {code: comune-parma, name: Comune di Parma, istat: "034027"}
"""


@pytest.fixture
def organisations(tmp_path: Path) -> Path:
    """A small consortium: a lead, a partner with markup in its name, a research institute, a municipality."""
    file = tmp_path / "consortium.yaml"
    file.write_text(CONSORTIUM, encoding="utf-8")
    return file


def client_of(folder: Path, organisations: Path) -> httpx.AsyncClient:
    """Give a client of an issuer whose secrets are in a folder."""
    signer = Signer(ISSUER, "ancora", IssuerSecrets.in_folder(folder))
    application = create_application(signer, read_people(organisations))
    return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url=ISSUER)


@pytest.fixture
async def client(tmp_path: Path, organisations: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a fresh issuer."""
    async with client_of(tmp_path / "secrets", organisations) as made:
        yield made


async def verified(client: httpx.AsyncClient, token: str) -> jwt.Token:
    """Verify as a service does: by nothing but discovery."""
    configuration = (await client.get("/.well-known/openid-configuration")).json()
    return jwt.decode(token, KeySet.import_key_set((await client.get(configuration["jwks_uri"])).json()), algorithms=["ES256"])


async def login(client: httpx.AsyncClient, login: str, **more: str) -> httpx.Response:
    """Ask for a token by a login alone."""
    return await client.post("/token", data={"grant_type": "client_credentials", "client_id": login, **more})


async def claims_of(client: httpx.AsyncClient, who: str, **more: str) -> Mapping[str, object]:
    """Give what a login's token says."""
    return (await verified(client, (await login(client, who, **more)).json()["access_token"])).claims


async def sign_in(client: httpx.AsyncClient, **changed: str) -> str:
    """Sign in by the page and give the code."""
    answer = await client.get("/authorize", params=REQUEST | {"login": "case-worker.ics"} | changed)
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def redemption(code: str) -> dict[str, str]:
    """Give the form that redeems a code rightly."""
    fields = {"grant_type": "authorization_code", "code": code, "client_id": "ancora-pages"}
    return fields | {"redirect_uri": CALLBACK, "code_verifier": VERIFIER}


async def test_discovery_names_the_endpoints_on_loopback(client: httpx.AsyncClient) -> None:
    """A client needs the issuer's address only."""
    configuration = (await client.get("/.well-known/openid-configuration")).json()
    assert configuration["issuer"] == ISSUER
    assert all(configuration[name].startswith(ISSUER) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"))
    assert "d" not in (await client.get("/jwks")).json()["keys"][0]


async def test_an_access_token_says_who_where_and_for_what(client: httpx.AsyncClient) -> None:
    """Actor, organisation, role and purpose come from the token."""
    token = await verified(client, (await login(client, "case-worker-2.ics")).json()["access_token"])
    assert token.header["typ"] == "at+jwt"
    assert token.claims["iss"] == ISSUER
    assert token.claims["aud"] == "ancora"
    assert (token.claims["ancora_org"], token.claims["ancora_role"]) == ("ics", "case-worker")
    assert (token.claims["ancora_purpose"], token.claims["ancora_dev"]) == ("integration", True)
    assert int(token.claims["exp"]) - int(token.claims["iat"]) == 3600
    assert "ancora_clock" not in token.claims


async def test_a_token_names_the_usual_purpose_of_its_role_or_another_that_was_asked_for(client: httpx.AsyncClient) -> None:
    """Each role has its own; which they are, tests/unit/access/test_purposes.py holds against the expectation."""
    assert (await claims_of(client, "auditor.ciac"))["ancora_purpose"] == "audit"
    assert (await claims_of(client, "case-worker.ciac", purpose="housing"))["ancora_purpose"] == "housing"


async def test_a_subject_is_a_stable_pseudonym(client: httpx.AsyncClient, tmp_path: Path, organisations: Path) -> None:
    """I6: the actor in an event is nobody's name; another installation gives other pseudonyms."""
    first = await claims_of(client, "case-worker.ciac")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", str(first["sub"]))
    assert (await claims_of(client, "case-worker.ciac"))["sub"] == first["sub"]
    assert (await claims_of(client, "case-worker-2.ciac"))["sub"] != first["sub"]
    async with client_of(tmp_path / "other", organisations) as elsewhere:
        assert (await claims_of(elsewhere, "case-worker.ciac"))["sub"] != first["sub"]


async def test_tokens_outlive_a_restart_of_the_issuer(client: httpx.AsyncClient, tmp_path: Path, organisations: Path) -> None:
    """The signing key is kept, for its owner's eyes only."""
    token = (await login(client, "auditor.ciac")).json()["access_token"]
    async with client_of(tmp_path / "secrets", organisations) as restarted:
        assert (await verified(restarted, token)).claims["ancora_role"] == "auditor"
    assert (tmp_path / "secrets" / "development-issuer.json").stat().st_mode & 0o777 == 0o600


async def test_the_right_to_the_demonstration_clock_is_in_the_token(client: httpx.AsyncClient) -> None:
    """Signed by the issuer: without it, a header that says what time it is counts for nothing."""
    assert (await claims_of(client, "case-worker.ciac", clock="demonstration"))["ancora_clock"] == "demonstration"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("clock", "mine"),
        ("clock", ""),
        ("expires_in", "0"),
        ("expires_in", "43201"),
        ("expires_in", "soon"),
        ("purpose", "Any Thing"),
        ("purpose", "audit"),
    ],
)
async def test_a_bad_parameter_is_refused(client: httpx.AsyncClient, field: str, value: str) -> None:
    """The error is RFC 6749's and says what would be right."""
    answer = await login(client, "case-worker.ciac", **{field: value})
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert answer.json()["error_description"].startswith(field)


async def test_a_demonstration_may_ask_for_twelve_hours(client: httpx.AsyncClient) -> None:
    """Long enough for a seeding, no longer."""
    answer = await login(client, "case-worker.ciac", expires_in="43200")
    assert answer.json()["expires_in"] == 43200
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "who", ["", "case-worker.nobody", "lead-partner.ics", "case-worker.iprs", "tutor-coordinator.comune-parma", "ciac"]
)
async def test_an_unknown_login_is_refused(client: httpx.AsyncClient, who: str) -> None:
    """There are people only where the role makes sense."""
    answer = await login(client, who)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("form", [{}, {"grant_type": "password"}])
async def test_an_unknown_grant_is_refused(client: httpx.AsyncClient, form: dict[str, str]) -> None:
    """By the code that RFC 6749 gives it."""
    answer = await client.post("/token", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


async def test_each_organisation_has_the_people_that_make_sense_there(organisations: Path) -> None:
    """Roles by kind of organisation."""
    people = read_people(organisations)
    assert {"case-worker.ics", "case-worker-2.ics", "team-coordinator.ics", "tutor-coordinator.ics", "lead-partner.ciac"} <= people.keys()
    assert {login for login in people if login.endswith(".comune-parma")} == {
        "municipality.comune-parma",
        "case-worker.comune-parma",
        "case-worker-2.comune-parma",
        "case-worker-3.comune-parma",
        "reporting-consumer.comune-parma",
    }
    assert {login for login in people if login.endswith(".iprs")} == {"reporting-consumer.iprs", "researcher.iprs"}


async def test_signing_in_by_browser_ends_in_a_token(client: httpx.AsyncClient) -> None:
    """Authorization code with PKCE, from the page to both tokens."""
    page = await client.get("/authorize", params=REQUEST)
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "<script" not in page.text
    assert "ICS &lt;Trieste&gt;" in page.text
    link = next(link for link in re.findall(r'href="(\?[^"]+)"', page.text) if link.endswith("login=team-coordinator.ics"))
    back = await client.get("/authorize" + link.replace("&amp;", "&"))
    answer = parse_qs(urlsplit(back.headers["location"]).query)
    assert back.headers["location"].startswith(CALLBACK + "?")
    assert answer["state"] == ["s t&a"]
    tokens = (await client.post("/token", data=redemption(answer["code"][0]))).json()
    assert (await verified(client, tokens["access_token"])).claims["ancora_role"] == "team-coordinator"
    identity = (await verified(client, tokens["id_token"])).claims
    assert (identity["aud"], identity["nonce"]) == ("ancora-pages", "n-1")


async def test_a_code_is_good_once(client: httpx.AsyncClient) -> None:
    """A code that was seen by another is worth nothing after its owner used it."""
    form = redemption(await sign_in(client))
    assert (await client.post("/token", data=form)).status_code == 200
    again = await client.post("/token", data=form)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "changed",
    [{"code_verifier": "guessed"}, {"client_id": "other"}, {"redirect_uri": CALLBACK + "2"}, {"code": "x"}, {"code_verifier": ""}],
)
async def test_a_stolen_code_is_worth_nothing(client: httpx.AsyncClient, changed: dict[str, str]) -> None:
    """PKCE and the bindings hold."""
    answer = await client.post("/token", data=redemption(await sign_in(client)) | changed)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/callback",
        "http://example.org/callback",
        "http://127.0.0.1.example.org/",
        "http://127.0.0.1@example.org/",
        "http://user@127.0.0.1/",
        "javascript://127.0.0.1/%0aalert(1)",
        "http://127.0.0.1/#fragment",
        "http://[::1",
    ],
)
async def test_a_redirect_that_leaves_this_machine_is_refused_and_not_followed(client: httpx.AsyncClient, address: str) -> None:
    """A code is never sent to a stranger."""
    answer = await client.get("/authorize", params=REQUEST | {"redirect_uri": address, "login": "case-worker.ics"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"client_id": ""}, "invalid_request"),
        ({"login": "case-worker.nobody"}, "access_denied"),
    ],
)
async def test_other_faults_are_told_to_the_client(client: httpx.AsyncClient, changed: dict[str, str], error: str) -> None:
    """By the redirect, with the client's state."""
    answer = await client.get("/authorize", params=REQUEST | changed)
    told = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (told["error"], told["state"]) == ([error], ["s t&a"])


async def test_a_foreign_host_name_is_refused(client: httpx.AsyncClient) -> None:
    """A page that rebinds its name to loopback gets no token."""
    answer = await client.post(
        "/token",
        data={"grant_type": "client_credentials", "client_id": "case-worker.ciac"},
        headers={"host": "evil.example:20999"},
    )
    assert answer.status_code == 400
    assert "access_token" not in answer.text


@pytest.mark.parametrize("variable", ["ANCORA_POSTGRES", "ANCORA_KAFKA"])
def test_it_does_not_start_beside_real_servers(tmp_path: Path, organisations: Path, variable: str) -> None:
    """Whoever reaches it is anyone they like, so it never stands before real data."""
    arguments = ["--port", "20999", "--home", str(tmp_path), "--organisations", str(organisations)]
    done = subprocess.run(
        [sys.executable, "-m", "deploy.local.development_issuer", *arguments],
        env=os.environ | {variable: "db.example:5432"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"{variable} is set" in done.stderr


async def test_a_tutor_says_under_which_id_they_stand_in_the_register(client: httpx.AsyncClient) -> None:
    """Always the same, so that one can be registered under it; or the one that is asked for, so that a registered one can be acted as."""
    own = (await claims_of(client, "tutor.ics"))["ancora_person"]
    assert own == (await claims_of(client, "tutor.ics"))["ancora_person"] != (await claims_of(client, "tutor.ciac"))["ancora_person"]
    asked = "11111111-1111-4111-8111-111111111111"
    told = (await login(client, "tutor.ics", person=asked)).json()["access_token"]
    assert (await verified(client, told)).claims["ancora_person"] == asked
    assert "ancora_person" not in await claims_of(client, "case-worker.ics")


@pytest.mark.parametrize(("who", "person"), [("case-worker.ics", "11111111-1111-4111-8111-111111111111"), ("tutor.ics", "nobody")])
async def test_who_stands_in_no_register_or_under_no_id_is_refused(client: httpx.AsyncClient, who: str, person: str) -> None:
    """Nobody is taken for a tutor by asking for it."""
    answer = await login(client, who, person=person)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
