"""Where this checkout's Ancora runs: the real parts' addresses, the services' ports, and the environment each process gets."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
import httpx
from aiokafka.errors import KafkaError

from contracts.topics import access_of
from deploy.local.keycloak.server import KEYCLOAK, KeycloakServer
from deploy.local.paths import CHECKOUT, Home, default_home, write_whole
from deploy.local.ports import LOOPBACK, PortBook
from deploy.local.stack import EmbeddedStack
from services._runtime.errors import Retryable
from services._runtime.migrating.migrate import KEYS
from services._runtime.provisioning import ROLES, answers_role_of, database_of, role_of
from services._runtime.reaching import AddressRefused, cluster_at, require_encrypted_issuer, require_encrypted_postgres
from services.cli.console import fail
from services.cli.errors import DeploymentError
from services.cli.refused import in_words, kafka_refuses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from deploy.local.stack import Progress

ISSUER = "issuer"
ORGANISATIONS = CHECKOUT / "contracts" / "reference" / "consortium.yaml"
"""Of which the invented people are."""
_INHERITED = (
    *("PATH", "LANG", "TZ", "HOME"),
    *("ANCORA_LOG_LEVEL", "ANCORA_AUDIENCE", "ANCORA_OTLP", "ANCORA_TRACES", "ANCORA_REQUESTS_A_SECOND", "ANCORA_RECORDS_AN_HOUR"),
    "ANCORA_PROXIES",
)
_GIVEN = ("ANCORA_POSTGRES", "ANCORA_KAFKA", "ANCORA_ISSUER")


@contextmanager
def told() -> Iterator[None]:
    """Say in words what the surroundings do not allow, or that a part does not answer, and leave with exit code 1."""
    try:
        yield
    except DeploymentError as error:
        fail(str(error))
    except (KafkaError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, Retryable, httpx.HTTPError) as error:
        if why := _refused(error):
            fail(why)
        # The text of such an error may hold an address with its password.
        fail(f"a part does not answer ({type(error).__name__}): see `./ancora status`")


def _refused(error: Exception) -> str | None:
    given = os.environ.get("ANCORA_KAFKA", "")
    if given and isinstance(error, KafkaError):
        return asyncio.run(kafka_refuses(given))
    return in_words("PostgreSQL", "ANCORA_POSTGRES", error) or in_words("PostgreSQL", "ANCORA_POSTGRES", error.__cause__)


@dataclass(frozen=True)
class Deployment:
    """One Ancora: its data folder, the addresses of Kafka and PostgreSQL, and whether they are embedded.

    `admin_dsn` connects as a role that may create databases and roles.
    """

    home: Home
    admin_dsn: str
    kafka: str
    embedded: bool
    given_issuer: str | None = None
    keycloak: bool = False
    """Whether a Keycloak of this machine is the issuer, and not the development issuer."""

    @property
    def development(self) -> bool:
        """Whether the issuer is the development issuer, whose people are invented: only beside it the demonstration clock is allowed."""
        return self.embedded and not self.keycloak

    def keycloak_server(self) -> KeycloakServer:
        """Return this machine's Keycloak; the services have their ports already."""
        return KeycloakServer(self.home, self.ports.known(KEYCLOAK) or self.ports.port_for(KEYCLOAK), self.url("reporting"))

    @property
    def ports(self) -> PortBook:
        """The port of each process that listens."""
        return PortBook(self.home.root / "ports.json")

    def url(self, name: str) -> str:
        """Return the address of a service or of the development issuer as it was last started."""
        if name == ISSUER and self.given_issuer is not None:
            return self.given_issuer
        if name == ISSUER and self.keycloak:
            return self.keycloak_server().issuer
        port = self.ports.known(name)
        if port is None:
            raise DeploymentError(f"{name} was never started here: run `./ancora up`")
        return f"http://{LOOPBACK}:{port}"

    def dsn(self, database: str, role: str) -> str:
        """Return the connection string of one of our roles to one of our databases."""
        parts = urlsplit(self.admin_dsn)
        host = parts.netloc.rpartition("@")[2]
        login = f"{role}:{quote(self.passwords()[role], safe='')}"
        return urlunsplit((parts.scheme, f"{login}@{host}", f"/{database}", parts.query, ""))

    def admin(self, database: str) -> str:
        """Return the administrator's connection string to one of our databases."""
        return urlunsplit(urlsplit(self.admin_dsn)._replace(path=f"/{database}"))

    def passwords(self) -> dict[str, str]:
        """Return the passwords of our roles, made when first asked for and kept in the data folder."""
        file = self.home.secrets / "roles.json"
        if not file.exists():
            write_whole(file, "{}")
        content: dict[str, str] = json.loads(file.read_text())
        if missing := [role for role in ROLES if role not in content]:
            content |= {role: secrets.token_urlsafe(24) for role in missing}
            write_whole(file, json.dumps(content))
        return content

    def kek_file(self, service: str) -> Path:
        """Return the file of a service's key-encryption keys."""
        return self.home.secrets / f"kek-{service}"

    def environment(self, service: str, ports: Mapping[str, int]) -> dict[str, str]:
        """Return what one service's process reads: everything it needs and nothing of the others'."""
        kept = {name: value for name, value in os.environ.items() if name in _INHERITED}
        role, database = role_of(service), database_of(service)
        return kept | {
            "ANCORA_DATABASE": self.dsn(database, role),
            "ANCORA_ANSWERS_DATABASE": self.dsn(database, answers_role_of(service)),
            "ANCORA_ACCESS_DATABASE": self.dsn(database_of(access_of(service)), role),
            "ANCORA_KEYS_DATABASE": self.dsn(database_of(KEYS), role),
            "ANCORA_KEK_FILE": str(self.kek_file(service)),
            "ANCORA_KAFKA": self.kafka,
            "ANCORA_ISSUER": self.url(ISSUER),
            "ANCORA_PORT": str(ports[service]),
            "ANCORA_DEMONSTRATION": "allowed" if self.development else "refused",
            "PYTHONUNBUFFERED": "1",
        }


