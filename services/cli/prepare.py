"""Makes what the services need before they start: databases, roles, tables, topics.

`ancora up` does it itself; under an orchestrator `python -m services.cli.prepare` does it once and ends. Safe to repeat.
"""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Literal, NamedTuple

import psycopg
from aiokafka.errors import KafkaError
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from contracts.topics import TOPICS
from services._runtime.errors import Retryable
from services._runtime.messaging.topics import ensure_topics
from services._runtime.provisioning import provision
from services._runtime.reaching import KAFKA_FORMS
from services._runtime.settings import SECRETS, KafkaAddress, PostgresAddress, refused_settings
from services.cli.continuity import created_again, note_ended, require_whole_stores
from services.cli.errors import DeploymentError
from services.cli.refused import kafka_refuses, postgres_refuses

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import TypeVar

    Made = TypeVar("Made")

PATIENCE_S = 30.0
"""Seconds for which a server may not answer: one that was just started, or whose network was, takes a while."""


class Server(NamedTuple):
    """A server that may be on its way up: its name, the variable that holds its address, what is raised while it is away."""

    name: str
    variable: str
    away: tuple[type[Exception], ...]


POSTGRESQL = Server("PostgreSQL", "ANCORA_POSTGRES", (psycopg.OperationalError,))
KAFKA = Server("Kafka", "ANCORA_KAFKA", (KafkaError, Retryable, OSError))


class Preparation(BaseSettings):
    """What the process reads: servers that it may change, and the passwords that our roles are to have."""

    model_config = SettingsConfigDict(env_prefix="ANCORA_", secrets_dir=SECRETS, extra="ignore", frozen=True, hide_input_in_errors=True)

    postgres: PostgresAddress = Field(description="DSN of PostgreSQL, as a superuser")
    kafka: KafkaAddress = Field(description=f"Kafka's bootstrap servers: {KAFKA_FORMS}")
    roles: dict[str, SecretStr] = Field(description="passwords by role, as a JSON object")
    demonstration: Literal["allowed", "refused"] = Field(
        default="refused", description="whether the stores accept events on the demonstration clock"
    )


async def prepare(
    admin_dsn: str,
    kafka: str,
    passwords: Mapping[str, str],
    *,
    demonstration: bool,
    tell: Callable[[str, str], None],
    patience_s: float = PATIENCE_S,
) -> None:
    """Make databases, roles, tables and topics what this version needs; what is there already stays. `tell` hears of the progress.

    Raises `StoresBehind` where a store was restored from a backup and has not been reopened, `DeploymentError` where a server
    does not answer within `patience_s`.
    """
    tell("databases", "migrating")
    await patiently(
        POSTGRESQL,
        lambda: provision(admin_dsn, passwords=passwords, demonstration=demonstration),
        patience_s,
        refuses=lambda: postgres_refuses(admin_dsn),
    )
    tell("databases", "ready")
    created = await patiently(KAFKA, lambda: ensure_topics(kafka, TOPICS), patience_s, refuses=lambda: kafka_refuses(kafka))
    if lost := await created_again(admin_dsn, created):
        tell("topics", f"created again, for the broker had lost them; every event is sent once more: {', '.join(lost)}")
    await require_whole_stores(admin_dsn, kafka)
    await note_ended(admin_dsn)
    tell("topics", "ready")


def main() -> None:
    """Prepare what the environment names."""
    try:
        asked = Preparation()
    except (ValidationError, SettingsError) as error:
        sys.exit(refused_settings(error))
    passwords = {role: password.get_secret_value() for role, password in asked.roles.items()}
    demonstration = asked.demonstration == "allowed"
    try:
        asyncio.run(prepare(asked.postgres.get_secret_value(), asked.kafka, passwords, demonstration=demonstration, tell=_say))
    except DeploymentError as error:
        sys.exit(str(error))


async def patiently(
    server: Server, work: Callable[[], Awaitable[Made]], patience_s: float, *, refuses: Callable[[], Awaitable[str | None]] | None = None
) -> Made:
    """Do what may be repeated until the server carries it out; raises `DeploymentError` when patience ends.

    `refuses` tells why the server lets nobody in, which no patience mends.
    """
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return await work()
        except server.away as error:
            if refuses is not None and (why := await refuses()):
                raise DeploymentError(why) from None
            if time.monotonic() > deadline:
                # The error's own text may hold an address with its password.
                raise DeploymentError(
                    f"{server.name} does not answer ({type(error).__name__}, for {patience_s:.0f} s):"
                    f" see that it runs and that {server.variable} names it"
                ) from None
        await asyncio.sleep(0.5)


def _say(part: str, state: str) -> None:
    sys.stderr.write(f"{part}: {state}\n")


if __name__ == "__main__":
    main()
