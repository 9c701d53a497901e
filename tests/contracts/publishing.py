"""What the gate compares: the contracts of the code, those that are committed, and the lock, now and as it was committed before."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import contracts.upcasters  # noqa: F401 - whoever decodes knows every event, so importing it publishes them all
from contracts.event import Event, published_events
from contracts.gate.lock import LOCK, read_lock

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "contracts" / "schemas"
EXAMPLES = Path(__file__).parent / "examples"
SEALED_EXAMPLES = Path(__file__).parent / "sealed"

EVENTS: tuple[type[Event], ...] = tuple(event for event in published_events() if event.__module__.startswith("contracts."))
"""Every event of ours; tests publish some of their own."""


def locked_in(folder: Path) -> dict[str, str]:
    """Return the lock of a folder of schemas; empty before anything is published."""
    file = folder / LOCK
    return read_lock(file.read_text()) if file.exists() else {}


def earlier_locks(root: Path) -> dict[str, dict[str, str]]:
    """Return the locks that git keeps of a checkout: of its last two commits and of every release. Empty where there is no git."""
    tags = _git(root, "tag", "--list", "v*") or ""
    shown = {commit: _git(root, "show", f"{commit}:contracts/schemas/{LOCK}") for commit in ("HEAD", "HEAD^", *tags.split())}
    return {commit: read_lock(text) for commit, text in shown.items() if text is not None}


def _git(root: Path, *arguments: str) -> str | None:
    # A copy of the tree inside another checkout is not that checkout.
    apart = os.environ | {"GIT_CEILING_DIRECTORIES": str(root.parent)}
    try:
        done = subprocess.run(["git", *arguments], cwd=root, env=apart, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout if done.returncode == 0 else None
