"""A real Chromium, driven by playwright, that tells everything a page complains of."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import async_playwright

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page


def chromium_path() -> str | None:
    """Return Chromium's executable: `ANCORA_CHROMIUM`, else the system's."""
    return os.environ.get("ANCORA_CHROMIUM") or shutil.which("chromium")


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Give a browser; skips where there is none."""
    path = chromium_path()
    if path is None:
        pytest.skip("no Chromium here: install it, or say where it is in ANCORA_CHROMIUM")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path)
        yield started
        await started.close()


_LEFT = "net::ERR_ABORTED"
"""How a request ends when its page is left."""


@dataclass
class Visit:
    """A page, and what it complained of: console errors, policy violations, failed requests, requests to elsewhere."""

    page: Page
    origins: tuple[str, ...]
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Listen from now on."""
        self.page.on("console", lambda message: self._hear(message.type in ("error", "warning"), f"console: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("requestfailed", lambda request: self._hear(request.failure != _LEFT, f"failed: {request.url}"))
        self.page.on("request", lambda request: self._hear(not request.url.startswith(self.origins), f"elsewhere: {request.url}"))
        self.page.on("response", lambda response: self._hear(response.status >= 400, f"{response.status}: {response.url}"))

    def _hear(self, complains: bool, what: str) -> None:
        if complains:
            self.complaints.append(what)


@asynccontextmanager
async def visit(browser: Browser, *origins: str, **context: Any) -> AsyncIterator[Visit]:  # noqa: ANN401 - playwright's options
    """Give a fresh page, of a visitor without history; only `origins` may be asked for anything."""
    visitor = await browser.new_context(**context)
    visitor.set_default_timeout(10_000)
    made = Visit(await visitor.new_page(), origins)
    made.listen()
    yield made
    await visitor.close()


async def take_picture(browser: Browser, url: str, login: str, to: Path) -> None:
    """Sign in to the page at `url` as one of the development issuer's people, and write a picture of it, for the README."""
    visitor = await browser.new_context(locale="it-IT", viewport={"width": 1280, "height": 900}, device_scale_factor=1)
    page = await visitor.new_page()
    await page.goto(f"{url}/sign-in")
    await page.locator(f'a[href*="login={login}"]').click()
    await page.wait_for_url(f"{url}/")
    await page.wait_for_selector("#connection.live")
    to.parent.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=to, full_page=True)
    await visitor.close()
