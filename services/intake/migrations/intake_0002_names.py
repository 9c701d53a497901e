"""Names in clear, for search: unlogged, and built from the store."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "intake_0002"
down_revision = "intake_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
