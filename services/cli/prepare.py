"""Makes what the services need before they start: databases, roles, tables, topics.

`ancora up` does it itself; under an orchestrator `python -m services.cli.prepare` does it once and ends. Safe to repeat.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from contracts.topics import TOPICS
from services._runtime.messaging.topics import ensure_topics
from services._runtime.provisioning import provision
from services._runtime.settings import SECRETS
from services.cli.continuity import StoresBehind, created_again, note_ended, require_whole_stores

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Preparation(BaseSettings):
    """What the process reads: servers that it may change, and the passwords that our roles are to have."""

    model_config = SettingsConfigDict(env_prefix="ANCORA_", secrets_dir=SECRETS, extra="ignore", frozen=True)

    postgres: SecretStr = Field(description="DSN of PostgreSQL, as a superuser")
    kafka: str = Field(description="Kafka's bootstrap servers, host:port[,host:port]")
    roles: dict[str, SecretStr] = Field(description="passwords by role, as a JSON object")
    demonstration: Literal["allowed", "refused"] = Field(
        default="refused", description="whether the stores accept events on the demonstration clock"
    )


async def prepare(
    admin_dsn: str, kafka: str, passwords: Mapping[str, str], *, demonstration: bool, tell: Callable[[str, str], None]
) -> None:
    """Make databases, roles, tables and topics what this version needs; what is there already stays. `tell` hears of the progress.

    Raises `StoresBehind` where a store was restored from a backup and has not been reopened.
    """
    tell("databases", "migrating")
    await provision(admin_dsn, passwords=passwords, demonstration=demonstration)
    tell("databases", "ready")
    created = await ensure_topics(kafka, TOPICS)
    if lost := await created_again(admin_dsn, created):
        tell("topics", f"created again, for the broker had lost them; every event is sent once more: {', '.join(lost)}")
    await require_whole_stores(admin_dsn, kafka)
    await note_ended(admin_dsn)
    tell("topics", "ready")


def main() -> None:
    """Prepare what the environment names."""
    asked = Preparation()
    passwords = {role: password.get_secret_value() for role, password in asked.roles.items()}
    demonstration = asked.demonstration == "allowed"
    try:
        asyncio.run(prepare(asked.postgres.get_secret_value(), asked.kafka, passwords, demonstration=demonstration, tell=_say))
    except StoresBehind as error:
        sys.exit(str(error))


def _say(part: str, state: str) -> None:
    sys.stderr.write(f"{part}: {state}\n")


if __name__ == "__main__":
    main()
