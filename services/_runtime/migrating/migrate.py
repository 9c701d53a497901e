"""Bring a database to the newest schema: the revisions of the rooms that it uses, and its service's own."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from contracts.topics import ACCESS, service_of

VERSIONS_SCHEMA = "migrating"
KEYS = "keys"
"""The name under which the database of keys is migrated; all others are named for their feed."""

_ROOM = Path(__file__).parent
_RUNTIME = _ROOM.parent


def migrate(owner_dsn: str, service: str) -> None:
    """Apply all outstanding revisions in one transaction; does nothing where the schema is the newest.

    `owner_dsn` connects as the owner of the database of `service` ("keys" for that of the keys, "<service>.access" for that of the
    records of its reads). The application's roles, `ancora_<service>` and `ancora_<service>_answers`, must exist.
    Not to be called concurrently within a process: Alembic keeps one global context.
    """
    engine = create_engine("postgresql+psycopg://", creator=lambda: _connect(owner_dsn, service), poolclass=NullPool)
    config = Config()
    config.set_main_option("script_location", str(_ROOM))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", os.pathsep.join(str(folder) for folder in revision_folders(service)))
    config.attributes["engine"] = engine
    command.upgrade(config, "heads")


def revision_folders(service: str) -> list[Path]:
    """Return the folders whose revisions the database of `service` needs; those that do not exist are left out."""
    if service == KEYS:
        return [_RUNTIME / "store" / "keyring_migrations"]
    if service in ACCESS:
        return [_RUNTIME / "store" / "migrations"]
    rooms = [_RUNTIME / room / "migrations" for room in ("store", "messaging", "projecting")]
    return [folder for folder in (*rooms, _RUNTIME.parent / service / "migrations") if folder.is_dir()]


def _connect(owner_dsn: str, service: str) -> psycopg.Connection:
    """Connect, make the helpers of `granting.sql`, and say for whom revisions grant."""
    connection = psycopg.connect(owner_dsn)
    connection.execute("select set_config('ancora.application_role', %s, false)", [f"ancora_{service_of(service)}"])
    connection.execute("select set_config('ancora.answers_role', %s, false)", [f"ancora_{service_of(service)}_answers"])
    connection.execute((_ROOM / "granting.sql").read_bytes())
    connection.commit()
    return connection
