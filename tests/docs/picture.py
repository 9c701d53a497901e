"""`python -m tests.docs.picture`: takes the README's picture of the page of the Ancora that runs here, with whatever caseload it has."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright

from deploy.local.paths import CHECKOUT, default_home
from deploy.local.ports import LOOPBACK, PortBook
from tests.support.browser import chromium_path, take_picture

if TYPE_CHECKING:
    from pathlib import Path

PICTURE = CHECKOUT / "docs" / "images" / "page.png"
LOGIN = "lead-partner.ciac"


async def take(home: Path, to: Path) -> None:
    """Write a picture of the page of the Ancora in `home`. Raises LookupError where there is no Chromium or no address."""
    chromium, port = chromium_path(), PortBook(home / "ports.json").known("reporting")
    if chromium is None or port is None:
        raise LookupError("a picture needs Chromium and an Ancora that was started")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium)
        await take_picture(browser, f"http://{LOOPBACK}:{port}", LOGIN, to)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(take(default_home().root, PICTURE))
    sys.stdout.write(f"{PICTURE}\n")
