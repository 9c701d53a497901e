"""The journal: every record of every source once, in one order, and up to where Kafka was read."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "reporting_0001"
down_revision = None
branch_labels = ("reporting",)
depends_on = ("store_0001", "messaging_0001")


def upgrade() -> None:
    """Create it."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
