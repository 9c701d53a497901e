"""A real Keycloak with the committed realm: people by a real Chromium, machines by their secret; what it revokes is revoked here."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest
import yaml
from playwright.async_api import Browser, Page, expect
from pydantic import SecretStr

from deploy.local.keycloak.realm import FILE, REALM
from deploy.local.keycloak.server import KEYCLOAK, KeycloakServer
from deploy.local.paths import Home
from deploy.local.ports import LOOPBACK, PortBook
from deploy.local.supervision import Command, Patience, Supervisor
from services._runtime.access.roles import Role
from services._runtime.clock import SimulatedClock, SystemClock
from services._runtime.web.callers import SESSION
from services._runtime.web.id_tokens import IdTokens
from services._runtime.web.identity import TokenVerifier
from services._runtime.web.issuer_keys import IssuerKeys
from services._runtime.web.problems import Problem
from services.reporting.adapters.issuer_out import CLIENT_ID, Client, IssuerClient
from tests.support.browser import browser, visit
from tests.support.reporting import Reporting
from tests.support.reporting_examples import admitted
from tests.support.serving import served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI

__all__ = ["browser"]

# One Keycloak for all of these, in one process: it takes half a minute to start, and half a gigabyte.
pytestmark = [pytest.mark.xdist_group("keycloak"), pytest.mark.timeout(400)]

ROOT = Path(__file__).parents[3]
ORGANISATIONS = ROOT / "contracts" / "reference" / "consortium.yaml"
HOME = Home(ROOT / "build" / "test-keycloak")
WORKER = "case-worker.ciac"


@dataclass
class Site:
    """Reporting, served, and the Keycloak that it believes."""

    url: str
    keycloak: KeycloakServer
    verifier: TokenVerifier
    http: httpx.AsyncClient
    supervisor: Supervisor

    @property
    def origins(self) -> tuple[str, str]:
        """Return where a visitor may ask for anything."""
        return self.url, f"http://{LOOPBACK}:{self.keycloak.port}"

    async def sign_in(self, page: Page, login: str = WORKER) -> None:
        """Sign in as one of the invented people."""
        await page.goto(self.url)
        await page.get_by_role("link", name="Entra").first.click()
        await page.locator("#username").fill(login)
        await page.locator("#password").fill(self.keycloak.secrets.people)
        await page.locator("#kc-login").click()
        await page.wait_for_url(f"{self.url}/")

    async def machine(self) -> str:
        """Return an access token of the program that reads figures."""
        form = {
            "grant_type": "client_credentials",
            "client_id": "ancora-reporting-consumer",
            "client_secret": self.keycloak.secrets.consumer,
        }
        answer = await self.http.post(f"{self.keycloak.issuer}/protocol/openid-connect/token", data=form)
        token: str = answer.raise_for_status().json()["access_token"]
        return token

    async def administer(self, method: str, path: str, **sent: Any) -> Any:  # noqa: ANN401 - Keycloak's JSON
        """Do something to the realm as Keycloak's administrator."""
        server = f"http://{LOOPBACK}:{self.keycloak.port}"
        form = {
            "grant_type": "password",
            "client_id": "admin-cli",
            "username": "administrator",
            "password": self.keycloak.secrets.administrator,
        }
        token = (await self.http.post(f"{server}/realms/master/protocol/openid-connect/token", data=form)).raise_for_status().json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        answer = await self.http.request(method, f"{server}/admin/realms/{REALM}{path}", headers=headers, **sent)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    """Give the site; Keycloak's first start on a machine takes a minute, and its archive comes from Maven once."""
    HOME.prepare()
    reporting, clock = Reporting(), SystemClock()
    await reporting.append([admitted(1)])
    async with AsyncExitStack() as stack:
        stack.enter_context(HOME.alone("running-keycloak"))
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
        keycloak = KeycloakServer(HOME, PortBook(HOME.root / "ports.json").port_for(KEYCLOAK), "")
        keys = IssuerKeys(keycloak.issuer, http, clock)
        verifier = TokenVerifier(keys, "ancora", clock)

        def application(_url: str) -> FastAPI:
            client = IssuerClient(keycloak.issuer, http, Client(secret=_secret(keycloak)))
            return reporting.application(issuer=client, verifier=verifier, id_tokens=IdTokens(keys, CLIENT_ID, clock))

        url = await stack.enter_async_context(served(application))
        stack.callback(reporting.closing.set)
        keycloak = KeycloakServer(HOME, keycloak.port, url)

        async def answers() -> bool:
            return (await http.get(f"{keycloak.issuer}/.well-known/openid-configuration")).is_success

        argv = keycloak.argv(keycloak.prepare(ORGANISATIONS))
        command = Command(KEYCLOAK, argv, keycloak.environment(), HOME.logs / "keycloak.log", answers)
        supervisor = Supervisor(HOME, [command], patience=Patience(ready=300))
        stack.push_async_callback(supervisor.stop)
        await supervisor.start()
        yield Site(url, keycloak, verifier, http, supervisor)


