"""The second fence around the builds of read models: row-level security."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "projecting_0002"
down_revision = "projecting_0001"
branch_labels = None
depends_on = "store_0008"


def upgrade() -> None:
    """Create it."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
