"""Schema migrations: Alembic revisions whose work is plain SQL beside them, gathered from the rooms that own tables."""
