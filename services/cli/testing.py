"""`ancora test`: all tests, with what they need on this machine; pytest's own summary comes last."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, NoReturn

from deploy.local.paths import CHECKOUT
from services.cli.console import err

if TYPE_CHECKING:
    from collections.abc import Sequence

_INSTALL = (
    ["apt-get", "update", "-qq"],
    ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
)


def run(arguments: Sequence[str]) -> NoReturn:
    """Replace this process by pytest; the exit code is pytest's."""
    _provide_chromium()
    os.chdir(CHECKOUT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])  # noqa: S606 - our own interpreter, no shell


def _provide_chromium() -> None:
    """Install the browser of the page's tests where it is missing and this account may; else the tests say what is missing."""
    if shutil.which("chromium") or os.environ.get("ANCORA_CHROMIUM"):
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        err.print("no Chromium here: the page's tests will fail until it is installed (Debian: apt-get install chromium)")
        return
    err.print("installing Chromium for the page's tests …")
    for command in _INSTALL:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - fixed arguments, no shell
