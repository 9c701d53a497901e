"""The page in a real Chromium: signed in by the development issuer, live, without a script, in both languages, under its policy."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from contracts.reference import consortium
from deploy.local.development_issuer.application import create_application
from deploy.local.development_issuer.people import read_people
from deploy.local.development_issuer.tokens import IssuerSecrets, Signer
from services._runtime.clock import SystemClock
from services._runtime.web.callers import SESSION
from services._runtime.web.id_tokens import IdTokens
from services._runtime.web.identity import TokenVerifier
from services._runtime.web.issuer_keys import IssuerKeys
from services.reporting.adapters.issuer_out import CLIENT_ID, IssuerClient
from services.reporting.adapters.sign_in import ATTEMPT
from tests.support.browser import browser, visit
from tests.support.reporting import Reporting
from tests.support.reporting_examples import admitted, enrolled
from tests.support.serving import served

__all__ = ["browser"]

REFERENCE = Path(__file__).parents[3] / "contracts" / "reference" / "consortium.yaml"


@dataclass
class Site:
    """Reporting, served; and the development issuer, served."""

    reporting: Reporting
    url: str
    issuer: str

    @property
    def origins(self) -> tuple[str, str]:
        """Return where a visitor may ask for anything."""
        return self.url, self.issuer

    async def sign_in(self, page: Page, login: str = "case-worker.ciac") -> None:
        """Sign in as one of the development issuer's people."""
        await page.goto(self.url)
        await page.get_by_role("link", name="Entra").first.click()
        await page.locator(f'a[href*="login={login}"]').click()
        await page.wait_for_url(f"{self.url}/")


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """Give the site with a few admissions."""
    reporting = Reporting()
    await reporting.append([enrolled(1), admitted(1), admitted(2, "BG"), admitted(3, "BG", protected=False)])
    async with AsyncExitStack() as stack:
        people = read_people(REFERENCE)
        secrets = IssuerSecrets.in_folder(tmp_path)
        issuer = await stack.enter_async_context(served(lambda url: create_application(Signer(url, "ancora", secrets), people)))
        client = await stack.enter_async_context(httpx.AsyncClient())
        clock = SystemClock()
        keys = IssuerKeys(issuer, client, clock)
        application = reporting.application(
            issuer=IssuerClient(issuer, client),
            verifier=TokenVerifier(keys, "ancora", clock),
            id_tokens=IdTokens(keys, CLIENT_ID, clock),
        )
        url = await stack.enter_async_context(served(lambda _url: application))
        stack.callback(reporting.closing.set)
        yield Site(reporting, url, issuer)


async def test_without_a_session_the_page_says_what_ancora_is_and_shows_no_figures(site: Site, browser: Browser) -> None:
    """I8."""
    async with visit(browser, *site.origins, locale="it-IT") as one:
        await one.page.goto(site.url)
        await expect(one.page.get_by_role("heading", level=1)).to_have_text("Ancora 2.0 · Percorsi di inclusione")
        await expect(one.page.locator("main")).to_contain_text("almeno 380 persone")
        assert await one.page.locator("progress, table").count() == 0
        assert one.complaints == []


async def test_signed_in_the_page_shows_the_figures_and_follows_what_happens(site: Site, browser: Browser) -> None:
    async with visit(browser, *site.origins, locale="it-IT") as one:
        await site.sign_in(one.page)
        await expect(one.page.locator("#counted-national")).to_have_text("2")
        await expect(one.page.locator("#counted-parma")).to_have_text("1")
        await expect(one.page.locator("#province-BG td.count")).to_have_text(["1", "1"])
        await expect(one.page.locator("#connection")).to_have_text("In diretta")
        await site.reporting.append([admitted(number) for number in range(10, 41)])
        await expect(one.page.locator("#counted-national")).to_have_text("33")
        await expect(one.page.locator("article.reached")).to_contain_text("Obiettivo raggiunto")
        await expect(one.page.locator(".position")).to_contain_text("Posizione 35 del giornale: tutti i fatti registrati sono compresi")
        await expect(one.page.locator("tbody tr th", has_text="Ammissione al programma").first).to_be_visible()
        cookies = {cookie.get("name"): cookie for cookie in await one.page.context.cookies()}
        assert [cookies[SESSION].get(name) for name in ("httpOnly", "secure", "sameSite", "path")] == [True, True, "Lax", "/"]
        assert ATTEMPT not in cookies
        assert one.complaints == []


