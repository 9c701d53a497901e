"""The tables of the event store, and the triggers that make history unalterable."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "store_0001"
down_revision = None
branch_labels = ("store",)
depends_on = None


def upgrade() -> None:
    """Create them."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
