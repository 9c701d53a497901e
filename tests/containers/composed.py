"""The whole of Ancora on servers that are not its own: by `ancora up` on containers, and composed of our images."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from deploy.compose.make_secrets import make
from deploy.local.paths import CHECKOUT, Home
from deploy.local.ports import LOOPBACK, PortBook
from deploy.local.process import plain_environment
from services.cli.deployment import issuer_argv
from tests.containers.images import KAFKA, POSTGRES, PREFIX, TAG
from tests.support.containers import Images, containers
from tests.support.whole import Ancora, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILE = CHECKOUT / "deploy" / "compose" / "compose.yaml"
_PROJECT = "ancora-test"
_HEALTHY_S = 240
_ISSUER_PORT = 8400
_PORTS = {"intake": 8401, "pathways": 8402, "tutors": 8403, "reporting": 8404, "postgres": 8432, "kafka": 8492}


class ComposeError(Exception):
    """Compose did not do what it was told; the text has what it and the containers said last."""


@contextmanager
def on_containers(folder: Path) -> Iterator[dict[str, str]]:
    """Run Ancora by its command on Kafka and PostgreSQL in containers; give the variables by which it is found."""
    home = Home(folder)
    home.prepare()
    book = PortBook(home.root / "ports.json")
    port = book.port_for("issuer")
    images = Images(kafka=KAFKA, postgres=POSTGRES)
    with _issuer(home, port), containers(images, book.port_for("kafka-container")) as (kafka, postgres):
        found = {
            "ANCORA_HOME": str(home.root),
            "ANCORA_KAFKA": kafka,
            "ANCORA_POSTGRES": postgres,
            "ANCORA_ISSUER": f"http://{LOOPBACK}:{port}",
        }
        ancora = Ancora(home, surroundings=found)
        try:
            done = ancora.run("up", "--detach", "--no-demo")
            if done.returncode != 0:
                raise ComposeError(done.stdout + done.stderr)
            yield found
        finally:
            ancora.run("down")


@contextmanager
def composed(folder: Path, engine: str) -> Iterator[dict[str, str]]:
    """Run Ancora as compose.yaml says, on our images, until it is healthy; give the variables by which the command finds it."""
    make(folder / "secrets")
    names = {"ANCORA_IMAGE_KAFKA": KAFKA, "ANCORA_IMAGE_POSTGRES": POSTGRES, "ANCORA_IMAGE_PREFIX": PREFIX, "ANCORA_IMAGE_TAG": TAG}
    ports = {f"ANCORA_{name.upper()}_PORT": str(port) for name, port in _PORTS.items()}
    given = {"DOCKER_HOST": engine, "COMPOSE_PROFILES": "development", "ANCORA_SECRETS": str(folder / "secrets"), **names, **ports}
    try:
        _compose(given, "up", "--no-build", "--pull=never", f"--wait-timeout={_HEALTHY_S}", "--wait")
        word = (folder / "secrets" / "postgres-superuser").read_text(encoding="ascii")
        yield {
            "ANCORA_HOME": str(folder),
            "ANCORA_KAFKA": f"{LOOPBACK}:{_PORTS['kafka']}",
            "ANCORA_POSTGRES": f"postgresql://postgres:{word}@{LOOPBACK}:{_PORTS['postgres']}/postgres",
            "ANCORA_ISSUER": f"http://issuer.localhost:{_ISSUER_PORT}",
            "ANCORA_ISSUER_PORT": str(_ISSUER_PORT),
            **ports,
        }
    finally:
        _compose(given, "down", "--volumes", "--timeout=20")


def _compose(given: dict[str, str], *words: str) -> None:
    command = [str(Path(sys.executable).with_name("docker-compose")), f"--project-name={_PROJECT}", f"--file={_FILE}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ANCORA_")} | given
    done = subprocess.run([*command, *words], env=environment, capture_output=True, text=True, check=False, timeout=_HEALTHY_S + 60)
    if done.returncode != 0:
        logs = subprocess.run([*command, "logs", "--tail=30"], env=environment, capture_output=True, text=True, check=False, timeout=60)
        raise ComposeError(f"docker-compose {words[0]} left with {done.returncode}:\n{done.stderr[-2000:]}\n{logs.stdout[-8000:]}")


@contextmanager
def _issuer(home: Home, port: int) -> Iterator[None]:
    """Run the development issuer, which `ancora up` starts beside the embedded stack only."""
    with subprocess.Popen(issuer_argv(home, port), cwd=CHECKOUT, env=plain_environment() | {"PYTHONPATH": str(CHECKOUT)}) as running:
        try:
            eventually(lambda: _answers(f"http://{LOOPBACK}:{port}/jwks"))
            yield
        finally:
            running.terminate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2).is_success
    except httpx.HTTPError:
        return False
