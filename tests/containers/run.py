"""`make test-containers`: the same tests on containers, and the whole composed of our images.

Starts a container engine of its own, makes all images without a registry, runs the runtime suites and a journey through
testcontainers, composes the whole until it is healthy and runs the journey once more. Needs root on Debian; ends what it started.
Exits 1 where something failed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import docker

from deploy.local.paths import CHECKOUT
from tests.containers.composed import ComposeError, composed, on_containers
from tests.containers.engine import EngineError, install, private_engine
from tests.containers.images import KAFKA, POSTGRES, ImageError, make_all
from tests.support.containers import NoContainersError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER = CHECKOUT / "build" / "containers"
_SUITES = ("tests/runtime/store", "tests/runtime/messaging", "tests/runtime/projecting")
_JOURNEY = "tests/journeys/test_from_enrolment_to_report.py"
_ALTOGETHER_S = 30 * 60
"""It takes a fifth of that on two cores that do nothing else."""


class TestsFailedError(Exception):
    """Some tests failed; pytest has said which."""


class Phases:
    """How long each phase took."""

    def __init__(self) -> None:
        """Begin with none."""
        self._taken: list[tuple[str, float]] = []

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure a phase, also one that fails."""
        tell(f"== {name}")
        began = time.monotonic()
        try:
            yield
        finally:
            self._taken.append((name, time.monotonic() - began))

    def report(self) -> None:
        """Print a line for each phase, and one for all."""
        for name, seconds in [*self._taken, ("altogether", sum(seconds for _, seconds in self._taken))]:
            tell(f"{seconds:7.1f} s  {name}")


def main() -> int:
    """Run all phases; 1 where one failed."""
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(_ALTOGETHER_S)
    phases = Phases()
    try:
        _run(phases)
    except (EngineError, ImageError, NoContainersError, ComposeError, TestsFailedError, subprocess.SubprocessError, TimeoutError) as error:
        tell(f"FAILED: {error}")
        return 1
    finally:
        phases.report()
    return 0


def _run(phases: Phases) -> None:
    shutil.rmtree(_FOLDER, ignore_errors=True)
    _FOLDER.mkdir(parents=True)
    with phases.phase("engine, from Debian's packages"):
        install()
    with private_engine(_FOLDER / "engine") as address:
        os.environ["DOCKER_HOST"] = address
        with phases.phase("images, from packages"):
            engine = docker.DockerClient(base_url=address, timeout=300)
            make_all(engine, _FOLDER)
            engine.close()
        through = {"ANCORA_TEST_PARTS": "containers", "ANCORA_IMAGE_KAFKA": KAFKA, "ANCORA_IMAGE_POSTGRES": POSTGRES}
        with phases.phase("runtime suites through testcontainers"):
            _pytest(through, *_SUITES)
        with phases.phase("journey, services on testcontainers"), on_containers(_FOLDER / "home") as found:
            _pytest({**found, "ANCORA_TEST_WHOLE": "given"}, _JOURNEY)
        with phases.phase("journey, composed of our images"), composed(_FOLDER / "composed", address) as found:
            tell("all healthy")
            _pytest({**found, "ANCORA_TEST_WHOLE": "given"}, _JOURNEY)
    shutil.rmtree(_FOLDER)


def _pytest(given: dict[str, str], *paths: str) -> None:
    """Run tests in a process of their own; raises `TestsFailedError`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANCORA_")} | given
    command = [sys.executable, "-m", "pytest", "-q", *paths]
    if subprocess.run(command, cwd=CHECKOUT, env=environment, check=False).returncode != 0:
        raise TestsFailedError(" ".join(paths))


def _too_long(_signal: int, _frame: object) -> NoReturn:
    raise TimeoutError(f"not done within {_ALTOGETHER_S} s")


def tell(line: str) -> None:
    """Print at once, for whoever watches."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
