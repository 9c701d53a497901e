"""The second fence around what is parked: row-level security."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "messaging_0002"
down_revision = "messaging_0001"
branch_labels = None
depends_on = "store_0008"


def upgrade() -> None:
    """Create it."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
