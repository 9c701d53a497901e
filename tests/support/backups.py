"""Backups of a whole Ancora's databases, by PostgreSQL's own tools, as an operator makes and restores them."""

from __future__ import annotations

import asyncio
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from deploy.local.postgres import packaged_installation
from deploy.local.stack import EmbeddedStack
from services._runtime.provisioning import database_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.whole import Ancora


@contextmanager
def parts_alone(ancora: Ancora) -> Iterator[None]:
    """End everything; then have Kafka and PostgreSQL run without any service."""
    assert ancora.run("down").returncode == 0
    stack = EmbeddedStack(ancora.home)
    asyncio.run(stack.start())
    try:
        yield
    finally:
        asyncio.run(stack.stop())


def back_up(ancora: Ancora, service: str, folder: Path) -> Path:
    """Return a backup of a service's database as it is now."""
    file = folder / f"{service}.dump"
    dump(ancora.dsn_of_parts.format(database=database_of(service)), file)
    return file


def dump(dsn: str, file: Path, *words: str) -> None:
    """Write a backup of a database, without the names that lie in clear for search."""
    _tool("pg_dump", "--format=custom", "--exclude-table-data=private.*", *words, f"--file={file}", dsn)


def script_of(file: Path) -> str:
    """Return everything that a backup holds, as text."""
    done = subprocess.run(
        [packaged_installation() / "bin" / "pg_restore", "--file=-", str(file)], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def put_back(dsn: str, file: Path, *words: str) -> None:
    """Put what a backup holds into a database that is there."""
    _tool("pg_restore", "--exit-on-error", *words, f"--dbname={dsn}", str(file))


def restore(ancora: Ancora, service: str, file: Path) -> None:
    """Put a service's database back to a backup; nobody may be connected to it."""
    drop(ancora, service)
    _tool("pg_restore", "--create", "--exit-on-error", f"--dbname={ancora.dsn_of_parts.format(database='postgres')}", str(file))


def drop(ancora: Ancora, service: str) -> None:
    """Lose a service's database; nobody may be connected to it."""
    _tool("dropdb", f"--maintenance-db={ancora.dsn_of_parts.format(database='postgres')}", database_of(service))


def _tool(name: str, *words: str) -> None:
    done = subprocess.run([packaged_installation() / "bin" / name, *words], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
