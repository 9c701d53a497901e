"""`ancora up` in the foreground, and the Ctrl-C that ends it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from contracts.topics import SERVICES
from deploy.local.paths import Home
from deploy.local.stack import EmbeddedStack
from services.cli.up import READY_MARK
from tests.support.whole import ROOT, Ancora, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_ctrl_c_ends_every_process_in_order_and_is_no_failure() -> None:
    """Those that lean on others end first; whoever started it in a script sees that it did what it was told."""
    with _in_the_foreground() as (ancora, process, said):
        eventually(lambda: process.poll() is not None or (ancora.home.run / READY_MARK).exists(), within_s=200)
        running = ancora.processes()
        assert {"supervisor", "service-issuer", "service-reporting", "kafka", "postgres"} <= set(running), said.read_text()

        before = _logged(ancora)

        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=60) == 0, said.read_text()
        _, alive = psutil.wait_procs(running.values(), timeout=5)
        assert (alive, ancora.processes()) == ([], {})
        _, _, ending = said.read_text().partition("ending, in order …\n")
        assert [line.split() for line in ending.splitlines()] == [
            [name, "stopped"] for name in ("reporting", "tutors", "pathways", "intake", "issuer")
        ]
        last_words = {name: told[len(before[name]) :] for name, told in _logged(ancora).items()}
        assert [name for name, told in last_words.items() if '"level": "error"' in told] == [], "they lost what they lean on"


def _logged(ancora: Ancora) -> dict[str, str]:
    return {service: (ancora.home.logs / f"{service}.log").read_text() for service in SERVICES}


@contextmanager
def _in_the_foreground() -> Iterator[tuple[Ancora, subprocess.Popen[bytes], Path]]:
    """Start an Ancora of its own as a person would in a terminal; give it, its process and what that says. Nothing of it is left after."""
    with tempfile.TemporaryDirectory(prefix="ancora-test-") as folder:
        ancora, said = Ancora(Home(Path(folder) / "home")), Path(folder) / "said"
        ancora.provide_jars(ROOT / "build" / "test-stack" / "jars")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANCORA_")}
        with said.open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", "services.cli.main", "up", "--no-demo"],
                cwd=ROOT,
                env=kept | {"ANCORA_HOME": str(ancora.home.root)},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
            )
        try:
            yield ancora, process, said
        finally:
            process.kill()
            process.wait()
            ancora.run("down")
            asyncio.run(EmbeddedStack(ancora.home).reset())
