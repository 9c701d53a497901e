"""Other names of persons, for search and among the blinded keys: built from the store."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "intake_0013"
down_revision = "intake_0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the tables."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
