"""Alembic's environment: runs the revisions on the connection that `migrate` opened."""

from __future__ import annotations

from alembic import context

from services._runtime.migrating.migrate import VERSIONS_SCHEMA

with context.config.attributes["engine"].connect() as connection:
    context.configure(connection=connection, version_table_schema=VERSIONS_SCHEMA)
    with context.begin_transaction():
        context.run_migrations()
