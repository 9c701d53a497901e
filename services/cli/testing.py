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

_TOOLS = {
    "chromium": (["chromium"], "ANCORA_CHROMIUM", "the page's tests"),
    "npm": (["nodejs", "npm"], None, "the AsyncAPI document's tests"),
}
"""What tests need besides our environment: its Debian packages, the variable that names another one, and whose tests fail without."""


_ALL = ("--numprocesses=2", "--dist=loadgroup", "--durations=20")
"""How all tests run: in two processes, for those that break things mostly wait; what shares one large server runs in one of them."""


def run(arguments: Sequence[str]) -> NoReturn:
    """Replace this process by pytest; the exit code is pytest's."""
    _provide_tools()
    os.chdir(CHECKOUT)
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *(arguments or _ALL)])  # noqa: S606 - our own interpreter, no shell


def _provide_tools() -> None:
    """Install what is missing where this account may; else the tests say what is missing."""
    missing = [tool for tool, (_, variable, _) in _TOOLS.items() if not (shutil.which(tool) or (variable and os.environ.get(variable)))]
    if missing and (os.geteuid() != 0 or shutil.which("apt-get") is None):
        for packages, _, whose in (_TOOLS[tool] for tool in missing):
            err.print(f"{whose} will fail until there is more on this machine (Debian: apt-get install {' '.join(packages)})")
        return
    if missing:
        wanted = [package for tool in missing for package in _TOOLS[tool][0]]
        err.print(f"installing {', '.join(wanted)} for the tests …")
        for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *wanted]):
            subprocess.run(["apt-get", *command], check=True, stdout=subprocess.DEVNULL)  # noqa: S603, S607 - fixed words, no shell
