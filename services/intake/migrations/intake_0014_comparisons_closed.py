"""A comparison that was declined after both agreed opens nothing behind the second fence."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "intake_0014"
down_revision = "intake_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Replace the function."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
