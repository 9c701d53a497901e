"""Where tests find the real parts: at the addresses they are given, in containers, or in an embedded stack started for them."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from deploy.local.paths import Home
from deploy.local.ports import PortBook
from deploy.local.stack import EmbeddedStack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from _pytest.terminal import TerminalReporter
    from xdist.workermanage import WorkerController

_HOME = Path(__file__).parents[2] / "build" / "test-stack"
_SOURCES = ("containers", "embedded")
_SAID = pytest.StashKey[str]()


@dataclass(frozen=True)
class RealParts:
    """Kafka's bootstrap address, and PostgreSQL as its superuser."""

    kafka: str
    postgres: str = field(repr=False)


@pytest.fixture(scope="session")
async def real_parts(pytestconfig: pytest.Config) -> AsyncIterator[RealParts]:
    """Give `ANCORA_TEST_KAFKA` and `ANCORA_TEST_POSTGRES` (a superuser's DSN), or parts of the tests' own.

    Those are containers where an engine answers that has the images or can get them, else an embedded stack;
    `ANCORA_TEST_PARTS` decides for one of `containers` and `embedded`.
    """
    kafka, postgres = os.environ.get("ANCORA_TEST_KAFKA"), os.environ.get("ANCORA_TEST_POSTGRES")
    if kafka and postgres:
        yield RealParts(kafka, postgres)
        return
    source, why = await asyncio.to_thread(_source)
    pytestconfig.stash[_SAID] = f"Kafka and PostgreSQL: {source}{why}"
    async with _contained() if source == "containers" else _embedded() as parts:
        yield RealParts(kafka or parts.kafka, postgres or parts.postgres)


def _source() -> tuple[str, str]:
    """Return which of `_SOURCES` to use, and why where nobody asked for it."""
    asked = os.environ.get("ANCORA_TEST_PARTS", "")
    if asked == "embedded":
        return asked, ""
    if asked not in ("", *_SOURCES):
        raise ValueError(f"ANCORA_TEST_PARTS must be one of {', '.join(_SOURCES)}, not {asked!r}")
    # Loading the engine's client takes a second, which sessions that need no real parts do not wait.
    from tests.support.containers import Images, NoContainersError, demand  # noqa: PLC0415

    try:
        demand(Images())
    except NoContainersError as reason:
        if asked:
            raise
        return "embedded", f", for {reason}"
    return "containers", ""


@asynccontextmanager
async def _contained() -> AsyncIterator[RealParts]:
    from tests.support.containers import Images, containers  # noqa: PLC0415 - as above

    home = Home(_HOME.resolve())
    home.prepare()
    running = containers(Images(), PortBook(home.root / "ports.json").port_for("kafka-container"))
    kafka, postgres = await asyncio.to_thread(running.__enter__)
    try:
        yield RealParts(kafka, postgres)
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


@asynccontextmanager
async def _embedded() -> AsyncIterator[RealParts]:
    """Give an embedded stack: one that already runs is used and left running, one that was started here is stopped."""
    stack = EmbeddedStack(Home(_HOME.resolve()))
    ours = stack.running() is None
    addresses = await stack.ensure()
    try:
        yield RealParts(addresses.kafka, addresses.dsn())
    finally:
        if ours:
            await stack.stop()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that reports, where tests run in others, where the real parts were."""
    if _SAID in session.config.stash and hasattr(session.config, "workeroutput"):
        session.config.workeroutput["parts"] = session.config.stash[_SAID]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: WorkerController) -> None:
    """Keep what it told; a process that crashed told nothing."""
    told = getattr(node, "workeroutput", {})
    if "parts" in told:
        node.config.stash[_SAID] = told["parts"]


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """Say where the real parts were, for whoever reads the result."""
    if _SAID in config.stash:
        terminalreporter.write_line(config.stash[_SAID])
