"""What a revision calls: it runs the SQL file that lies beside it under the same name."""

from __future__ import annotations

from pathlib import Path

from alembic import op


def run_sql_beside(revision_file: str) -> None:
    """Run the file named as the revision but ending in `.sql`, as it stands: no placeholder in it is ever replaced.

    Call it as `run_sql_beside(__file__)`. It runs in the transaction of the migration.
    """
    statements = Path(revision_file).with_suffix(".sql").read_bytes()
    driver = op.get_bind().connection.driver_connection
    assert driver is not None  # noqa: S101 - Alembic is online here, so there is a connection; the type cannot say so
    with driver.cursor() as cursor:
        cursor.execute(statements)


def forward_only() -> None:
    """Refuse to go back: history is append-only, and so is its schema. A mistake is mended by another revision."""
    msg = "migrations only go forward: write a new revision instead"
    raise NotImplementedError(msg)