def _secret(keycloak: KeycloakServer) -> SecretStr:
    return SecretStr(keycloak.secrets.pages)


async def test_a_person_signs_in_and_out_by_a_real_browser(site: Site, browser: Browser) -> None:
    """Out here and there: whoever presses the button again is asked for the password."""
    async with visit(browser, *site.origins, locale="it-IT") as one:
        await site.sign_in(one.page)
        await expect(one.page.locator("#counted-national")).to_have_text("1")
        await expect(one.page.locator("form.who")).to_contain_text("CIAC")
        cookies = {cookie.get("name"): cookie for cookie in await one.page.context.cookies(site.url)}
        secret = str(cookies[SESSION].get("value"))
        assert one.complaints == []
        await one.page.get_by_role("button", name="Esci").click()
        await one.page.locator("#kc-logout").click()
        await one.page.wait_for_url(f"{site.url}/")
        await expect(one.page.get_by_role("link", name="Entra").first).to_be_visible()
        assert (await site.http.get(f"{site.url}/live", headers={"Cookie": f"{SESSION}={secret}"})).status_code == 401
        await one.page.get_by_role("link", name="Entra").first.click()
        await expect(one.page.locator("#password")).to_be_visible()


async def test_a_wrong_password_signs_nobody_in(site: Site, browser: Browser) -> None:
    async with visit(browser, *site.origins, locale="it-IT") as one:
        await one.page.goto(f"{site.url}/sign-in")
        await one.page.locator("#username").fill("auditor.ciac")
        await one.page.locator("#password").fill("not-the-password")
        await one.page.locator("#kc-login").click()
        await expect(one.page.locator("#password")).to_be_visible()
        assert SESSION not in {cookie.get("name") for cookie in await one.page.context.cookies()}


async def test_a_session_that_the_administrator_ends_at_keycloak_is_ended_here(site: Site, browser: Browser) -> None:
    """Keycloak's own server says so to ours, by a logout token that it signed."""
    async with visit(browser, *site.origins, locale="it-IT") as one:
        await site.sign_in(one.page)
        cookies = {cookie.get("name"): cookie for cookie in await one.page.context.cookies(site.url)}
        held = {"Cookie": f"{SESSION}={cookies[SESSION].get('value')}"}
        assert (await site.http.get(f"{site.url}/live", headers=held)).status_code == 200
        (person,) = await site.administer("GET", "/users", params={"username": WORKER, "exact": "true"})
        await site.administer("POST", f"/users/{person['id']}/logout")
        assert (await site.http.get(f"{site.url}/live", headers=held)).status_code == 401
        await one.page.reload()
        await expect(one.page.get_by_role("link", name="Entra").first).to_be_visible()


async def test_a_machine_reads_what_its_role_may(site: Site) -> None:
    """By client credentials; its token is of the type that is taken, for our audience, signed by an algorithm that is allowed."""
    token = await site.machine()
    caller = await site.verifier.verify(token)
    assert (caller.role, caller.organisation, caller.purpose) == (Role.REPORTING_CONSUMER, "ciac", "reporting")
    headers = {"Authorization": f"Bearer {token}"}
    assert (await site.http.get(f"{site.url}/territory-progress", headers=headers)).status_code == 200
    assert (await site.http.get(f"{site.url}/persons/018f2f6e-7f3a-4c1d-9f00-000000000001/timeline", headers=headers)).status_code == 403


