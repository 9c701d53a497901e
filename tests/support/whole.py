"""A whole Ancora: the tests' own, or one that is given. Driven by the command and over HTTP, as people drive it.

Their own they also damage, as PostgreSQL's superuser.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import psutil
import psycopg
import pytest

from deploy.local.jars import KAFKA_VERSION
from deploy.local.paths import Home, default_home
from deploy.local.ports import LOOPBACK, PortBook
from deploy.local.stack import EmbeddedStack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from psycopg import Connection

ROOT = Path(__file__).parents[2]
Seen = TypeVar("Seen")

UNBOUNDED = {"ANCORA_REQUESTS_A_SECOND": "100000", "ANCORA_RECORDS_AN_HOUR": "1000000"}
"""Surroundings in which a handful of people may do what hundreds would."""


@dataclass
class Ancora:
    """One Ancora in a data folder of its own. `surroundings` are the variables by which the command finds what is not in it."""

    home: Home
    dsn_of_parts: str = field(default="", repr=False)
    surroundings: Mapping[str, str] = field(default_factory=dict, repr=False)

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the `ancora` command to its end."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ANCORA_")}
        environment = {**self.surroundings, **environment}
        return subprocess.run(
            [sys.executable, "-m", "services.cli.main", *words],
            cwd=ROOT,
            env=kept | {"ANCORA_HOME": str(self.home.root)} | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )

    def start(self, *options: str) -> None:
        """Start it, empty of a caseload, and wait until it is ready."""
        done = self.run("up", "--detach", "--no-demo", *options)
        assert done.returncode == 0, done.stdout + done.stderr
        addresses = EmbeddedStack(self.home).running()
        assert addresses is not None
        self.dsn_of_parts = addresses.dsn("{database}")

    def provide_jars(self, cache: Path) -> None:
        """Copy Kafka's jars from another data folder on this machine, where it has them, to save the download."""
        jars, name = self.home.jars, f"kafka-{KAFKA_VERSION}"
        if (jars / name).exists() or not (cache / name).exists():
            return
        self.home.prepare()
        shutil.copytree(cache / name, jars / f".{name}.copying", dirs_exist_ok=True)
        (jars / f".{name}.copying").rename(jars / name)

    def url(self, name: str) -> str:
        """Return the address of a service, or of the issuer."""
        return f"http://{LOOPBACK}:{PortBook(self.home.root / 'ports.json').known(name)}"

    @property
    def kafka(self) -> str:
        """Return Kafka's bootstrap address."""
        return f"{LOOPBACK}:{PortBook(self.home.root / 'ports.json').known('kafka')}"

    def status(self) -> dict[str, Any]:
        """Return what `ancora status --json` says."""
        report: dict[str, Any] = json.loads(self.run("status", "--json").stdout)
        return report

    def verify(self, *options: str) -> tuple[int, list[dict[str, str]]]:
        """Return the exit code of `ancora verify --json` and its findings."""
        done = self.run("verify", "--json", *options)
        assert done.stdout, done.stderr
        findings: list[dict[str, str]] = json.loads(done.stdout)["findings"]
        return done.returncode, findings

    def processes(self) -> dict[str, psutil.Process]:
        """Return the processes that run, by what their pid files are named for."""
        running = {}
        for file in self.home.run.glob("*.pid"):
            pid = json.loads(file.read_text())["pid"]
            if psutil.pid_exists(pid):
                running[file.stem] = psutil.Process(pid)
        return running

    @contextmanager
    def superuser(self, service: str) -> Iterator[Connection]:
        """Connect to a service's database as nobody of ours may; each statement commits."""
        with psycopg.connect(self.dsn_of_parts.format(database=f"ancora_{service}"), autocommit=True) as connection:
            yield connection

    def events(self) -> dict[str, int]:
        """Return how many events each service has stored."""
        return {service: self._count(service) for service in ("intake", "pathways", "tutors", "reporting")}

    def _count(self, service: str) -> int:
        with self.superuser(service) as connection:
            row = connection.execute("select count(*) from store.events").fetchone()
        assert row is not None
        return int(row[0])


def eventually(look: Callable[[], Seen], *, enough: Callable[[Seen], object] = bool, within_s: float = 20.0) -> Seen:
    """Look again and again until what is seen is `enough`; return it. Fails with what was seen last when it takes too long."""
    deadline = time.monotonic() + within_s
    while not enough(seen := look()):
        assert time.monotonic() < deadline, f"not within {within_s} s; seen last: {seen!r}"
        time.sleep(0.05)
    return seen


@pytest.fixture(scope="session")
def whole(request: pytest.FixtureRequest) -> Ancora:
    """Give a running Ancora that a test uses as people do: the tests' own, or with `ANCORA_TEST_WHOLE=given` another.

    That is the one which the command finds by its own variables: ANCORA_HOME, ANCORA_POSTGRES, ANCORA_KAFKA, ANCORA_ISSUER, ports.
    """
    if not _given():
        own: Ancora = request.getfixturevalue("ancora")
        return own
    postgres = urlsplit(os.environ["ANCORA_POSTGRES"])._replace(path="/{database}").geturl()
    return Ancora(default_home(), postgres, {name: value for name, value in os.environ.items() if name.startswith("ANCORA_")})


@pytest.fixture(scope="session")
def ancora() -> Iterator[Ancora]:
    """Give a running Ancora that began empty, in build/test-journey; what an interrupted session left there is ended first."""
    if _given():
        pytest.skip("this test may damage what it runs on, and the system is given (ANCORA_TEST_WHOLE)")
    own = Ancora(Home(ROOT / "build" / "test-journey"))
    own.home.root.parent.mkdir(exist_ok=True)
    with (ROOT / "build" / "test-journey.lock").open("w") as alone:
        # Another session of tests in this checkout would end this one's Ancora, or this one that one's: it waits.
        fcntl.flock(alone, fcntl.LOCK_EX)
        own.provide_jars(ROOT / "build" / "test-stack" / "jars")
        assert own.run("down").returncode == 0
        try:
            own.start("--reset")
            yield own
        finally:
            own.run("down")


def _given() -> bool:
    return os.environ.get("ANCORA_TEST_WHOLE") == "given"
