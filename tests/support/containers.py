"""Kafka and PostgreSQL in containers for tests, through testcontainers, where an engine answers and has the images or can get them."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from docker.errors import DockerException
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer
from testcontainers.core.docker_client import DockerClient

from deploy.local.kafka import SETTINGS as KAFKA_SETTINGS
from deploy.local.kafka import serves
from deploy.local.ports import LOOPBACK
from deploy.local.postgres import CLUSTER, SUPERUSER
from deploy.local.postgres import SETTINGS as POSTGRES_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docker import DockerClient as Engine

_ANSWER_S = 5
_SILENCE_S = 30
"""Seconds without a word of the engine while it pulls, after which the registry counts as out of reach."""
_PULL_S = 240
_START_S = 90
_BROKER, _CONTROLLER = 9092, 9093


class NoContainersError(Exception):
    """No engine answers, or an image is not to be had; the text says which."""


@dataclass(frozen=True)
class Images:
    """Which images are run: the public ones, unless the environment names others."""

    kafka: str = field(default_factory=lambda: os.environ.get("ANCORA_IMAGE_KAFKA", "apache/kafka:4.3.1"))
    postgres: str = field(default_factory=lambda: os.environ.get("ANCORA_IMAGE_POSTGRES", "postgres:18"))


def demand(images: Images, *, patience_s: float = _ANSWER_S) -> None:
    """Make sure, within a bound, that an engine answers and holds the images; raises `NoContainersError`."""
    try:
        engine = DockerClient(timeout=patience_s).client
    except DockerException:
        raise NoContainersError("no container engine answers") from None
    try:
        for image in (images.kafka, images.postgres):
            if not engine.images.list(name=image):
                _pull(engine, image)
    except (DockerException, OSError) as error:
        raise NoContainersError(f"the container engine does not have {image} and cannot get it: {error}") from None
    finally:
        engine.close()


@contextmanager
def containers(images: Images, kafka_port: int) -> Iterator[tuple[str, str]]:
    """Give Kafka's bootstrap address, on this free port, and PostgreSQL's superuser DSN; both are removed afterwards."""
    # Nothing is left to a reaper, which would be one more image to be had.
    testcontainers_config.ryuk_disabled = True
    with ExitStack() as started:
        kafka = started.enter_context(_kafka(images.kafka, kafka_port))
        postgres = started.enter_context(_postgres(images.postgres))
        _wait(kafka, kafka_port)
        try:
            yield f"{LOOPBACK}:{kafka_port}", postgres.get_connection_url(host=LOOPBACK)
        finally:
            kafka.reload()
            if kafka.status != "running":
                sys.stderr.write(f"Kafka's container is {kafka.status}; the end of its log:\n{_log(kafka)}\n")


def _kafka(image: str, port: int) -> DockerContainer:
    """Return the broker; it must know the port under which it is found, so that this is chosen beforehand."""
    settings = KAFKA_SETTINGS | {
        "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "listeners": f"CLIENT://:{_BROKER},CONTROLLER://:{_CONTROLLER}",
        "advertised.listeners": f"CLIENT://{LOOPBACK}:{port}",
        "controller.quorum.voters": f"1@{LOOPBACK}:{_CONTROLLER}",
        "log.dirs": "/var/lib/kafka/data",
    }
    environment = {f"KAFKA_{name.upper().replace('.', '_')}": str(value) for name, value in settings.items()}
    heap = {"KAFKA_HEAP_OPTS": "-Xms128m -Xmx512m"}
    return DockerContainer(image, env=environment | heap).with_bind_ports(_BROKER, port)


def _postgres(image: str) -> PostgresContainer:
    made = PostgresContainer(image, username=SUPERUSER, password=secrets.token_urlsafe(24), dbname="postgres", driver=None)
    made.with_env("POSTGRES_INITDB_ARGS", " ".join(CLUSTER))
    made.with_command(["postgres", *(f"-c{name}={value}" for name, value in POSTGRES_SETTINGS.items())])
    return made


def _wait(kafka: DockerContainer, port: int) -> None:
    deadline = time.monotonic() + _START_S
    while not asyncio.run(serves(port)):
        kafka.reload()
        if kafka.status != "running" or time.monotonic() > deadline:
            raise NoContainersError(f"Kafka's container did not start; the end of its log:\n{_log(kafka)}")
        time.sleep(0.2)


def _log(container: DockerContainer) -> str:
    out, err = container.get_logs()
    return (out + err).decode(errors="replace")[-2000:]


def _pull(engine: Engine, image: str) -> None:
    engine.api.timeout = _SILENCE_S
    deadline = time.monotonic() + _PULL_S
    for progress in engine.api.pull(image, stream=True, decode=True):
        if "error" in progress:
            raise NoContainersError(f"the container engine cannot get {image}: {progress['error']}")
        if time.monotonic() > deadline:
            raise NoContainersError(f"the container engine did not get {image} within {_PULL_S} s")
