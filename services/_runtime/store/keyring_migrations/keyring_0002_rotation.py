"""Rotation of keys: a key's secret before this one, how far each is, and key-encryption keys that are retired."""

from __future__ import annotations

from services._runtime.migrating.revisions import forward_only, run_sql_beside

revision = "keyring_0002"
down_revision = "keyring_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it."""
    run_sql_beside(__file__)


def downgrade() -> None:
    """Refuse."""
    forward_only()
