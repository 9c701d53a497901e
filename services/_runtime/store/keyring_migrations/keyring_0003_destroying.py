"""Destroying the keys of somebody: all of them at once, and no other is ever made."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "keyring_0003"
down_revision = "keyring_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what destroys them."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
