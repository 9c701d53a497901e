from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contracts.topics import SERVICES
from deploy.compose import make_secrets
from deploy.local.kafka import SETTINGS as KAFKA_SETTINGS
from deploy.local.paths import CHECKOUT
from deploy.local.postgres import CLUSTER
from deploy.local.postgres import SETTINGS as POSTGRES_SETTINGS
from services._runtime.provisioning import ROLES

FILE = CHECKOUT / "deploy" / "compose" / "compose.yaml"


@pytest.fixture(scope="module")
def composed() -> dict[str, Any]:
    """Give compose.yaml as Compose itself reads it; no engine is asked."""
    command = [str(Path(sys.executable).with_name("docker-compose")), f"--file={FILE}", "--profile=*", "config", "--format=json"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANCORA_", "DOCKER_", "COMPOSE_"))}
    read = subprocess.run(command, env=kept, capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")
    content: dict[str, Any] = json.loads(read.stdout)
    return content


def test_every_container_is_hardened_and_published_on_the_loopback_interface_only(composed: dict[str, Any]) -> None:
    for name, one in composed["services"].items():
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one["read_only"], name
        assert not {"privileged", "cap_add", "network_mode", "pid"} & one.keys(), name
        assert {port["host_ip"] for port in one.get("ports", [])} <= {"127.0.0.1"}, name


def test_public_images_are_the_default(composed: dict[str, Any]) -> None:
    assert (composed["services"]["postgres"]["image"], composed["services"]["kafka"]["image"]) == ("postgres:18", "apache/kafka:4.3.1")
    assert {one["build"]["args"]["BASE"] for one in composed["services"].values() if "build" in one} == {"python:3.13-slim"}


def test_a_service_gets_its_own_secrets_and_nobody_elses(composed: dict[str, Any]) -> None:
    for service in SERVICES:
        mounted = {secret["source"]: secret["target"] for secret in composed["services"][service]["secrets"]}
        assert mounted == {
            f"dsn-{service}": "ancora_database",
            f"dsn-{service}-answers": "ancora_answers_database",
            f"dsn-{service}-access": "ancora_access_database",
            f"dsn-{service}-keys": "ancora_keys_database",
            f"kek-{service}": "ancora_kek",
        }
        assert composed["services"][service]["environment"]["ANCORA_KEK_FILE"] == "/run/secrets/ancora_kek"


def test_services_start_once_databases_and_topics_are_made(composed: dict[str, Any]) -> None:
    services = composed["services"]
    assert all(services[service]["depends_on"]["setup"]["condition"] == "service_completed_successfully" for service in SERVICES)
    assert {part: needed["condition"] for part, needed in services["setup"]["depends_on"].items()} == {
        "postgres": "service_healthy",
        "kafka": "service_healthy",
    }


def test_the_development_issuer_starts_only_where_it_is_asked_for(composed: dict[str, Any]) -> None:
    """Whoever reaches it is anyone."""
    assert composed["services"]["issuer"]["profiles"] == ["development"]


def test_the_parts_are_set_as_the_embedded_ones_are(composed: dict[str, Any]) -> None:
    """What is acknowledged is on disk, no personal value is logged, topics are never shortened: in a container, too."""
    postgres, kafka = composed["services"]["postgres"], composed["services"]["kafka"]["environment"]
    assert postgres["command"] == ["postgres", *(f"-c{name}={value}" for name, value in POSTGRES_SETTINGS.items())]
    assert postgres["environment"]["POSTGRES_INITDB_ARGS"] == " ".join(CLUSTER)
    expected = {f"KAFKA_{name.upper().replace('.', '_')}": str(value) for name, value in KAFKA_SETTINGS.items()}
    assert expected.items() <= {name: str(value) for name, value in kafka.items()}.items()


def test_secrets_are_made_once_and_are_all_that_compose_mounts(composed: dict[str, Any], tmp_path: Path) -> None:
    """A second run must not change a key: every personal field would be unreadable."""
    folder = tmp_path / "secrets"
    make_secrets.make(folder)
    made = {file.name: file.read_text() for file in folder.iterdir()}
    make_secrets.make(folder)
    assert {file.name: file.read_text() for file in folder.iterdir()} == made
    assert {Path(secret["file"]).name for secret in composed["secrets"].values()} == made.keys()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o444}


def test_secrets_are_for_the_roles_and_services_that_there_are(tmp_path: Path) -> None:
    make_secrets.make(tmp_path)
    passwords = json.loads((tmp_path / "roles.json").read_text())
    assert passwords.keys() == set(ROLES)
    assert make_secrets.SERVICES == SERVICES
    for service in SERVICES:
        role = f"ancora_{service}"
        assert (tmp_path / f"dsn-{service}").read_text() == (f"postgresql://{role}:{passwords[role]}@postgres:5432/{role}?sslmode=disable")


def test_secrets_lie_where_git_does_not_look() -> None:
    """No secret is ever committed."""
    asked = ["deploy/compose/.ancora/secrets/roles.json", "wheelhouse/some.whl"]
    ignored = subprocess.run(["git", "check-ignore", *asked], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert ignored.stdout.split() == asked