async def start_parts(home: Home, progress: Progress, *, keycloak: bool = False) -> Deployment:
    """Return the deployment with its real parts running: given ones as they are, else the embedded ones, started.

    `keycloak`: its issuer is to be a Keycloak of this machine; with given servers that is refused, for theirs is given with them.
    """
    given = _given(home)
    if given is not None and keycloak:
        raise DeploymentError("--keycloak goes with the embedded servers: ANCORA_ISSUER is your issuer already")
    if given is not None:
        home.prepare()
        return given
    addresses = await EmbeddedStack(home).start(progress)
    if keycloak:
        _marker(home).touch()
    else:
        _marker(home).unlink(missing_ok=True)
    return Deployment(home, addresses.dsn(), addresses.kafka, embedded=True, keycloak=keycloak)


def running() -> Deployment:
    """Return the deployment of this checkout as it runs now. Raises `DeploymentError` where the parts are down."""
    home = default_home()
    given = _given(home)
    if given is not None:
        return given
    addresses = EmbeddedStack(home).running()
    if addresses is None:
        raise DeploymentError("Ancora is not running here: start it with `./ancora up`")
    return Deployment(home, addresses.dsn(), addresses.kafka, embedded=True, keycloak=_marker(home).exists())


def _marker(home: Home) -> Path:
    """Return the file that is there while the issuer of a data folder is a Keycloak."""
    return home.run / "with-keycloak"


def _given(home: Home) -> Deployment | None:
    values = {name: os.environ.get(name, "") for name in _GIVEN}
    if not any(values.values()):
        return None
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise DeploymentError(
            f"to use existing servers set {', '.join(_GIVEN)} together (missing: {', '.join(missing)}); "
            "to use the embedded ones unset them all"
        )
    try:
        require_encrypted_postgres(values["ANCORA_POSTGRES"])
        cluster_at(values["ANCORA_KAFKA"])
        require_encrypted_issuer(values["ANCORA_ISSUER"])
    except AddressRefused as refused:
        raise DeploymentError(str(refused)) from None
    return Deployment(home, values["ANCORA_POSTGRES"], values["ANCORA_KAFKA"], embedded=False, given_issuer=values["ANCORA_ISSUER"])


def service_argv(service: str) -> list[str]:
    """Return how a service's process is started."""
    return [sys.executable, "-m", f"services.{service}.main"]


def issuer_argv(home: Home, port: int) -> list[str]:
    """Return how the development issuer is started."""
    module = [sys.executable, "-m", "deploy.local.development_issuer"]
    return [*module, "--port", str(port), "--home", str(home.root), "--organisations", str(ORGANISATIONS)]
