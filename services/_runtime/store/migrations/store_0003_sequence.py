"""Leadership by epochs, and the function that gives events their feed positions."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "store_0003"
down_revision = "store_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
