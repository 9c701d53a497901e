"""The second fence around the journal and the read models: row-level security."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "reporting_0004"
down_revision = "reporting_0003"
branch_labels = None
depends_on = "projecting_0002"


def upgrade() -> None:
    """Create it."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
