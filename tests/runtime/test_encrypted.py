"""TLS to PostgreSQL and Kafka: everything runs through it, and a server that is not the one that is meant is refused."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from deploy.local.paths import CHECKOUT
from services._runtime.ids import new_id
from services._runtime.provisioning import ROLES
from services.cli.errors import DeploymentError
from services.cli.prepare import prepare
from services.cli.refused import kafka_refuses, postgres_refuses
from tests.runtime.messaging.worlds import eventually
from tests.runtime.observing.test_one_trace import _enrol, _positions
from tests.runtime.observing.worlds import from_request_to_report
from tests.support.certificates import Authority
from tests.support.database import Cluster
from tests.support.encrypted import HOST, PASSWORD, USER, encrypted_kafka, encrypted_postgres
from tests.support.kafka import kafka_at
from tests.support.observed import Spans

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

PASSWORDS = dict.fromkeys(ROLES, "a password of tests")


@dataclass(frozen=True)
class Servers:
    """An operator's servers, and files of the test."""

    folder: Path
    ca: Path
    other_ca: Path
    superuser: tuple[str, str, int]
    kafka_port: int
    client: tuple[Path, Path]

    def postgres(self, *, host: str = HOST, ca: Path | None = None, mode: str = "verify-full", password: str = "") -> str:
        """Return the address of PostgreSQL, as it should be but for what is said."""
        user, known, port = self.superuser
        return f"postgresql://{user}:{password or known}@{host}:{port}/postgres?sslmode={mode}&sslrootcert={ca or self.ca}"

    def kafka(self, *, host: str = HOST, ca: Path | None = None, password: str = PASSWORD) -> str:
        """Return the address of Kafka, as it should be but for what is said."""
        file = self.folder / "kafka-password"
        file.write_text(password)
        certificate, key = self.client
        files = f"ca={ca or self.ca}&certificate={certificate}&key={key}&password_file={file}"
        return f"ssl://{USER}@{host}:{self.kafka_port}?{files}"


@pytest.fixture(scope="module")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Servers]:
    """Give PostgreSQL and Kafka with certificates for localhost, of an authority of the test's own."""
    folder = tmp_path_factory.mktemp("certificates")
    authority, other = Authority(folder, "authority"), Authority(folder, "other")
    certificate, key = authority.signs(HOST)
    async with encrypted_postgres(certificate, key) as superuser, encrypted_kafka(certificate, key, authority.ca) as port:
        yield Servers(folder, authority.ca, other.ca, superuser, port, authority.signs("client"))


async def test_from_a_request_to_a_read_model_everything_runs_through_tls(servers: Servers) -> None:
    """Append, sequence, relay, react, ingest, fold; migrations too. The servers let nobody in without it."""
    async with kafka_at(servers.kafka()) as kafka:
        cluster = Cluster(servers.postgres())
        await cluster.prepare()
        spans = Spans()
        async with from_request_to_report(cluster, kafka, spans) as running:
            await _enrol(running, new_id())
            await eventually(lambda: _positions(running), 3)


async def test_the_command_prepares_and_verifies_through_tls(servers: Servers) -> None:
    """Databases, roles, topics are made; every digest is read back by the command in a process of its own."""
    await prepare(servers.postgres(), servers.kafka(), PASSWORDS, demonstration=False, tell=lambda _part, _state: None)
    home = servers.folder / "home"
    (home / "secrets").mkdir(parents=True)
    (home / "secrets" / "roles.json").write_text(json.dumps(PASSWORDS))
    given = {"ANCORA_HOME": str(home), "ANCORA_POSTGRES": servers.postgres(), "ANCORA_KAFKA": servers.kafka()}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANCORA_")}
    argv = [sys.executable, "-m", "services.cli.main", "verify", "--json"]
    environment = kept | given | {"ANCORA_ISSUER": "https://issuer.example"}
    done = await asyncio.to_thread(subprocess.run, argv, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["findings"] == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"ca": "other"}, "is not believed"),
        ({"host": "127.0.0.1"}, "is not believed"),
        ({"password": "guessed"}, "refuses the name or the password"),
        ({"mode": "disable"}, "refuses the name or the password, or this way of connecting"),
    ],
)
async def test_a_postgres_that_is_not_meant_or_lets_nobody_in_is_told_apart(servers: Servers, wrong: dict[str, str], why: str) -> None:
    """At once, for no waiting mends it, and without a word of the address."""
    changed = {"ca": servers.other_ca} if "ca" in wrong else wrong
    address = servers.postgres(**changed)
    with pytest.raises(DeploymentError, match=why) as refused:
        await prepare(address, servers.kafka(), PASSWORDS, demonstration=False, tell=lambda _part, _state: None)
    assert not any(secret in str(refused.value) for secret in (servers.superuser[1], "guessed", address))
    assert await postgres_refuses(servers.postgres()) is None


@pytest.mark.parametrize(
    ("wrong", "why"),
    [({"ca": "other"}, "is not believed"), ({"host": "127.0.0.1"}, "is not believed"), ({"password": "guessed"}, "refuses the name or")],
)
async def test_a_kafka_that_is_not_meant_or_lets_nobody_in_is_told_apart(servers: Servers, wrong: dict[str, str], why: str) -> None:
    """The same for the brokers."""
    changed = {"ca": servers.other_ca} if "ca" in wrong else wrong
    said = await kafka_refuses(servers.kafka(**changed))
    assert said is not None
    assert why in said
    assert "guessed" not in said
    assert await kafka_refuses(servers.kafka()) is None
