"""The rows of the read models over the journal."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "reporting_0002"
down_revision = "reporting_0001"
branch_labels = None
depends_on = "projecting_0001"


def upgrade() -> None:
    """Create them."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
