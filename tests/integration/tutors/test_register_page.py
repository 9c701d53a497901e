"""The page of the register in a real Chromium: under its own policy it is styled, complains of nothing, and prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.browser import browser, visit

if TYPE_CHECKING:
    from playwright.async_api import Browser, Route

    from tests.integration.tutors.api import Api

__all__ = ["browser"]

_WHERE = "https://register.test/page"


async def test_the_page_is_styled_under_its_policy_and_prints(api: Api, browser: Browser) -> None:
    """The policy's hash is the style's: a browser that found another would leave the page bare and say so."""
    await api.approved(name="Prova Esempio")
    await api.project()
    answer = await api.get(f"/register-extract/page?on={api.day(0)}")

    async def fulfil(route: Route) -> None:
        await route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)

    async with visit(browser, _WHERE, locale="it-IT") as there:
        await there.page.route("**/*", fulfil)
        await there.page.goto(_WHERE)
        assert await there.page.get_by_role("rowheader", name="Prova Esempio").is_visible()
        header = there.page.get_by_role("columnheader").first
        assert await header.evaluate("cell => getComputedStyle(cell).backgroundColor") == "rgb(238, 242, 246)"
        assert await there.page.get_by_role("heading", level=1).inner_text() == "Registro dei volontari · Register of volunteers"
        printed = await there.page.pdf(prefer_css_page_size=True)
        assert printed.startswith(b"%PDF")
        assert there.complaints == []