async def test_without_a_script_the_page_is_right_on_reload(site: Site, browser: Browser) -> None:
    async with visit(browser, *site.origins, locale="it-IT", java_script_enabled=False) as one:
        await site.sign_in(one.page)
        await expect(one.page.locator("#counted-national")).to_have_text("2")
        await expect(one.page.locator("#connection")).to_have_text("Ricarica la pagina per aggiornare i dati")
        await site.reporting.append([admitted(4)])
        await one.page.reload()
        await expect(one.page.locator("#counted-national")).to_have_text("3")
        assert one.complaints == []


async def test_the_language_is_the_browsers_until_another_is_chosen(site: Site, browser: Browser) -> None:
    async with visit(browser, *site.origins, locale="en-GB") as one:
        await one.page.goto(site.url)
        await expect(one.page.locator("html")).to_have_attribute("lang", "en")
        await expect(one.page.get_by_role("heading", level=2).first).to_have_text("Territories")
        await one.page.get_by_role("link", name="Italiano").click()
        await site.sign_in(one.page)
        await expect(one.page.get_by_role("heading", level=2).first).to_have_text("Obiettivi")
        await expect(one.page.locator("html")).to_have_attribute("lang", "it")
        assert one.complaints == []


async def test_signing_out_ends_the_session(site: Site, browser: Browser) -> None:
    async with visit(browser, *site.origins, locale="it-IT") as one:
        await site.sign_in(one.page)
        await one.page.get_by_role("button", name="Esci").click()
        await expect(one.page.get_by_role("link", name="Entra").first).to_be_visible()
        assert SESSION not in {cookie.get("name") for cookie in await one.page.context.cookies()}


async def test_a_session_that_has_ended_shows_no_figures_any_more(site: Site, browser: Browser) -> None:
    """I8."""
    async with visit(browser, *site.origins, locale="it-IT") as one:
        await site.sign_in(one.page)
        await expect(one.page.locator("#connection")).to_have_text("In diretta")
        await one.page.context.clear_cookies()
        await site.reporting.append([admitted(5)])
        await expect(one.page.get_by_role("link", name="Entra").first).to_be_visible()
        assert await one.page.locator("progress").count() == 0


async def test_the_page_follows_again_after_the_server_was_away(site: Site, browser: Browser) -> None:
    """Resumes by Last-Event-ID: what happened meanwhile is shown without a reload."""
    async with visit(browser, *site.origins, locale="it-IT") as one:
        await site.sign_in(one.page)
        await expect(one.page.locator("#connection")).to_have_text("In diretta")
        await site.reporting.append([admitted(5)])
        await expect(one.page.locator("#counted-national")).to_have_text("3")
        asked: list[str | None] = []
        one.page.on("request", lambda request: asked.append(request.headers.get("last-event-id")) if "/stream" in request.url else None)
        site.reporting.closing.set()
        await expect(one.page.locator("#connection")).to_have_text("Collegamento interrotto, si riprova")
        await site.reporting.append([admitted(6), admitted(7)])
        site.reporting.closing.clear()
        await expect(one.page.locator("#counted-national")).to_have_text("5", timeout=15_000)
        assert "5" in asked


async def test_a_role_that_sees_no_figures_is_told_so(site: Site, browser: Browser) -> None:
    """I8."""
    async with visit(browser, *site.origins, locale="it-IT") as one:
        await site.sign_in(one.page, "administrator.ciac")
        await expect(one.page.locator("main")).to_contain_text("Il tuo ruolo non vede i dati di avanzamento")
        assert await one.page.locator("progress").count() == 0


async def test_a_callback_that_this_browser_did_not_begin_signs_nobody_in(site: Site, browser: Browser) -> None:
    async with visit(browser, *site.origins, locale="it-IT") as one:
        await one.page.goto(f"{site.url}/sign-in/callback?code=stolen&state=foreign")
        await expect(one.page.get_by_role("alert")).to_contain_text("L'accesso non è riuscito")
        assert SESSION not in {cookie.get("name") for cookie in await one.page.context.cookies()}


async def test_every_target_and_known_province_is_on_the_page(site: Site, browser: Browser) -> None:
    async with visit(browser, *site.origins, locale="it-IT") as one:
        await site.sign_in(one.page)
        assert await one.page.locator("article.target").count() == len(consortium().targets)
        assert await one.page.locator(".territories tbody tr").count() == len(consortium().provinces)
        assert await one.page.locator("svg.cartogram .tile").count() == len(consortium().provinces)
