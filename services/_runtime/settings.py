"""Settings every service reads from the environment (`ANCORA_…`): where the real parts are, and who may be believed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from services._runtime.reaching import (
    KAFKA_FORMS,
    cluster_at,
    require_encrypted_collector,
    require_encrypted_issuer,
    require_encrypted_postgres,
)

KINDS = ("api", "sequence", "consume", "ingest", "project", "schedule")
"""What a process can do for its service. `sequence` includes the relay: one leader does both.

Without `api` it listens all the same, for probes and for whoever scrapes: /health/live, /health/ready, /status and /metrics.
"""


SECRETS = _SECRETS if (_SECRETS := Path("/run/secrets")).is_dir() else None
"""Where an orchestrator mounts secrets: a file `ancora_database` there stands for the variable `ANCORA_DATABASE`, which wins."""


def _encrypted(dsn: SecretStr) -> SecretStr:
    require_encrypted_postgres(dsn.get_secret_value())
    return dsn


def _understood(address: str) -> str:
    cluster_at(address)
    return address


PostgresAddress = Annotated[SecretStr, AfterValidator(_encrypted)]
"""A connection string that says nothing in plain text where somebody else could listen, unless it says so."""

KafkaAddress = Annotated[str, AfterValidator(_understood)]
"""An address of Kafka of which the same is true. It holds no secret: a password is in the file that it names."""


def _refused(error: ValidationError | SettingsError) -> str:
    """Return which variables are missing or wrong and why, a line each, without what they hold."""
    if isinstance(error, SettingsError):
        # Its text names the setting and where it was read from; what it could not read is its cause's.
        return f"the process does not start: {error}"
    lines = [f"ANCORA_{'_'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors(include_input=False)]
    return "\n".join(["the process does not start:", *lines])


Asked = TypeVar("Asked", bound=BaseSettings)


def asked_of_environment(kind: type[Asked]) -> Asked:
    """Return what a process reads; ends the process, in words, where something is missing or wrong."""
    try:
        return kind()
    except (ValidationError, SettingsError) as error:
        raise SystemExit(_refused(error)) from None


class RuntimeSettings(BaseSettings):
    """What every service reads: one process is one service."""

    model_config = SettingsConfigDict(env_prefix="ANCORA_", secrets_dir=SECRETS, extra="ignore", frozen=True, hide_input_in_errors=True)

    database: PostgresAddress = Field(description="DSN of the service's own database, as its application role")
    answers_database: PostgresAddress = Field(
        description="DSN of the same database, as the role that answers callers: it reaches what they may"
    )
    access_database: PostgresAddress = Field(
        description="DSN of the database of the records of the service's reads, as its application role"
    )
    host: str = Field(default="127.0.0.1", description="address on which the process listens")
    port: int = Field(description="port on which the process listens")
    keys_database: PostgresAddress = Field(description="DSN of the keys database, as this service's application role")
    kek_file: Path | None = Field(
        default=None, description="file that holds the key-encryption key, older ones after it; created on first start"
    )
    kek: SecretStr | None = Field(default=None, description="what that file would hold, where none is given: one of the two is needed")
    key_backups_days: int = Field(
        default=35, ge=0, description="days for which backups of the keys database are kept: a certificate of erasure names the last one"
    )
    kafka: KafkaAddress = Field(description=f"Kafka's bootstrap servers: {KAFKA_FORMS}")
    issuer: Annotated[str, AfterValidator(require_encrypted_issuer)] = Field(description="URL of the OIDC issuer whose tokens are believed")
    audience: str = Field(default="ancora", description="whom tokens must be for")
    client_id: str = Field(default="ancora-pages", description="as whom the pages ask the issuer to sign people in")
    client_secret: SecretStr | None = Field(default=None, description="the pages' secret at the issuer, where it gave them one")
    demonstration: Literal["allowed", "refused"] = Field(
        default="refused", description="whether tokens may carry the demonstration clock; only beside the development issuer"
    )
    otlp: Annotated[str, AfterValidator(require_encrypted_collector)] = Field(
        default="",
        description="base URL of an OTLP/HTTP collector, to which traces are sent; without it none are made."
        " https:// elsewhere than on this machine, or plaintext:// where nobody else is on the network",
    )
    traces: float = Field(
        default=0.05, ge=0, le=1, description="share of all traces that is recorded, chosen by their ids; the same in every process"
    )
    requests_a_second: float = Field(default=200, gt=0, description="requests that one caller may send a second, to each process")
    records_an_hour: int = Field(default=500, ge=1, description="different records that one caller may read an hour, in each process")
    proxies: str = Field(
        default="", description="addresses of proxies that are believed when they say who called and that TLS was spoken, comma-separated"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="least severity that is logged")

    @model_validator(mode="after")
    def _keys_can_be_opened(self) -> Self:
        if self.kek_file is None and self.kek is None:
            raise ValueError("no key-encryption key: set ANCORA_KEK_FILE or ANCORA_KEK")
        return self