async def test_a_machine_that_does_not_know_its_secret_gets_no_token(site: Site) -> None:
    for client, secret in (("ancora-reporting-consumer", "guessed"), (CLIENT_ID, site.keycloak.secrets.pages), (WORKER, "")):
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
        answer = await site.http.post(f"{site.keycloak.issuer}/protocol/openid-connect/token", data=form)
        assert answer.status_code in (400, 401), answer.text


async def test_keycloak_itself_demands_pkce_our_address_and_a_code(site: Site) -> None:
    """The realm holds the issuer's duties: what we always send is not left to us."""
    good = {
        "client_id": CLIENT_ID,
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": f"{site.url}/sign-in/callback",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    }
    authorize = f"{site.keycloak.issuer}/protocol/openid-connect/auth"
    assert "kc-login" in (await site.http.get(authorize, params=good)).text
    for wrong in (
        {"code_challenge": ""},
        {"code_challenge_method": "plain"},
        {"redirect_uri": "https://evil.test/sign-in/callback"},
        {"redirect_uri": f"{site.url}/elsewhere"},
        {"response_type": "token"},
    ):
        answer = await site.http.get(authorize, params=good | wrong)
        assert "kc-login" not in answer.text, wrong
        assert answer.status_code >= 300, wrong


async def test_a_key_that_keycloak_withdraws_is_refused(site: Site) -> None:
    """Its next key is known as soon as it signs; tokens of the one before, also those that were verified, are nobody's then."""
    before = await site.machine()
    clock = SimulatedClock(SystemClock().now())
    verifier = TokenVerifier(IssuerKeys(site.keycloak.issuer, site.http, clock), "ancora", clock)
    await verifier.verify(before)
    components = await site.administer("GET", "/components", params={"type": "org.keycloak.keys.KeyProvider"})
    (old,) = [one for one in components if one["providerId"] == "ecdsa-generated"]
    fresh = {
        "name": "ecdsa-next",
        "providerId": "ecdsa-generated",
        "providerType": "org.keycloak.keys.KeyProvider",
        "parentId": old["parentId"],
        "config": {"priority": ["200"], "ecdsaEllipticCurveKey": ["P-256"]},
    }
    await site.administer("POST", "/components", json=fresh)
    await site.administer("DELETE", f"/components/{old['id']}")
    clock.move_to(clock.now() + timedelta(seconds=6))
    assert (await verifier.verify(await site.machine())).role is Role.REPORTING_CONSUMER
    with pytest.raises(Problem) as caught:
        await verifier.verify(before)
    assert caught.value.code == "unauthenticated"


async def test_keycloak_listens_on_loopback_only(site: Site) -> None:
    pid = site.supervisor.snapshot()[0].pid
    assert pid is not None
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    listening = [each.laddr for one in family for each in one.net_connections() if each.status == psutil.CONN_LISTEN]
    assert site.keycloak.port in {at.port for at in listening}
    assert {at.ip.removeprefix("::ffff:") for at in listening} == {LOOPBACK}


def test_the_committed_realm_has_every_role_and_no_secret() -> None:
    """Who signs in by it can be what `access.yaml` speaks of, and nobody else; passwords and secrets are made at the start."""
    realm = json.loads(FILE.read_text(encoding="utf-8"))
    assert {role["name"] for role in realm["roles"]["client"]["ancora"]} == set(Role)
    expected = yaml.safe_load((ROOT / "docs" / "reference" / "access.yaml").read_text(encoding="utf-8"))
    told = set(expected.pop("purposes")) | {role for groups in expected.values() for group in groups for role in group.get("roles", {})}
    assert told <= {role["name"] for role in realm["roles"]["client"]["ancora"]}
    assert [client.get("secret", "${none}")[:2] for client in realm["clients"]] == ["${"] * len(realm["clients"])
    assert all("credentials" not in user for user in realm["users"])
