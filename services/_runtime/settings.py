"""Settings every service reads from the environment (`ANCORA_…`): where the real parts are, and who may be believed."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

KINDS = ("api", "sequence", "consume", "ingest", "project", "schedule")
"""What a process can do for its service. `sequence` includes the relay: one leader does both.

Without `api` it listens all the same, for probes and for whoever scrapes: /health/live, /health/ready, /status and /metrics.
"""


SECRETS = _SECRETS if (_SECRETS := Path("/run/secrets")).is_dir() else None
"""Where an orchestrator mounts secrets: a file `ancora_database` there stands for the variable `ANCORA_DATABASE`, which wins."""


class RuntimeSettings(BaseSettings):
    """What every service reads: one process is one service."""

    model_config = SettingsConfigDict(env_prefix="ANCORA_", secrets_dir=SECRETS, extra="ignore", frozen=True)

    database: SecretStr = Field(description="DSN of the service's own database, as its application role")
    answers_database: SecretStr = Field(description="DSN of the same database, as the role that answers callers: it reaches what they may")
    host: str = Field(default="127.0.0.1", description="address on which the process listens")
    port: int = Field(description="port on which the process listens")
    keys_database: SecretStr = Field(description="DSN of the keys database, as this service's application role")
    kek_file: Path = Field(description="file that holds the key-encryption key; created on first start")
    kafka: str = Field(description="Kafka's bootstrap servers, host:port[,host:port]")
    issuer: str = Field(description="URL of the OIDC issuer whose tokens are believed")
    audience: str = Field(default="ancora", description="whom tokens must be for")
    demonstration: Literal["allowed", "refused"] = Field(
        default="refused", description="whether tokens may carry the demonstration clock; only beside the development issuer"
    )
    otlp: str = Field(default="", description="base URL of an OTLP/HTTP collector, to which traces are sent; without it none are made")
    traces: float = Field(
        default=0.05, ge=0, le=1, description="share of all traces that is recorded, chosen by their ids; the same in every process"
    )
    requests_a_second: float = Field(default=200, gt=0, description="requests that one caller may send a second, to each process")
    records_an_hour: int = Field(default=500, ge=1, description="different records that one caller may read an hour, in each process")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info", description="least severity that is logged")
